"""Go-back-N from the last receipt: a pure step function (state, event) -> (state, effects) (DESIGN §4).

    connected ------ publish at most WINDOW records beyond the mark, in order
    receipt -------- the mark moves, the window moves, the wait is short again
    no progress ---- go back to mark + 1, each time after a longer, jittered wait
    reconnected ---- go back at once
    resend --------- the mark moves down, go back at once

A lost, doubled or reordered packet costs time, never a record: the receiver takes only the next seq, and
answers everything else with what it has.
"""

from dataclasses import dataclass, replace
from typing import Final

from edge.device.backoff import decorrelated

WINDOW: Final = 64
"""Records in flight beyond the mark; also what a link keeps unacknowledged at most."""
PATIENCE_MS: Final = 2000
PATIENCE_CAP_MS: Final = 10_000


@dataclass(frozen=True, slots=True)
class Uplink:
    """marked: all records up to it are stored at the fleet. sent: the last one published since going back.
    last: the newest one there is. first: the oldest one still kept."""

    marked: int
    last: int
    first: int = 1
    sent: int = 0
    connected: bool = False
    patience_ms: int = PATIENCE_MS
    deadline_ms: int | None = None
    """When to go back unless a receipt comes; None when nothing is awaited."""


@dataclass(frozen=True, slots=True)
class Connected:
    now_ms: int


@dataclass(frozen=True, slots=True)
class Disconnected:
    pass


@dataclass(frozen=True, slots=True)
class Appended:
    seq: int
    now_ms: int


@dataclass(frozen=True, slots=True)
class ReceiptUp:
    """The mark stands at seq now; it may also have moved down, when the fleet's store began a new life."""

    seq: int
    now_ms: int


@dataclass(frozen=True, slots=True)
class ResendFrom:
    seq: int
    now_ms: int


@dataclass(frozen=True, slots=True)
class Pruned:
    """Records below first are gone; they were certified."""

    first: int


@dataclass(frozen=True, slots=True)
class Tick:
    now_ms: int


Event = Connected | Disconnected | Appended | ReceiptUp | ResendFrom | Pruned | Tick


@dataclass(frozen=True, slots=True)
class Publish:
    """Send the records first … last, in order."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class GoBack:
    """What was sent beyond the mark is sent again from here on. For the counters."""

    to: int


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing to do before this moment, unless an event comes."""

    until_ms: int


Effect = Publish | GoBack | Wait


def step(state: Uplink, event: Event, fraction: float) -> tuple[Uplink, tuple[Effect, ...]]:
    """Total. now_ms: monotonic. fraction: uniform in [0, 1), used when a wait begins.

    At most one Publish of at most WINDOW records per event, so that the effects of any event are bounded.
    """
    if isinstance(event, Disconnected):
        return replace(state, connected=False, deadline_ms=None, patience_ms=PATIENCE_MS), ()
    if isinstance(event, Pruned):
        return replace(state, first=max(state.first, event.first)), ()
    if isinstance(event, Connected):
        # A reconnection is no fault of the fleet's: patience starts short, the link's own jitter has spread
        # the crowd.
        begun = replace(state, connected=True, patience_ms=PATIENCE_MS, deadline_ms=None)
        return _go_back(begun, event.now_ms, counted=False)
    if isinstance(event, Appended):
        return _fill(replace(state, last=max(state.last, event.seq)), event.now_ms)
    if isinstance(event, ReceiptUp):
        return _marked(state, event)
    if isinstance(event, ResendFrom):
        lowered = replace(state, marked=max(0, min(state.marked, event.seq - 1)), patience_ms=PATIENCE_MS)
        return _go_back(lowered, event.now_ms, counted=True)
    return _tick(state, event.now_ms, fraction)


def _marked(state: Uplink, event: ReceiptUp) -> tuple[Uplink, tuple[Effect, ...]]:
    seq = min(event.seq, state.last)
    if seq < state.marked:
        return _go_back(replace(state, marked=seq, patience_ms=PATIENCE_MS), event.now_ms, counted=True)
    if seq == state.marked:
        return _with_wait(state)
    moved = replace(state, marked=seq, sent=max(state.sent, seq), patience_ms=PATIENCE_MS, deadline_ms=None)
    return _fill(moved, event.now_ms)


def _tick(state: Uplink, now_ms: int, fraction: float) -> tuple[Uplink, tuple[Effect, ...]]:
    if not state.connected or state.deadline_ms is None or now_ms < state.deadline_ms:
        return _with_wait(state)
    longer = decorrelated(state.patience_ms, PATIENCE_MS, PATIENCE_CAP_MS, fraction)
    return _go_back(replace(state, patience_ms=longer), now_ms, counted=True)


def _go_back(state: Uplink, now_ms: int, *, counted: bool) -> tuple[Uplink, tuple[Effect, ...]]:
    to = max(state.marked + 1, state.first)
    counted = counted and state.connected and state.sent >= to
    back, effects = _fill(replace(state, sent=to - 1, deadline_ms=None), now_ms)
    return back, (GoBack(to), *effects) if counted else effects


def _fill(state: Uplink, now_ms: int) -> tuple[Uplink, tuple[Effect, ...]]:
    """Publish what the window has room for."""
    start = max(state.sent, state.marked, state.first - 1)
    stop = min(state.last, max(state.marked, state.first - 1) + WINDOW)
    if not state.connected or stop <= start:
        return _with_wait(replace(state, deadline_ms=_deadline(state, now_ms)))
    sent = replace(state, sent=stop)
    sent = replace(sent, deadline_ms=_deadline(sent, now_ms))
    awaited, wait = _with_wait(sent)
    return awaited, (Publish(start + 1, stop), *wait)


def _deadline(state: Uplink, now_ms: int) -> int | None:
    if not state.connected or state.sent <= state.marked:
        return None
    return state.deadline_ms if state.deadline_ms is not None else now_ms + state.patience_ms


def _with_wait(state: Uplink) -> tuple[Uplink, tuple[Effect, ...]]:
    return state, () if state.deadline_ms is None else (Wait(state.deadline_ms),)
