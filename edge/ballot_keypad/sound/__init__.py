"""What a keypad sounds: tones, prompts, and when each may be heard."""
