"""What stands on the display while nothing was just said to anybody. Pure."""

from dataclasses import dataclass
from typing import Final

from edge.rollcall_gate.display.screen import View
from edge.rollcall_gate.door.passage import State
from edge.rollcall_gate.who.challenge import Prompt
from edge.rollcall_gate.who.decide import AlreadyInside, Decision, PinLocked

_BY_STATE: Final = {
    State.EVACUATION: View.EVACUATION,
    State.JAMMED: View.JAMMED,
    State.RELEASED: View.WALK_IN,
    State.PASSING: View.WALK_IN,
    State.ADMITTED_OPEN: View.WALK_IN,
    State.CAME_OUT: View.WALK_IN,
    State.PASSED: View.STORED,
    State.HELD_OPEN: View.SHUT_DOOR,
    State.LEFT_OPEN: View.SHUT_DOOR,
    State.FORCED: View.SHUT_DOOR,
}
_BY_PROMPT: Final = {
    Prompt.BLINK: View.CHALLENGE_BLINK,
    Prompt.TURN_LEFT: View.CHALLENGE_LEFT,
    Prompt.TURN_RIGHT: View.CHALLENGE_RIGHT,
}


_LIGHT: Final = frozenset(
    {
        View.NO_SITTING,
        View.READY,
        View.LOOK,
        View.ONE_AT_A_TIME,
        View.CAMERA_OUT,
        View.STORED,
        View.JAMMED,
        View.DOOR_OUT,
        View.SHUT_DOOR,
    }
)
"""What a word to one person may stand before."""


@dataclass(frozen=True, slots=True)
class Situation:
    """typing: keys stand on the pad. claims: a badge waits for its face. looks: at somebody, and how many
    others stand as near.
    """

    state: State
    door_works: bool
    camera_works: bool
    in_sitting: bool
    held: bool = False
    typing: bool = False
    claims: bool = False
    prompt: Prompt | None = None
    looks: bool = False
    company: int = 0


def standing_view(now: Situation) -> View:
    """The gravest first: fire, the door, the sitting; then the person; then the camera."""
    by_weight = (
        (now.state is State.EVACUATION, View.EVACUATION),
        (not now.door_works, View.DOOR_OUT),
        (now.state in _BY_STATE, _BY_STATE.get(now.state, View.READY)),
        (not now.in_sitting, View.NO_SITTING),
        (now.held, View.HELD),
        (now.typing, View.PIN_ENTRY),
        (now.prompt is not None, _BY_PROMPT[now.prompt or Prompt.BLINK]),
        (now.claims, View.SHOW_FACE),
        (now.looks and now.company > 0, View.ONE_AT_A_TIME),
        (now.looks, View.LOOK),
        (not now.camera_works, View.CAMERA_OUT),
    )
    return next((view for holds, view in by_weight if holds), View.READY)


def outweighs(standing: View, said: View) -> bool:
    """Whether what stands there is to be shown rather than a word that was said a moment ago.

    Who is looked at next does not read that somebody else was stored; a refused one reads on.
    """
    return standing not in _LIGHT or (said is View.STORED and standing in (View.LOOK, View.ONE_AT_A_TIME))


def view_of(decision: Decision) -> View:
    """The word to somebody who is not admitted."""
    if isinstance(decision, PinLocked):
        return View.PIN_WAIT
    return View.ALREADY_INSIDE if isinstance(decision, AlreadyInside) else View.BADGE_LANE
