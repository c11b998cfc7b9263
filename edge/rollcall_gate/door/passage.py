"""One passage through the door, as a table: (state, event) -> (state, effects). Timeouts are data beside it.

A door that is open is never told to lock: the bolt would meet a person. Power loss releases the door by
wiring, not by this table (adapters/gpiozero_door.py). The fire input is wired past all of this.

Where no sensor counts people, the shell says PASSED (doorway.py), so one table serves both.
`python -m edge.rollcall_gate.door.passage` draws it into docs/runbooks/gate-passage.md.
"""

from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final


class State(StrEnum):
    SECURED = "secured"
    RELEASED = "released"
    PASSING = "passing"
    """Open; the admitted one is not through yet."""
    ADMITTED_OPEN = "admitted-open"
    """Admitted at a door that stood open already; not through yet."""
    CAME_OUT = "came-out"
    """Open; somebody came out against the lane, and the admitted one still waits to go in."""
    PASSED = "passed"
    """Open; the admitted one is through."""
    HELD_OPEN = "held-open"
    """Open too long, and the admitted one is not through."""
    LEFT_OPEN = "left-open"
    """Open too long after the passage."""
    FORCED = "forced"
    JAMMED = "jammed"
    EVACUATION = "evacuation"


class Event(StrEnum):
    ADMIT = "admit"
    OPENED = "opened"
    CLOSED = "closed"
    PASSED = "passed"
    """The sensor: one person went through, with the lane."""
    WRONG_WAY = "wrong-way"
    """The sensor: one person went through, against the lane."""
    TIMEOUT = "timeout"
    JAM = "jam"
    JAM_OVER = "jam-over"
    FIRE = "fire"
    FIRE_OVER = "fire-over"


class Effect(StrEnum):
    RELEASE = "release"
    SECURE = "secure"
    RECORD_PASSAGE = "record-passage"
    DROP_ADMISSION = "drop-admission"
    ALARM_HELD_OPEN = "alarm-held-open"
    ALARM_FORCED = "alarm-forced"
    ALARM_TAILGATING = "alarm-tailgating"
    ALARM_WRONG_WAY = "alarm-wrong-way"
    ALARM_JAM = "alarm-jam"
    ALARM_FIRE = "alarm-fire"


_Row = tuple[State, tuple[Effect, ...]]
_SHUT: Final[_Row] = (State.SECURED, (Effect.SECURE,))
_SHUT_UNUSED: Final[_Row] = (State.SECURED, (Effect.SECURE, Effect.DROP_ADMISSION))
_GONE_AWAY: Final[_Row] = (State.FORCED, (Effect.DROP_ADMISSION,))

ANYWHERE: Final[dict[Event, tuple[State | None, tuple[Effect, ...]]]] = {
    Event.WRONG_WAY: (None, (Effect.ALARM_WRONG_WAY,)),
    Event.JAM: (State.JAMMED, (Effect.RELEASE, Effect.ALARM_JAM)),
    Event.FIRE: (State.EVACUATION, (Effect.RELEASE, Effect.ALARM_FIRE, Effect.DROP_ADMISSION)),
}
"""What holds in every state that has no row of its own for the event; None keeps the state."""

