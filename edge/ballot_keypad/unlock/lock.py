"""A seat that takes no vote before the PIN of its member's badge was typed: one table. Pure.

It is asked once for each question, and not once for a sitting: people leave their places between two votes,
and a unit that stayed open would vote for whoever sits down. A vote may be changed without typing it again.
Right or wrong, nothing of it leaves the unit: no record, no alarm, no counter. What is typed stands nowhere
but in memory, and goes with a pause.

The shell keeps `Unlock.kept` on its disk whenever `pressed` or `saved` asks for it, and says how that went
by `saved` or `not_saved`; a try that could not be kept is not compared.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from edge.ballot_keypad.keys.press import Button
from edge.ballot_keypad.unlock.asked import Ask, Asked
from edge.ballot_keypad.unlock.tries import Tries
from wire.lane import PIN_DIGITS, same_pin

TRIES: Final = "keypad/unlock-tries"
"""Name of the kept value."""
PAUSE_MS: Final = 15_000
"""Half a PIN must not stand there for the next person."""


class Note(StrEnum):
    """Said until the next press."""

    NONE = ""
    WRONG = "wrong"
    SHORT = "short"
    NOT_STORED = "not-stored"


@dataclass(frozen=True, slots=True)
class Unlock:
    """question: what may be voted on now, empty for nothing. opened: the one for which the PIN was right.
    is_trying: a try is on its way to the disk, and not compared yet."""

    asked: Asked = field(default_factory=Asked)
    question: str = ""
    opened: str = ""
    typed: str = field(default="", repr=False)
    keyed_ms: int = 0
    is_trying: bool = False
    note: Note = Note.NONE
    tries: Tries = field(default_factory=Tries)

    @property
    def is_open(self) -> bool:
        """Whether a vote on this question may be chosen."""
        if self.asked.ask is Ask.NOTHING:
            return True
        return self.asked.ask is Ask.PIN and bool(self.question) and self.opened == self.question

    def kept(self, now_ms: int) -> bytes:
        """The value to keep under TRIES."""
        return self.tries.encode(now_ms)


def told(unlock: Unlock, asked: Asked) -> Unlock:
    """The twin has spoken. Saying the same again changes nothing; anything new locks the seat again, and who
    was there before leaves no wrong tries behind."""
    if asked == unlock.asked:
        return unlock
    tries = unlock.tries
    if asked.code is not None and tries.member != asked.code.member:
        tries = Tries(asked.code.member)
    return Unlock(asked=asked, question=unlock.question, tries=tries)


def questioned(unlock: Unlock, question: str) -> Unlock:
    """This may be voted on now; empty: nothing may. What was opened once stays so until another is opened."""
    if question == unlock.question:
        return unlock
    return replace(_cleared(unlock), question=question, is_trying=False)


def aged(unlock: Unlock, now_ms: int) -> Unlock:
    """Time has passed."""
    if unlock.is_trying or not unlock.typed or now_ms - unlock.keyed_ms < PAUSE_MS:
        return unlock
    return _cleared(unlock)


def pressed(unlock: Unlock, button: Button, now_ms: int) -> tuple[Unlock, bool]:
    """The seat after a button, and whether its tries are now to be kept. A seat that is open, that asks for
    nothing that could be typed, or that sleeps, takes no button."""
    before = aged(unlock, now_ms)
    waits = before.is_open or not before.question or before.is_trying or before.tries.wait_ms(now_ms)
    if before.asked.ask is not Ask.PIN or waits:
        return before, False
    before = replace(before, keyed_ms=now_ms, note=Note.NONE)
    if button.digit is not None:
        return replace(before, typed=(before.typed + str(button.digit))[:PIN_DIGITS]), False
    if button is Button.OK:
        return _tried(before, now_ms)
    action = _PRESS.get(button)
    return (action(before) if action else before), False


def saved(unlock: Unlock) -> tuple[Unlock, bool]:
    """The tries are durable: only now is a PIN compared. True when they are to be kept once more."""
    code = unlock.asked.code
    if not unlock.is_trying or code is None:
        return unlock, False
    # Always the whole of both, in constant time: how long it takes tells nobody which digit was wrong.
    if not same_pin(unlock.typed, code.pin):
        return replace(unlock, typed="", is_trying=False, note=Note.WRONG), False
    opened = replace(_cleared(unlock), is_trying=False, opened=unlock.question)
    return replace(opened, tries=Tries(code.member)), True


def not_saved(unlock: Unlock) -> Unlock:
    """The disk refused it: nothing was compared. The try counts all the same, as long as the power is on."""
    return replace(unlock, typed="", is_trying=False, note=Note.NOT_STORED) if unlock.is_trying else unlock


def _tried(unlock: Unlock, now_ms: int) -> tuple[Unlock, bool]:
    if len(unlock.typed) < PIN_DIGITS:
        return replace(unlock, note=Note.SHORT), False
    return replace(unlock, is_trying=True, tries=unlock.tries.failed(now_ms)), True


def _shortened(unlock: Unlock) -> Unlock:
    return replace(unlock, typed=unlock.typed[:-1])


def _cleared(unlock: Unlock) -> Unlock:
    return replace(unlock, typed="", note=Note.NONE)


_PRESS: Final[dict[Button, Callable[[Unlock], Unlock]]] = {
    Button.BACK: _shortened,
    Button.CLEAR: _cleared,
}
"""Any other button that types nothing does nothing but end a note."""
