"""The secret questions of the hall as ingest knows them: the board and its rules, and where all stands."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from ballot.adapters.libsodium import Libsodium
from ballot.board.board import Board, perform_here
from ballot.board.verdicts import Accept
from ballot.board.work import believed
from ballot.documents.charter import parse_charter
from ballot.hashing import hash_of
from fleet.ingest.ballots.shelf import Found, Place, Shelf
from wire.board import Entry
from wire.fields import Body
from wire.ids import CongressId, ContestId, HallId
from wire.merkle import Tree
from wire.voting import BallotRefusal, Beacon


class StoredRecord(NamedTuple):
    """A leaf of the desk or the store."""

    leaf: int
    body: Body
    envelope: bytes


class StoredEntry(NamedTuple):
    leaf: int
    envelope: bytes


@dataclass(slots=True)
class Elections:
    """Rebuilt from the log at every start, and after a commit that failed: it is changed while one is under
    way. faults: what is wrong with documents in the log, to be said to the office."""

    board: Board
    tree: Tree
    shelves: dict[ContestId, Shelf] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, charter: bytes, congress: CongressId, hall: HallId, tree: Tree) -> "Elections":
        """Raises BadDocument, LibsodiumMissing."""
        board = Board(congress, hall, parse_charter(charter), Libsodium(), perform_here(believed))
        return cls(board, tree)

    def replay(self, leaves: Iterable[StoredRecord | StoredEntry]) -> None:
        """Take in what stands in the log, in its order."""
        for stored in leaves:
            if isinstance(stored, StoredRecord):
                self.record(stored)
                continue
            contest = self.board.contest_of(stored.envelope)
            self.faults += self.board.entry(stored.leaf, stored.envelope)
            if contest is not None:
                place = Place(stored.leaf, b"")
                self.shelf(contest.id).places.setdefault(hash_of(stored.envelope), place)

    def record(self, stored: StoredRecord) -> None:
        leaf, body, envelope = stored
        self.faults += self.board.record(leaf, body)
        if isinstance(body, Beacon):
            self.shelf(body.contest).add_beacon(leaf, envelope)
        elif isinstance(body, BallotRefusal):
            places = self.shelf(body.contest).places
            places.setdefault(body.entry_hash, Place(leaf, envelope))
        for contest in self.board.contests.values():
            if contest.course.closed == leaf:
                self.shelf(contest.id).closing = Found(leaf, envelope)

    def accepted(self, leaf: int, accept: Accept) -> None:
        self.board.apply(leaf, accept)
        self.shelf(accept.entry.contest).places[accept.entry_hash] = Place(leaf, b"")

    def shelf(self, contest: ContestId) -> Shelf:
        return self.shelves.setdefault(contest, Shelf())


def commits(entry: Entry) -> bool:
    """Whether it holds a commitment, for which a beacon must follow."""
    return hasattr(entry.body, "commitment")
