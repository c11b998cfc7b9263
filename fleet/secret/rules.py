"""The life of a secret question and which papers it waits for. Pure."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from wire.ids import ContestId


class Step(StrEnum):
    """What the secretariat does by itself. Close, cancellation, tally and result are papers of officers."""

    OPEN = "open"
    HOLD = "hold"
    RESUME = "resume"


LIFE: Final[dict[tuple[str, Step], str]] = {
    ("prepared", Step.OPEN): "open",
    ("open", Step.HOLD): "held",
    ("held", Step.RESUME): "open",
}
PAPERS: Final[dict[str, tuple[str, ...]]] = {
    "prepared": ("key-record/1", "roll/1", "roll-rows/1", "manifest/1"),
    "open": ("close/1",),
    "held": ("close/1",),
    "closed": ("tally/1",),
    "tallied": ("share/1", "result/1"),
}
"""state -> the papers that it waits for, in their order. `tallied`: k shares, then the result."""
RUNNING: Final = frozenset({"open", "held"})
OVER: Final = frozenset({"cancelled", "certified"})
UNDER_WAY: Final = "secret"
"""The state of the row in table questions, for the whole life: no step of an open question leads from it."""
CLOSE_AGE_MS_MAX: Final = 300_000
"""Between a witness's look and the close that names it: an older one leaves ballots out of sight."""

ENDS_WAIT_MS: Final = 30_000
"""After the close, until units that are alive have said their end: a list before it would show whose entry in
the log is whose for every seat."""


@dataclass(frozen=True, slots=True)
class SecretQuestion:
    """state: prepared | open | held | closed | cancelled | tallied | certified. counter: of the last notice.
    has_result: k shares have opened it."""

    contest: ContestId
    question: str
    sitting: str
    text: str
    state: str
    counter: int
    changed_ms: int
    has_result: bool
    held_why: str | None = None


def next_state(state: str, step: Step) -> str | None:
    """The state after this step; None when it is not allowed."""
    return LIFE.get((state, step))


def witnessed_ago_ms(times_s: Iterable[int], now_ms: int) -> int:
    """How long ago witnesses looked, by the clock nearest to ours: one that goes wrong keeps no chair from
    closing. Below 0: in the future."""
    return min((now_ms - time * 1000 for time in times_s), key=abs)


def next_counter(counter: int, now_ms: int) -> int:
    """Of the next notice: in seconds, so that it is above what units heard before the store was restored from
    a backup; rising by one within a second."""
    return max(counter + 1, now_ms // 1000)


def papers_due(state: str, recorded: Collection[str], shares_n: int, k: int) -> list[str]:
    """The kinds of papers that the question waits for now. recorded: kinds that stand in the log."""
    due = [kind for kind in PAPERS.get(state, ()) if kind not in recorded]
    if state == "tallied":
        return ["share/1"] if shares_n < k else [kind for kind in due if kind != "share/1"]
    return due
