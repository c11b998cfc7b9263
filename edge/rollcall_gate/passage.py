"""One passage through the door, as a table: (state, event) -> (state, effects). Timeouts are data beside it.

A door that is open is never told to lock: the bolt would meet a person. Power loss releases the door by
wiring, not by this table (adapters/gpiozero_door.py). The fire input is wired past all of this.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class State(StrEnum):
    SECURED = "secured"
    RELEASED = "released"
    PASSING = "passing"
    HELD_OPEN = "held-open"
    FORCED = "forced"


class Event(StrEnum):
    ADMIT = "admit"
    OPENED = "opened"
    CLOSED = "closed"
    TIMEOUT = "timeout"


class Effect(StrEnum):
    RELEASE = "release"
    SECURE = "secure"
    RECORD_PASSAGE = "record-passage"
    DROP_ADMISSION = "drop-admission"
    ALARM_HELD_OPEN = "alarm-held-open"
    ALARM_FORCED = "alarm-forced"


_Row = tuple[State, tuple[Effect, ...]]

TABLE: Final[dict[tuple[State, Event], _Row]] = {
    (State.SECURED, Event.ADMIT): (State.RELEASED, (Effect.RELEASE,)),
    (State.SECURED, Event.OPENED): (State.FORCED, (Effect.ALARM_FORCED,)),
    (State.RELEASED, Event.OPENED): (State.PASSING, ()),
    # Did not enter: no record, and the admission is void.
    (State.RELEASED, Event.TIMEOUT): (State.SECURED, (Effect.SECURE, Effect.DROP_ADMISSION)),
    (State.PASSING, Event.CLOSED): (State.SECURED, (Effect.SECURE, Effect.RECORD_PASSAGE)),
    (State.PASSING, Event.TIMEOUT): (State.HELD_OPEN, (Effect.ALARM_HELD_OPEN,)),
    (State.HELD_OPEN, Event.CLOSED): (State.SECURED, (Effect.SECURE, Effect.RECORD_PASSAGE)),
    # A forced door stays released until it is shut. Who is admitted meanwhile walks through it like anybody
    # else.
    (State.FORCED, Event.ADMIT): (State.PASSING, (Effect.RELEASE,)),
    (State.FORCED, Event.CLOSED): (State.SECURED, (Effect.SECURE,)),
}
TIMEOUT_MS: Final = {State.RELEASED: 6_000, State.PASSING: 15_000}
LOCKABLE: Final = frozenset({State.SECURED})
"""States in which the bolt may be out; in all others the door is released or open."""


@dataclass(frozen=True, slots=True)
class Step:
    state: State
    effects: tuple[Effect, ...]
    known: bool = True


def step(state: State, event: Event) -> Step:
    """Total: a pair not in TABLE changes nothing and says so (`known` is False; the loop counts it)."""
    row = TABLE.get((state, event))
    return Step(state, (), known=False) if row is None else Step(*row)
