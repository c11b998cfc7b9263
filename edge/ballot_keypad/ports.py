"""What a keypad needs beside the device: keys, a small display, tones and spoken prompts."""

from collections.abc import Callable
from typing import Final, Protocol

from edge.ballot_keypad.display.page import Page
from edge.ballot_keypad.keys.press import KeyEvent
from edge.ballot_keypad.sound.prompts import Prompt
from edge.ballot_keypad.sound.tones import Tone

BEAT_MS: Final = 2_000
"""Keys that have not beaten for so long hang."""


class Keys(Protocol):
    def start(self, on_key: Callable[[KeyEvent], None], beat: Callable[[], None]) -> None:
        """Tell every press, refusal and stuck key, from any thread, in order. beat: called at least once in
        BEAT_MS while the keys are listened to. Raises KeysError."""
        ...

    def close(self) -> None: ...


class Screen(Protocol):
    def show(self, page: Page, part: int = 0) -> None:
        """Replace what is shown. part: which of the page's `parts`, from 0; beyond the last: the last. Raises
        ScreenError; the next call tries again with a display that was plugged in meanwhile."""
        ...

    def parts(self, page: Page) -> int:
        """How many glassfuls the page is, at least 1."""
        ...

    def close(self) -> None:
        """Dark: what was said last does not stay when nobody stands behind it."""
        ...


class Tones(Protocol):
    def play(self, tone: Tone) -> None:
        """In place of one that is still on. Never blocks, never raises."""
        ...

    def close(self) -> None: ...


class Prompts(Protocol):
    def say(self, prompt: Prompt, *, is_secret: bool) -> None:
        """In place of one that is still on, if it may be heard here (prompts.may_say). Never blocks, never
        raises."""
        ...

    def close(self) -> None: ...
