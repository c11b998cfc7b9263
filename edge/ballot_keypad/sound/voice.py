"""Tones and spoken prompts of a keypad: which state says what. Every press has the same tone."""

from enum import StrEnum
from typing import Final

from edge.ballot_keypad.keys.press import Button
from edge.ballot_keypad.open.ballot import State as OpenState
from edge.ballot_keypad.ports import Prompts, Tones
from edge.ballot_keypad.secret.life import State as SecretState
from edge.ballot_keypad.sound.prompts import Prompt
from edge.ballot_keypad.sound.tones import Tone

PROMPT: Final[dict[StrEnum, Prompt]] = {
    OpenState.OPEN: Prompt.QUESTION_OPEN,
    OpenState.STORED: Prompt.STORED,
    OpenState.RECORDED: Prompt.RECORDED,
    OpenState.HELD: Prompt.HELD,
    OpenState.CLOSED: Prompt.CLOSED,
    SecretState.CHOOSING: Prompt.QUESTION_OPEN,
    SecretState.CODE: Prompt.CHECK_OR_CAST,
    SecretState.CASTING: Prompt.STORED,
    SecretState.RECORDED: Prompt.RECORDED,
    SecretState.IN_RECORD: Prompt.CLOSED_RECORD,
    SecretState.CLOSED: Prompt.CLOSED,
    SecretState.REFUSED: Prompt.CALL_STAFF,
}
TONE: Final[dict[StrEnum, Tone]] = {
    OpenState.OPEN: Tone.ATTENTION,
    OpenState.RECORDED: Tone.RECORDED,
    SecretState.CHOOSING: Tone.ATTENTION,
    SecretState.RECORDED: Tone.RECORDED,
}
_PRESSED: Final[dict[Button, Prompt]] = {
    Button.YES: Prompt.CHOSE_YES,
    Button.NO: Prompt.CHOSE_NO,
    Button.ABSTAIN: Prompt.CHOSE_ABSTAIN,
    Button.BLANK: Prompt.CHOSE_BLANK,
}


class Voice:
    """tones, prompts: silent ones where there are none."""

    def __init__(self, tones: Tones, prompts: Prompts) -> None:
        self._tones = tones
        self._prompts = prompts
        self._state: StrEnum | None = None

    def pressed(self, button: Button, *, is_secret: bool) -> None:
        """The press was heard; which key it was is said to headphones alone while the question is secret."""
        self._tones.play(Tone.PRESSED)
        digit = button.digit
        prompt = Prompt(f"digit-{digit}") if digit is not None else _PRESSED.get(button)
        if prompt is not None:
            self._prompts.say(prompt, is_secret=is_secret)

    def together(self, *, is_secret: bool) -> None:
        self._prompts.say(Prompt.ONE_KEY, is_secret=is_secret)

    def attention(self) -> None:
        self._tones.play(Tone.ATTENTION)

    def stands(self, state: StrEnum, *, is_secret: bool) -> None:
        """What the screen says has changed."""
        if state is self._state:
            return
        self._state = state
        if state in TONE:
            self._tones.play(TONE[state])
        if state in PROMPT:
            self._prompts.say(PROMPT[state], is_secret=is_secret)
