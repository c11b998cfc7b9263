"""The claim as a table: where a machine stands, what happens, where it stands then and what it does. Pure.

    looking -> hello -> waiting -> placed -> pressed -> fetching -> installing -> done
    from anywhere back to looking, after a while: no clock, no network, no desk, not trusted, refused

Nothing here ends but in `done`: whatever is wrong outside is said on the display, and tried again by itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class State(StrEnum):
    NO_CLOCK = "no-clock"
    NO_NETWORK = "no-network"
    LOOKING = "looking-for-desk"
    SILENT = "desk-silent"
    NOT_TRUSTED = "not-trusted"
    HELLO = "saying-hello"
    WAITING = "waiting"
    PLACED = "placed"
    PRESSED = "pressed"
    FETCHING = "fetching"
    INSTALLING = "installing"
    MISFIT = "grant-misfit"
    UNFIT = "unfit"
    REFUSED = "refused"
    DONE = "done"


class Event(StrEnum):
    TIMEOUT = "timeout"
    """The wait of this state is over (WAITS)."""
    BUTTON = "button"
    """The device's own."""
    # of looking for a desk
    FOUND = "found"
    NOT_FOUND = "not-found"
    NO_ADDRESS = "no-address"
    # of asking one
    CLOCK_BEHIND = "clock-behind"
    UNREACHABLE = "unreachable"
    IMPOSTOR = "impostor"
    NO = "no"
    """It says why not."""
    GONE = "gone"
    """It knows no such claim, or the claim stands elsewhere: say hello again."""
    # what it says of the claim
    SAID_WAITING = "said-waiting"
    SAID_PLACED = "said-placed"
    SAID_PRESSED = "said-pressed"
    SAID_GRANTED = "said-granted"
    SAID_REFUSED = "said-refused"
    # of the grant
    FETCHED = "fetched"
    BAD_GRANT = "bad-grant"
    INSTALLED = "installed"
    UNFIT = "unfit"
    """This machine itself: its card cannot be written, its key does not answer, its files are damaged."""


class Effect(StrEnum):
    FIND = "find"
    HELLO = "hello"
    POLL = "poll"
    ATTENTION = "attention"
    """Tone and light: this is the machine whose place was just tapped."""
    PRESS = "press"
    FETCH = "fetch"
    INSTALL = "install"
    TELL = "tell"
    """`installed`, to a desk that may have gone by now: the folder stands either way."""


Reply = tuple[State, tuple[Effect, ...]]
_AGAIN: Final[Reply] = (State.LOOKING, (Effect.FIND,))
_ASKING: Final = (State.HELLO, State.WAITING, State.PLACED, State.PRESSED, State.FETCHING)
"""States in which the desk is asked something."""
_ASKED: Final[Mapping[Event, Reply]] = {
    Event.CLOCK_BEHIND: (State.NO_CLOCK, ()),
    Event.UNREACHABLE: (State.SILENT, ()),
    Event.IMPOSTOR: (State.NOT_TRUSTED, ()),
    Event.NO: (State.REFUSED, ()),
    Event.UNFIT: (State.UNFIT, ()),
    Event.GONE: (State.HELLO, (Effect.HELLO,)),
    Event.SAID_WAITING: (State.WAITING, ()),
    Event.SAID_PLACED: (State.PLACED, (Effect.ATTENTION,)),
    Event.SAID_PRESSED: (State.PRESSED, ()),
    Event.SAID_GRANTED: (State.FETCHING, (Effect.FETCH,)),
    Event.SAID_REFUSED: (State.REFUSED, ()),
}
_STOPPED: Final = (
    State.NO_CLOCK, State.NO_NETWORK, State.SILENT, State.NOT_TRUSTED, State.MISFIT, State.UNFIT,
    State.REFUSED,
)  # fmt: skip

TABLE: Final[Mapping[tuple[State, Event], Reply]] = {
    (State.LOOKING, Event.TIMEOUT): _AGAIN,
    (State.LOOKING, Event.CLOCK_BEHIND): (State.NO_CLOCK, ()),
    (State.LOOKING, Event.NO_ADDRESS): (State.NO_NETWORK, ()),
    (State.LOOKING, Event.NOT_FOUND): (State.LOOKING, ()),
    (State.LOOKING, Event.FOUND): (State.HELLO, (Effect.HELLO,)),
    **{(state, event): reply for state in _ASKING for event, reply in _ASKED.items()},
    (State.HELLO, Event.NO_ADDRESS): (State.NO_NETWORK, ()),
    (State.WAITING, Event.TIMEOUT): (State.WAITING, (Effect.POLL,)),
    (State.PLACED, Event.TIMEOUT): (State.PLACED, (Effect.POLL,)),
    (State.PLACED, Event.SAID_PLACED): (State.PLACED, ()),  # still: it has called already
    (State.PLACED, Event.BUTTON): (State.PRESSED, (Effect.PRESS,)),
    (State.PRESSED, Event.TIMEOUT): (State.PRESSED, (Effect.POLL,)),
    (State.FETCHING, Event.FETCHED): (State.INSTALLING, (Effect.INSTALL,)),
    (State.FETCHING, Event.BAD_GRANT): (State.MISFIT, ()),
    (State.INSTALLING, Event.INSTALLED): (State.DONE, (Effect.TELL,)),
    (State.INSTALLING, Event.UNFIT): (State.UNFIT, ()),
    **{(state, Event.TIMEOUT): _AGAIN for state in _STOPPED},
    **{(state, Event.BUTTON): _AGAIN for state in _STOPPED},  # whoever stands here need not wait
}


@dataclass(frozen=True, slots=True)
class Wait:
    """How long until TIMEOUT, ms: from `base_ms` on, growing to `cap_ms` while the state comes back."""

    base_ms: int
    cap_ms: int


WAITS: Final[Mapping[State, Wait]] = {
    State.NO_CLOCK: Wait(2_000, 5_000),
    State.NO_NETWORK: Wait(2_000, 5_000),
    State.LOOKING: Wait(1_000, 8_000),
    State.SILENT: Wait(1_000, 8_000),
    State.NOT_TRUSTED: Wait(5_000, 30_000),
    State.MISFIT: Wait(10_000, 60_000),
    State.UNFIT: Wait(5_000, 30_000),
    State.REFUSED: Wait(10_000, 60_000),
    State.WAITING: Wait(2_000, 5_000),  # 2,000 machines wait at one desk while a hall is furnished
    State.PLACED: Wait(1_000, 1_000),
    State.PRESSED: Wait(1_000, 5_000),
}
"""States without a wait last as long as their effect does."""


@dataclass(frozen=True, slots=True)
class Step:
    state: State
    effects: tuple[Effect, ...]


def step(state: State, event: Event) -> Step:
    """Total: a pair that is not in TABLE changes nothing. A button that is pressed too early, or an answer
    that comes too late, is no mistake."""
    return Step(*TABLE.get((state, event), (state, ())))
