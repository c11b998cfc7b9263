"""The life of a question, and which seats can vote. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ballot.rules.rule import Rule
from fleet.votes.terms import majority_rule
from wire.ids import DeviceId

LOST_PERCENT: Final = 10
"""Of the seated units: more than these lost within a short time hold a question, unless the sitting says
otherwise."""


class Step(StrEnum):
    OPEN = "open"
    HOLD = "hold"
    RESUME = "resume"
    CLOSE = "close"
    CERTIFY = "certify"


LIFE: Final[dict[tuple[str, Step], str]] = {
    ("prepared", Step.OPEN): "open",
    ("open", Step.HOLD): "held",
    ("held", Step.RESUME): "open",
    ("open", Step.CLOSE): "closed",
    ("held", Step.CLOSE): "closed",
    ("closed", Step.CERTIFY): "certified",
}
"""Every step there is; any other is refused."""
RUNNING: Final = frozenset({"open", "held"})


@dataclass(frozen=True, slots=True)
class Question:
    """An open question: secret ones have a life and a count of their own, and are none of these.

    state: prepared | open | held | closed | certified. has_result: frozen; not before the close is a leaf.
    terms: the rule it was prepared under; None: the majority alone, of those for and against.
    presence: only who is inside votes. boxes: counted by paper in these; None: on the keypads. persons: on
    the ballot, empty for a motion. held_why: the fleet held it by itself. reveal_ms: since when choices show.
    """

    question: str
    sitting: str
    text: str
    revote: bool
    majority_num: int
    majority_den: int
    state: str
    changed_ms: int
    has_result: bool
    terms: Rule | None = None
    presence: bool = False
    boxes: tuple[str, ...] | None = None
    persons: tuple[str, ...] = ()
    held_why: str | None = None
    reveal_ms: int | None = None

    @property
    def word(self) -> str:
        """What is honestly to be said: closed, but with the close not yet in the log, is `closing`."""
        return "closing" if self.state == "closed" and not self.has_result else self.state

    @property
    def rule(self) -> Rule:
        return self.terms or majority_rule(self.majority_num, self.majority_den, None)

    @property
    def by_paper(self) -> bool:
        return self.boxes is not None

    @property
    def is_shown(self) -> bool:
        """The choices are public before the close, as the rule announced."""
        return self.reveal_ms is not None and self.state in RUNNING


@dataclass(frozen=True, slots=True)
class Settings:
    """What a sitting says of its questions. seats: of the body, 0: not said. board: lines for signatures."""

    lost_percent: int = LOST_PERCENT
    presence: bool = False
    seats: int = 0
    board: tuple[str, ...] = ()


def next_state(state: str, step: Step) -> str | None:
    """The state after this step; None when it is not allowed."""
    return LIFE.get((state, step))


def missing_seats(seats: Sequence[tuple[DeviceId | None, str]], ready: Mapping[DeviceId, bool]) -> list[str]:
    """The seats that cannot vote now, by their label: no keypad, or one that is not heard of."""
    return [
        label or str(device or "?")
        for device, label in seats
        if device is None or not ready.get(device, False)
    ]


def open_spans(changes: Iterable[tuple[int, str]]) -> list[tuple[int, int | None]]:
    """Between which leaves ballots are taken, from the question's changes as (leaf, state). None: still
    so."""
    spans: list[tuple[int, int | None]] = []
    since: int | None = None
    for leaf, state in changes:
        if state == "open" and since is None:
            since = leaf
        elif state != "open" and since is not None:
            spans.append((since, leaf))
            since = None
    return spans if since is None else [*spans, (since, None)]


def wait_of_reveal_s(question: Question, now_ms: int) -> int:
    """Seconds for which the choices must still stand on the board before the close; 0: it may close."""
    if not question.rule.reveal_s:
        return 0
    if question.reveal_ms is None:
        return question.rule.reveal_s
    return max(0, -(-(question.reveal_ms + question.rule.reveal_s * 1000 - now_ms) // 1000))
