"""The PIN of a badge, asked at the seat before a vote: what the twin seals to this keypad, and the digits
that somebody types."""
