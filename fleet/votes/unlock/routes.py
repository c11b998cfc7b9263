"""PINs at the seat over HTTP: whether a sitting asks for them, and the seats that need none."""

from typing import Literal

from fastapi import APIRouter

from fleet.api.guard import Hall, Who
from fleet.api.types import Body, Name, Reason, View
from fleet.votes.unlock import acts

router = APIRouter(tags=["questions"])


class UnlockOrder(Body):
    """pin: before the first vote on each question a keypad asks for the six digits of its member's badge."""

    unlock: Literal["none", "pin"]


class Waiver(Body):
    """Why this seat needs no PIN; without names."""

    reason: Reason


class SeatView(View):
    """state: asks; no-badge, then it takes no vote before there is one; no-key, then it cannot ask and does
    not; waived."""

    seat: str
    keypad: str
    state: str


class UnlockView(View):
    """seats: those with a keypad, as they are while the sitting asks; empty when it does not."""

    unlock: str
    seats: list[SeatView]


@router.get("/api/sittings/{sitting}/unlock")
def unlock(hall: Hall, sitting: Name) -> UnlockView:
    wish, found = acts.of_sitting(hall.office, sitting)
    if not wish.asks:
        return UnlockView(unlock="none", seats=[])
    rows = [SeatView(seat=place.seat, keypad=str(place.device), state=word) for place, word in found]
    return UnlockView(unlock="pin", seats=rows)


@router.put("/api/sittings/{sitting}/unlock")
def ask(hall: Hall, who: Who, sitting: Name, body: UnlockOrder) -> UnlockView:
    """Before or while the sitting is open; the answer names the seats that somebody should see to."""
    acts.ask(hall.office, who.account, sitting, asks=body.unlock == "pin")
    return unlock(hall, sitting)


@router.put("/api/sittings/{sitting}/seats/{device}/pin-waiver")
def waive(hall: Hall, who: Who, sitting: Name, device: Name, body: Waiver) -> UnlockView:
    """Until somebody else sits there: for a PIN forgotten, a badge left at home, a unit that sleeps after
    wrong ones."""
    acts.waive(hall.office, who.account, sitting, device, body.reason)
    return unlock(hall, sitting)


@router.delete("/api/sittings/{sitting}/seats/{device}/pin-waiver")
def ask_again(hall: Hall, who: Who, sitting: Name, device: Name) -> UnlockView:
    acts.ask_again(hall.office, who.account, sitting, device)
    return unlock(hall, sitting)
