"""For or against each person of a list, or neither: the people come one by one, a number jumps to one."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from edge.ballot_keypad.choose.form import Form
from edge.ballot_keypad.keys.press import Button


class Mark(StrEnum):
    NEITHER = "neither"
    FOR = "for"
    AGAINST = "against"


class Place(StrEnum):
    WALK = "walk"
    REVIEW = "review"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Each:
    """at: whose turn it is, from 0. marks: of the people in their order."""

    form: Form
    marks: tuple[Mark, ...]
    place: Place = Place.WALK
    at: int = 0
    typed: str = ""
    is_unknown: bool = False
    """Nobody has the number that was typed."""

    @classmethod
    def of(cls, form: Form) -> "Each":
        return cls(form, (Mark.NEITHER,) * len(form.names))

    @property
    def choices(self) -> bytes | None:
        """One byte 0 or 1 per option, once confirmed: for and against of each."""
        if self.place is not Place.DONE:
            return None
        return b"".join(bytes((mark is Mark.FOR, mark is Mark.AGAINST)) for mark in self.marks)

    @property
    def counts(self) -> dict[Mark, int]:
        return {mark: self.marks.count(mark) for mark in Mark}

    def pressed(self, button: Button) -> "Each":
        before = replace(self, is_unknown=False)
        if button.digit is not None and self.place is not Place.DONE:
            return _typed(before, str(button.digit))
        action = TABLE.get((self.place, button))
        return before if action is None else action(before)


def _typed(each: Each, digit: str) -> Each:
    longest = len(str(len(each.form.names)))
    typed = each.typed + digit if len(each.typed) < longest else digit
    return replace(each, place=Place.WALK, typed=typed.lstrip("0"))


def _ok(each: Each) -> Each:
    """To the person whose number was typed; without one, on to the next person: neither stays neither."""
    if not each.typed:
        return _next(each)
    at = int(each.typed) - 1
    if at >= len(each.marks):
        return replace(each, typed="", is_unknown=True)
    return replace(each, typed="", at=at)


def _marked(mark: Mark) -> Callable[[Each], Each]:
    def mark_it(each: Each) -> Each:
        if each.typed:  # the number is not confirmed, so nobody knows whom a mark would be for
            return each
        return _next(replace(each, marks=(*each.marks[: each.at], mark, *each.marks[each.at + 1 :])))

    return mark_it


def _next(each: Each) -> Each:
    if each.at + 1 == len(each.marks):
        return replace(each, place=Place.REVIEW, typed="")
    return replace(each, at=each.at + 1, typed="")


def _previous(each: Each) -> Each:
    return replace(each, at=max(0, each.at - 1), typed="")


def _back(each: Each) -> Each:
    """A digit away; without one, to the person before."""
    return replace(each, typed=each.typed[:-1]) if each.typed else _previous(each)


def _clear(each: Each) -> Each:
    """The number away; without one, to the person before: five keys have no other that goes back."""
    return replace(each, typed="") if each.typed else _previous(each)


def _walk(each: Each) -> Each:
    return replace(each, place=Place.WALK)


def _confirm(each: Each) -> Each:
    return replace(each, place=Place.DONE)


TABLE: Final[dict[tuple[Place, Button], Callable[[Each], Each]]] = {
    (Place.WALK, Button.YES): _marked(Mark.FOR),
    (Place.WALK, Button.NO): _marked(Mark.AGAINST),
    (Place.WALK, Button.ABSTAIN): _marked(Mark.NEITHER),
    (Place.WALK, Button.OK): _ok,
    (Place.WALK, Button.DOWN): _next,
    (Place.WALK, Button.UP): _previous,
    (Place.WALK, Button.BACK): _back,
    (Place.WALK, Button.CLEAR): _clear,
    (Place.REVIEW, Button.OK): _confirm,
    (Place.REVIEW, Button.BACK): _walk,
    (Place.REVIEW, Button.CLEAR): _walk,
}
"""Digits type a number wherever something is still open. Any other pair does nothing."""