TABLE: Final[dict[tuple[State, Event], _Row]] = {
    (state, event): (target or state, effects)
    for event, (target, effects) in ANYWHERE.items()
    for state in State
} | {
    (State.SECURED, Event.ADMIT): (State.RELEASED, (Effect.RELEASE,)),
    # The bolt that did not hold is drawn back: as the door falls shut, it would meet whoever is in it.
    (State.SECURED, Event.OPENED): (State.FORCED, (Effect.RELEASE, Effect.ALARM_FORCED)),
    (State.SECURED, Event.PASSED): (State.SECURED, (Effect.ALARM_FORCED,)),  # over it, or under it
    (State.RELEASED, Event.OPENED): (State.PASSING, ()),
    # Through, and the contact never moved: a barrier that is open while it is released.
    (State.RELEASED, Event.PASSED): (State.SECURED, (Effect.SECURE, Effect.RECORD_PASSAGE)),
    # Did not enter: no record, and the admission is void.
    (State.RELEASED, Event.TIMEOUT): _SHUT_UNUSED,
    (State.PASSING, Event.PASSED): (State.PASSED, (Effect.RECORD_PASSAGE,)),
    (State.PASSING, Event.CLOSED): _SHUT_UNUSED,
    (State.PASSING, Event.TIMEOUT): (State.HELD_OPEN, (Effect.ALARM_HELD_OPEN,)),
    # The door was opened from within: as it falls shut, it is as if the admitted one had not pushed yet.
    (State.PASSING, Event.WRONG_WAY): (State.CAME_OUT, (Effect.ALARM_WRONG_WAY,)),
    (State.CAME_OUT, Event.PASSED): (State.PASSED, (Effect.RECORD_PASSAGE,)),
    (State.CAME_OUT, Event.CLOSED): (State.RELEASED, ()),
    (State.CAME_OUT, Event.TIMEOUT): (State.HELD_OPEN, (Effect.ALARM_HELD_OPEN,)),
    (State.PASSED, Event.PASSED): (State.PASSED, (Effect.ALARM_TAILGATING,)),
    (State.PASSED, Event.CLOSED): _SHUT,
    (State.PASSED, Event.TIMEOUT): (State.LEFT_OPEN, (Effect.ALARM_HELD_OPEN,)),
    (State.HELD_OPEN, Event.PASSED): (State.LEFT_OPEN, (Effect.RECORD_PASSAGE,)),
    (State.HELD_OPEN, Event.CLOSED): _SHUT_UNUSED,
    # Whoever walks through it later is somebody else.
    (State.HELD_OPEN, Event.TIMEOUT): _GONE_AWAY,
    # A door that is wedged open goes on counting: each who is admitted walks through it, or went away.
    (State.ADMITTED_OPEN, Event.PASSED): (State.LEFT_OPEN, (Effect.RECORD_PASSAGE,)),
    (State.ADMITTED_OPEN, Event.CLOSED): _SHUT_UNUSED,
    (State.ADMITTED_OPEN, Event.TIMEOUT): _GONE_AWAY,
    (State.LEFT_OPEN, Event.ADMIT): (State.ADMITTED_OPEN, (Effect.RELEASE,)),
    (State.LEFT_OPEN, Event.PASSED): (State.LEFT_OPEN, (Effect.ALARM_TAILGATING,)),
    (State.LEFT_OPEN, Event.CLOSED): _SHUT,
    # A forced door stays released until it is shut. Who is admitted meanwhile walks through it like anybody
    # else; who is not, goes in unrecorded.
    (State.FORCED, Event.ADMIT): (State.ADMITTED_OPEN, (Effect.RELEASE,)),
    (State.FORCED, Event.PASSED): (State.FORCED, (Effect.ALARM_TAILGATING,)),
    (State.FORCED, Event.CLOSED): _SHUT,
    # The usher hands people past a turnstile that cannot turn. Whether somebody is admitted the shell knows.
    (State.JAMMED, Event.ADMIT): (State.JAMMED, ()),
    (State.JAMMED, Event.OPENED): (State.JAMMED, ()),
    (State.JAMMED, Event.CLOSED): (State.JAMMED, ()),
    (State.JAMMED, Event.PASSED): (State.JAMMED, (Effect.RECORD_PASSAGE,)),
    (State.JAMMED, Event.TIMEOUT): (State.JAMMED, (Effect.DROP_ADMISSION,)),
    (State.JAMMED, Event.JAM): (State.JAMMED, ()),
    # Nothing is known of the door: the shell says CLOSED if it is shut. Who was not handed past comes again.
    (State.JAMMED, Event.JAM_OVER): (State.FORCED, (Effect.DROP_ADMISSION,)),
    # Whoever runs, runs: nobody is counted or alarmed about, nothing secures, and ADMIT is not known.
    (State.EVACUATION, Event.OPENED): (State.EVACUATION, ()),
    (State.EVACUATION, Event.CLOSED): (State.EVACUATION, ()),
    (State.EVACUATION, Event.PASSED): (State.EVACUATION, ()),
    (State.EVACUATION, Event.WRONG_WAY): (State.EVACUATION, ()),
    (State.EVACUATION, Event.JAM): (State.EVACUATION, (Effect.ALARM_JAM,)),
    (State.EVACUATION, Event.JAM_OVER): (State.EVACUATION, ()),
    (State.EVACUATION, Event.FIRE): (State.EVACUATION, ()),
    # As after a jam; the shell says JAM instead if the turnstile still cannot turn.
    (State.EVACUATION, Event.FIRE_OVER): (State.FORCED, ()),
}
TIMEOUT_MS: Final = {
    State.RELEASED: 6_000,
    State.PASSING: 15_000,
    State.CAME_OUT: 15_000,
    State.PASSED: 10_000,
    State.HELD_OPEN: 30_000,
    State.ADMITTED_OPEN: 10_000,
    State.JAMMED: 15_000,
}
"""How long a state lasts before TIMEOUT, from the event that led to it; what keeps it prolongs nothing.
JAMMED lasts as long as the jam: its time is that of an admission in it.
"""
ENDS_ADMISSION: Final = frozenset({Effect.RECORD_PASSAGE, Effect.DROP_ADMISSION})
"""Until one of these an admission is pending: in no state without a row for TIMEOUT."""
LOCKABLE: Final = frozenset({State.SECURED})
"""States in which the bolt may be out; in all others the door is released or open."""


