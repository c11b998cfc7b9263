"""Some of a list: a number is typed, the name is shown, OK takes it; the same number again offers to give it
back. Nobody who was chosen goes without a press that says so."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from edge.ballot_keypad.choose.form import Form
from edge.ballot_keypad.keys.press import Button


class Place(StrEnum):
    TYPE = "type"
    TAKE = "take"
    """A name is shown; OK takes it."""
    GIVE_BACK = "give-back"
    """A name that is chosen is shown; OK takes it off."""
    BLANK = "blank"
    """OK says that the ballot is left blank on purpose."""
    REVIEW = "review"
    DONE = "done"


class Note(StrEnum):
    """Said until the next press."""

    NONE = ""
    UNKNOWN_NUMBER = "unknown-number"
    ENOUGH = "enough"
    TOO_FEW = "too-few"
    NOT_EMPTY = "not-empty"
    NO_BLANK = "no-blank"
    TAKEN = "taken"
    GIVEN_BACK = "given-back"


@dataclass(frozen=True, slots=True)
class Pick:
    """typed: digits of a number. number: who is shown, from 1. picked: numbers in the order of choosing."""

    form: Form
    place: Place = Place.TYPE
    typed: str = ""
    number: int = 0
    picked: tuple[int, ...] = ()
    is_blank: bool = False
    note: Note = field(default=Note.NONE)

    @property
    def choices(self) -> bytes | None:
        """One byte 0 or 1 per option, once confirmed."""
        if self.place is not Place.DONE:
            return None
        people = bytes(number in self.picked for number in range(1, len(self.form.names) + 1))
        return people + bytes([self.is_blank]) if self.form.has_blank else people

    @property
    def chosen(self) -> tuple[str, ...]:
        return tuple(f"{number}. {self.form.names[number - 1]}" for number in sorted(self.picked))

    @property
    def name(self) -> str:
        """Who is shown."""
        return self.form.names[self.number - 1] if self.number else ""

    def pressed(self, button: Button) -> "Pick":
        before = replace(self, note=Note.NONE)
        if button.digit is not None and self.place in (Place.TYPE, Place.TAKE, Place.GIVE_BACK):
            return _typed(replace(before, place=Place.TYPE, number=0), str(button.digit))
        action = TABLE.get((self.place, button))
        return before if action is None else action(before)


def _typed(pick: Pick, digit: str) -> Pick:
    """A number as long as the longest there is, without zeros in front; a digit beyond it begins anew."""
    longest = len(str(len(pick.form.names)))
    typed = pick.typed + digit if len(pick.typed) < longest else digit
    return replace(pick, typed=typed.lstrip("0"))


def _look(pick: Pick) -> Pick:
    """OK at a number; without one, on to the review."""
    return _shown(pick, int(pick.typed)) if pick.typed else _review(pick)


def _shown(pick: Pick, number: int) -> Pick:
    if not 1 <= number <= len(pick.form.names):
        return replace(pick, place=Place.TYPE, typed="", number=0, note=Note.UNKNOWN_NUMBER)
    place = Place.GIVE_BACK if number in pick.picked else Place.TAKE
    return replace(pick, place=place, typed="", number=number)


def _take(pick: Pick) -> Pick:
    if len(pick.picked) >= pick.form.hi:
        return replace(_back(pick), note=Note.ENOUGH)
    return replace(_back(pick), picked=(*pick.picked, pick.number), note=Note.TAKEN)


def _give_back(pick: Pick) -> Pick:
    left = tuple(number for number in pick.picked if number != pick.number)
    return replace(_back(pick), picked=left, note=Note.GIVEN_BACK)


def _back(pick: Pick) -> Pick:
    return replace(pick, place=Place.TYPE, typed="", number=0)


def _unfold(pick: Pick) -> Pick:
    return replace(pick, typed=pick.typed[:-1])


def _review(pick: Pick) -> Pick:
    if len(pick.picked) < pick.form.lo:
        return replace(_back(pick), note=Note.TOO_FEW)
    return replace(_back(pick), place=Place.REVIEW)


def _blank(pick: Pick) -> Pick:
    if not pick.form.has_blank:
        return replace(_back(pick), note=Note.NO_BLANK)
    if pick.picked:
        return replace(_back(pick), note=Note.NOT_EMPTY)
    return replace(_back(pick), place=Place.BLANK)


def _confirm_blank(pick: Pick) -> Pick:
    return replace(pick, place=Place.DONE, is_blank=True)


def _confirm(pick: Pick) -> Pick:
    return replace(pick, place=Place.DONE)


def _next(pick: Pick) -> Pick:
    return _shown(pick, pick.number % len(pick.form.names) + 1)


def _previous(pick: Pick) -> Pick:
    return _shown(pick, (pick.number - 2) % len(pick.form.names) + 1 if pick.number else len(pick.form.names))


TABLE: Final[dict[tuple[Place, Button], Callable[[Pick], Pick]]] = {
    (Place.TYPE, Button.OK): _look,
    (Place.TYPE, Button.BACK): _unfold,
    (Place.TYPE, Button.CLEAR): _back,
    (Place.TYPE, Button.BLANK): _blank,
    (Place.TYPE, Button.DOWN): _next,
    (Place.TYPE, Button.UP): _previous,
    **{(place, Button.DOWN): _next for place in (Place.TAKE, Place.GIVE_BACK)},
    **{(place, Button.UP): _previous for place in (Place.TAKE, Place.GIVE_BACK)},
    **{
        (place, button): _back
        for place in (Place.TAKE, Place.GIVE_BACK, Place.BLANK, Place.REVIEW)
        for button in (Button.BACK, Button.CLEAR)
    },
    (Place.TAKE, Button.OK): _take,
    (Place.GIVE_BACK, Button.OK): _give_back,
    (Place.BLANK, Button.OK): _confirm_blank,
    (Place.REVIEW, Button.OK): _confirm,
}
"""Digits type wherever a number may stand. Any other pair does nothing but end a note."""
