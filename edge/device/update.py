"""How an update goes, as a table: which state, what happened, which state then, and what is said or done.

Every state but `idle` and `waiting` has one work, which may be done twice: the state is durable before its
work begins, so that after a power cut the work of the state is simply done again. What lasts has a limit,
what fails is tried again so often and no more, and each limit is data beside the table. Pure.

While a freeze is in force no work is begun that changes what runs: what ran when it began, runs until it
ends, whatever was decided, and a trial is decided after it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from wire.updates import About, Held, Order

GOLDEN: Final = "golden"
WRONG_MAX: Final = 2
"""Fetched whole and not what the officers signed: twice is no accident."""
SLOW_MAX: Final = 8
"""Bytes came slower than allowed: what came is kept, and after a wait there is another try. With the waits of
RETRY_MS these are three quarters of an hour at most."""


class State(StrEnum):
    IDLE = "idle"
    WAITING = "waiting"
    CHECKING = "checking"
    FETCHING = "fetching"
    VERIFYING = "verifying"
    STAGING = "staging"
    TESTING = "testing"
    SHADOWING = "shadowing"
    SWITCHING = "switching"
    TRIAL = "trial"
    COMMITTING = "committing"
    RETURNING = "returning"


class Event(StrEnum):
    DUE = "due"
    """Its turn has come."""
    BACK_DUE = "back-due"
    """The same of an order to go back: to what, is known."""
    NOTHING_TO_DO = "nothing-to-do"
    """What is ordered is in force."""
    FOUND = "found"
    FETCHED = "fetched"
    GENUINE = "genuine"
    WRONG = "wrong"
    """Not the bytes that were signed."""
    SLOW = "slow"
    """Some came, too slowly; not for the last time."""
    STAGED = "staged"
    PASSED = "passed"
    NO_SHADOW = "no-shadow"
    AGREED = "agreed"
    SWITCHED = "switched"
    STARTED = "started"
    """What was switched to runs, and that it was switched to was not kept: the power was cut in between."""
    HELD = "held"
    """A sitting began before the restart: what runs is linked again."""
    WELL = "well"
    UNWELL = "unwell"
    CRASHED = "crashed"
    """The launcher has put the old one back."""
    DISARMED = "disarmed"
    TURNED = "turned"
    """The old one is linked again, and another one runs still."""
    RETURNED = "returned"
    REFUSED = "refused"
    TIMEOUT = "timeout"
    LATE = "late"
    """Its hours are over."""
    WITHDRAWN = "withdrawn"
    """Another order stands, or none."""
    BACK = "back"
    """This very rollout is called back."""


class Effect(StrEnum):
    """SAY_…: a record that becomes durable with the new state. RESTART: the process ends, and is started
    again."""

    SAY_REFUSED = "say refused"
    SAY_SHADOWED = "say shadowed"
    SAY_COMMITTED = "say committed"
    SAY_RETURNED = "say returned"
    RESTART = "restart"


class Work(StrEnum):
    ASK = "ask what officers and director say"
    FETCH = "fetch"
    VERIFY = "compare hashes"
    STAGE = "unpack into the spare slot"
    TEST = "self-test"
    SHADOW = "run beside the present one"
    SWITCH = "arm the launcher, then rename one link"
    LOOK = "see whether it works"
    DISARM = "take the launcher's paper away"
    RETURN = "put the old one back"


WORK: Final[Mapping[State, Work]] = {
    State.CHECKING: Work.ASK,
    State.FETCHING: Work.FETCH,
    State.VERIFYING: Work.VERIFY,
    State.STAGING: Work.STAGE,
    State.TESTING: Work.TEST,
    State.SHADOWING: Work.SHADOW,
    State.SWITCHING: Work.SWITCH,
    State.TRIAL: Work.LOOK,
    State.COMMITTING: Work.DISARM,
    State.RETURNING: Work.RETURN,
}
AT_ONCE: Final = frozenset({Work.SWITCH, Work.DISARM, Work.RETURN})
"""Done by the loop itself, so that no freeze can come in between; the others on a thread of their own."""
IN_A_SITTING: Final = frozenset({State.COMMITTING})
"""What runs, now and after a restart, is the same before and after. Left half done, the launcher's paper
would put the old one back in the sitting."""
UNDECIDED: Final = (
    State.WAITING,
    State.CHECKING,
    State.FETCHING,
    State.VERIFYING,
    State.STAGING,
    State.TESTING,
    State.SHADOWING,
    State.SWITCHING,
)
"""What runs is untouched, and is what is linked, or is linked again: the update can simply be left."""
_S, _E = State, Event
TABLE: Final[Mapping[tuple[State, Event], tuple[State, tuple[Effect, ...]]]] = {
    (_S.WAITING, _E.DUE): (_S.CHECKING, ()),
    (_S.WAITING, _E.BACK_DUE): (_S.RETURNING, ()),
    (_S.WAITING, _E.NOTHING_TO_DO): (_S.IDLE, (Effect.SAY_RETURNED,)),
    (_S.CHECKING, _E.FOUND): (_S.FETCHING, ()),
    (_S.CHECKING, _E.NOTHING_TO_DO): (_S.IDLE, (Effect.SAY_COMMITTED,)),
    (_S.FETCHING, _E.FETCHED): (_S.VERIFYING, ()),
    (_S.FETCHING, _E.SLOW): (_S.FETCHING, ()),
    (_S.VERIFYING, _E.GENUINE): (_S.STAGING, ()),
    (_S.VERIFYING, _E.WRONG): (_S.FETCHING, ()),
    (_S.STAGING, _E.STAGED): (_S.TESTING, ()),
    (_S.TESTING, _E.PASSED): (_S.SHADOWING, ()),
    (_S.SHADOWING, _E.NO_SHADOW): (_S.SWITCHING, ()),
    (_S.SHADOWING, _E.AGREED): (_S.SWITCHING, (Effect.SAY_SHADOWED,)),
    (_S.SWITCHING, _E.SWITCHED): (_S.TRIAL, (Effect.RESTART,)),
    (_S.SWITCHING, _E.STARTED): (_S.TRIAL, ()),
    (_S.TRIAL, _E.HELD): (_S.SWITCHING, ()),
    (_S.TRIAL, _E.WELL): (_S.COMMITTING, ()),
    (_S.TRIAL, _E.UNWELL): (_S.RETURNING, ()),
    (_S.TRIAL, _E.REFUSED): (_S.RETURNING, ()),
    (_S.TRIAL, _E.CRASHED): (_S.RETURNING, ()),
    (_S.TRIAL, _E.TIMEOUT): (_S.RETURNING, ()),
    (_S.TRIAL, _E.BACK): (_S.RETURNING, ()),
    (_S.COMMITTING, _E.DISARMED): (_S.IDLE, (Effect.SAY_COMMITTED,)),
    (_S.COMMITTING, _E.CRASHED): (_S.RETURNING, ()),
    (_S.RETURNING, _E.TURNED): (_S.RETURNING, (Effect.RESTART,)),
    (_S.RETURNING, _E.RETURNED): (_S.IDLE, (Effect.SAY_RETURNED,)),
    **{
        (state, event): (_S.IDLE, (Effect.SAY_REFUSED,))
        for state in UNDECIDED
        for event in (_E.REFUSED, _E.TIMEOUT, _E.LATE, _E.WITHDRAWN)
    },
    **{(state, _E.BACK): (_S.IDLE, (Effect.SAY_RETURNED,)) for state in UNDECIDED},
}
TIMEOUT_S: Final[Mapping[State, int]] = {
    State.CHECKING: 24 * 3600,
    State.FETCHING: 24 * 3600,
    State.VERIFYING: 600,
    State.STAGING: 900,
    State.TESTING: 600,
    State.SHADOWING: 4 * 3600,
    State.SWITCHING: 3600,
    State.TRIAL: 900,
}
"""Of one start, while no freeze is in force. `waiting` ends with the order's hours; what puts things in order
(`committing`, `returning`) is tried for as long as it takes."""
TIMEOUT_CAUSE: Final[Mapping[State, str]] = {
    State.CHECKING: "expired",
    State.FETCHING: "slow",
    State.VERIFYING: "slow",
    State.STAGING: "disk-full",
    State.TESTING: "self-test",
    State.SHADOWING: "slow",
    State.SWITCHING: "disk-full",
    State.TRIAL: "trial-unwell",
}
RETRY_MS: Final = (5_000, 300_000)
"""Base and cap of the wait after `not now` (backoff.py) …"""
LOOK_MS: Final = 1_000
"""… and in these states, where it is only a matter of looking again."""
LOOKING: Final = frozenset({State.SHADOWING, State.TRIAL})


@dataclass(frozen=True, slots=True)
class Step:
    state: State
    effects: tuple[Effect, ...]


def step(state: State, event: Event) -> Step:
    """Total: a pair that is not in TABLE changes nothing."""
    return Step(*TABLE.get((state, event), (state, ())))


def is_in_table(state: State, event: Event) -> bool:
    return (state, event) in TABLE


@dataclass(frozen=True, slots=True)
class Target:
    """What of the wanted target is needed until the end. slot: where it is staged. back: what was in force
    when it was found; before: what that held, None: it could not be told. about: None of one that is only
    gone back from."""

    path: str
    length: int
    sha256: bytes
    about: About | None
    slot: str
    back: str
    before: Held | None


@dataclass(frozen=True, slots=True)
class Job:
    """One update, as it is kept. order: the last one that was taken up; None: there was none yet. cause: why
    it did not go on, kept in `idle` until the next order; empty when all went well. wrong: how often the
    fetched bytes were not the signed ones. slow: how often they came too slowly."""

    state: State = State.IDLE
    order: Order | None = None
    target: Target | None = None
    wrong: int = 0
    slow: int = 0
    cause: str = ""
    readings: Mapping[str, int] = field(default_factory=dict)

    @property
    def is_idle(self) -> bool:
        return self.state is State.IDLE


def table_words() -> str:
    """The table for people, in Markdown: docs/updates-on-a-device.md holds it."""
    lines = ["| state | work | happened | then | effects |", "|---|---|---|---|---|"]
    for (state, event), (then, effects) in sorted(TABLE.items(), key=_in_order):
        work = WORK.get(state, "—")
        said = ", ".join(effects) or "—"
        lines.append(f"| {state} | {work} | {event} | {then} | {said} |")
    return "\n".join(lines) + "\n"


def _in_order(row: tuple[tuple[State, Event], tuple[State, tuple[Effect, ...]]]) -> tuple[int, int]:
    state, event = row[0]
    return list(State).index(state), list(Event).index(event)