@dataclass(frozen=True, slots=True)
class Step:
    state: State
    effects: tuple[Effect, ...]
    known: bool = True


def step(state: State, event: Event) -> Step:
    """Total: a pair not in TABLE changes nothing and says so (`known` is False; the loop counts it).

    An ADMIT that is not known admits nobody: whoever is admitted already keeps the door.
    """
    row = TABLE.get((state, event))
    return Step(state, (), known=False) if row is None else Step(*row)


def diagram() -> str:
    """TABLE as a Mermaid state diagram, one arrow for all events between the same two states."""
    arrows: dict[tuple[str, str], list[str]] = defaultdict(list)
    for event, (target, effects) in ANYWHERE.items():
        arrows["any", target.name if target else "any"].append(_label(str(event), effects))
    for (state, event), (target, effects) in TABLE.items():
        if event in ANYWHERE and (target, effects) == (ANYWHERE[event][0] or state, ANYWHERE[event][1]):
            continue
        timed = event is Event.TIMEOUT
        what = f"after {TIMEOUT_MS[state] // 1_000} s" if timed else str(event)
        arrows[state.name, target.name].append(_label(what, effects))
    return "\n".join(
        [
            "stateDiagram-v2",
            '    state "any state without an arrow of its own" as any',
            f"    [*] --> {State.SECURED.name}: starts shut",
            f"    [*] --> {State.FORCED.name}: starts open",
            *(f"    {a} --> {b}: {'<br>'.join(labels)}" for (a, b), labels in arrows.items()),
            "",
        ]
    )


def drawn_into(page: str) -> str:
    """The page with today's diagram in its one Mermaid block. Raises ValueError when it has none."""
    before, begin, rest = page.partition("```mermaid\n")
    _, end, after = rest.partition("```\n")
    if not begin or not end:
        raise ValueError("the page has no block ```mermaid … ``` to draw into; add one where it belongs")
    return before + begin + diagram() + end + after


def _label(what: str, effects: tuple[Effect, ...]) -> str:
    return f"{what} / {', '.join(effects)}" if effects else what


if __name__ == "__main__":
    path = Path(__file__).parents[3] / "docs" / "runbooks" / "gate-passage.md"
    path.write_text(drawn_into(path.read_text("utf-8")), "utf-8")
