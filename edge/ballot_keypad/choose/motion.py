"""Yes, no or abstain: one press chooses, OK confirms."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from edge.ballot_keypad.choose.form import MOTION, Form
from edge.ballot_keypad.keys.press import Button


class Place(StrEnum):
    EMPTY = "empty"
    CHOSEN = "chosen"
    DONE = "done"


class Action(StrEnum):
    SELECT = "select"
    FORGET = "forget"
    CONFIRM = "confirm"


TABLE: Final[dict[tuple[Place, Button], Action]] = {
    **{(place, button): Action.SELECT for place in (Place.EMPTY, Place.CHOSEN) for button in MOTION},
    (Place.CHOSEN, Button.CLEAR): Action.FORGET,
    (Place.CHOSEN, Button.OK): Action.CONFIRM,
}
"""Any other pair does nothing."""


@dataclass(frozen=True, slots=True)
class Motion:
    form: Form
    place: Place = Place.EMPTY
    selected: Button | None = None

    @property
    def choices(self) -> bytes | None:
        """One byte 0 or 1 per option, once confirmed."""
        if self.place is not Place.DONE:
            return None
        return bytes(button is self.selected for button in MOTION)

    @property
    def chosen(self) -> tuple[str, ...]:
        return () if self.selected is None else (self.form.names[MOTION.index(self.selected)],)

    def pressed(self, button: Button) -> "Motion":
        match TABLE.get((self.place, button)):
            case Action.SELECT:
                return replace(self, place=Place.CHOSEN, selected=button)
            case Action.FORGET:
                return Motion(self.form)
            case Action.CONFIRM:
                return replace(self, place=Place.DONE)
            case None:
                return self
