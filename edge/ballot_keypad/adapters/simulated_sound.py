"""Tones and prompts for nobody's ears. Hands: `played`, `said`."""

from edge.ballot_keypad.sound.prompts import Audio, Prompt, may_say
from edge.ballot_keypad.sound.tones import Tone


class SimulatedTones:
    """Implements Tones."""

    def __init__(self) -> None:
        self.played: list[Tone] = []

    def play(self, tone: Tone) -> None:
        self.played.append(tone)

    def close(self) -> None:
        """Nothing sounds."""


class SimulatedPrompts:
    """Implements Prompts."""

    def __init__(self, audio: Audio = Audio.SPEAKER) -> None:
        self.said: list[Prompt] = []
        self._audio = audio

    def say(self, prompt: Prompt, *, is_secret: bool) -> None:
        if may_say(prompt, self._audio, is_secret=is_secret):
            self.said.append(prompt)

    def close(self) -> None:
        """Nothing is said."""
