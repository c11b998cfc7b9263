"""Every proof of a log checked once, in as many processes as there are: the log is read with all of them
believed, the work that it asks for is done, and only if some of it fails the log is read again, so that a
bad ballot counts for nothing and is compared with nobody's."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from ballot.board.verdicts import Pending
from ballot.board.work import Perform, Work


@dataclass(slots=True)
class Asked:
    """The work that a first reading asks for, by the hash of its entry."""

    work: dict[bytes, Work] = field(default_factory=dict)

    def __call__(self, pending: Pending) -> str | None:
        self.work[pending.entry_hash] = pending.work
        return None


@dataclass(frozen=True, slots=True)
class Answered:
    """For the second reading. Work that the first did not ask for is done where it is met."""

    codes: dict[bytes, str | None]
    work: dict[bytes, Work]
    perform: Perform

    def __call__(self, pending: Pending) -> str | None:
        if self.work.get(pending.entry_hash) == pending.work:
            return self.codes[pending.entry_hash]
        return self.perform(pending.work)


PerformAll = Callable[[list[Work]], Iterable[str | None]]
"""The codes of these works, in their order: `ballot.board.work.Performer` over each, or a pool of them."""


def answered(asked: Asked, perform_all: PerformAll, perform: Perform) -> Answered | None:
    """None when all that was asked for holds, so that what was read stands."""
    codes = dict(zip(asked.work, perform_all(list(asked.work.values())), strict=True))
    return Answered(codes, asked.work, perform) if any(codes.values()) else None
