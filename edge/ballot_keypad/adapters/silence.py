"""Tones and prompts that are switched off, or have no wire."""

from edge.ballot_keypad.sound.prompts import Prompt
from edge.ballot_keypad.sound.tones import Tone


class NoTones:
    """Implements Tones: silence."""

    def play(self, tone: Tone) -> None:
        """Nobody hears it."""

    def close(self) -> None:
        """There is nothing to give back."""


class NoPrompts:
    """Implements Prompts: silence."""

    def say(self, prompt: Prompt, *, is_secret: bool) -> None:
        """Nobody hears it."""

    def close(self) -> None:
        """There is nothing to give back."""
