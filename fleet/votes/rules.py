"""The life of a question, and what its result says. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from ballot.counting import Result, Ruling, carried, quorum
from wire.ids import DeviceId


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
    """state: prepared | open | held | closed | certified. has_result: frozen; not before the close is a
    leaf."""

    question: str
    sitting: str
    text: str
    revote: bool
    majority_num: int
    majority_den: int
    state: str
    changed_ms: int
    has_result: bool

    @property
    def word(self) -> str:
        """What is honestly to be said: closed, but with the close not yet in the log, is `closing`."""
        return "closing" if self.state == "closed" and not self.has_result else self.state


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


@dataclass(frozen=True, slots=True)
class Outcome:
    """word: `carried`, `not-carried`, or `no-quorum` whatever the votes say."""

    word: str
    majority: Ruling
    quorum: Ruling


def outcome(result: Result, present: int, quorum_num: int, quorum_den: int) -> Outcome:
    """What a closed question's numbers mean under the rules announced at its opening."""
    majority = carried(result.yes, result.no, *result.majority)
    enough = quorum(present, result.summoned, quorum_num, quorum_den)
    word = "no-quorum" if not enough.holds else "carried" if majority.holds else "not-carried"
    return Outcome(word, majority, enough)


def frozen(result: Result, found: Outcome, present: int) -> dict[str, Any]:
    """The result as it is frozen: pseudonyms only, so that a withdrawal needs no change here. JSON-able."""
    return {
        "outcome": found.word,
        "yes": result.yes,
        "no": result.no,
        "abstain": result.abstain,
        "cast": result.cast,
        "present": present,
        "summoned": result.summoned,
        "majority": _ruling(found.majority, *result.majority),
        "quorum": _ruling(found.quorum),
        "opened_leaf": result.opened,
        "closed_leaf": result.closed,
        "choices": [
            {"member": c.member.hex(), "choice": c.choice, "device": c.device, "leaf": c.leaf}
            for c in result.choices
        ],
        "uncounted": [{"leaf": u.leaf, "device": u.device, "why": u.why.value} for u in result.uncounted],
    }


def _ruling(ruling: Ruling, num: int | None = None, den: int | None = None) -> dict[str, Any]:
    fraction = {} if num is None else {"num": num, "den": den}
    return {"holds": ruling.holds, "vi": ruling.vi, "en": ruling.en, **fraction}
