"""All secret questions of one hall log: puts officers' documents together, hands each leaf to its contest.

Feed it every leaf in order, as ingest (which judges first, `judge_cheap` and so on, then applies) or as an
audit (`entry` judges what stands there already). Total: any bytes end in a verdict or a sentence."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ballot.board.contest import Contest
from ballot.board.course import Course
from ballot.board.verdicts import CODES, Accept, Drop, Pending, Refuse, Verdict
from ballot.board.work import Work
from ballot.ceremony.key_record import check_key_record
from ballot.documents.bodies import BODIES, KeyRecord
from ballot.documents.charter import Charter
from ballot.documents.faults import bad
from ballot.documents.opened import opened
from ballot.documents.pages import Assembly, Whole
from ballot.errors import BadDocument
from ballot.group import Group
from wire import cbor
from wire.envelope import Purpose
from wire.errors import RecordRejected
from wire.fields import Body
from wire.ids import CongressId, ContestId, HallId
from wire.voting import BallotRefusal, Beacon, ContestChanged, DocumentPage

KEY_RECORD = KeyRecord.kind
PerformPending = Callable[[Pending], str | None]


@dataclass(slots=True)
class Board:
    """perform: does the work of an entry that stands in the log already, as `Board.entry` meets it."""

    congress: CongressId
    hall: HallId
    charter: Charter
    group: Group
    perform: PerformPending
    contests: dict[ContestId, Contest] = field(default_factory=dict)
    key_records: dict[bytes, KeyRecord] = field(default_factory=dict)
    _assembly: Assembly = field(default_factory=lambda: Assembly(unfinished_max=None))

    # -- what asks to become a leaf ----------------------------------------------------------------------

    def judge_cheap(self, envelope: bytes) -> Verdict | Pending:
        contest = self.contest_of(envelope)
        return Drop("no-contest") if contest is None else contest.judge_cheap(envelope)

    def judge_again(self, pending: Pending, code: str | None) -> Verdict:
        """code: what the work of `pending` found."""
        return self.contests[pending.entry.contest].judge_again(pending, code)

    def apply(self, leaf: int, accepted: Accept) -> None:
        self.contests[accepted.entry.contest].apply(leaf, accepted)

    def contest_of(self, envelope: bytes) -> Contest | None:
        """Of which contest these bytes say that they are: not believed yet."""
        return self.contests.get(_named_contest(envelope))

    # -- what has become one -----------------------------------------------------------------------------

    def record(self, leaf: int, body: Body) -> list[str]:
        """An accepted record of the desk or the store. Returns what is wrong with it in an election."""
        match body:
            case DocumentPage():
                return self._page(leaf, body)
            case ContestChanged(contest=contest):
                return self._contest(contest).course.changed(leaf, body)
            case Beacon(contest=contest) | BallotRefusal(contest=contest):
                known = self.contests.get(contest)
                if known is None:
                    return [f"{body.kind} of a contest that nothing before it names"]
                if isinstance(body, BallotRefusal):
                    return known.refused(leaf, body)
                known.beacon(leaf, body)
        return []

    def entry(self, leaf: int, envelope: bytes) -> list[str]:
        """A leaf that a voter signed. Returns why it should not stand there, and then changes nothing."""
        contest = self.contest_of(envelope)
        if contest is None:
            return ["a board entry of a contest that nothing before it names"]
        found = contest.judge_cheap(envelope)
        if isinstance(found, Pending):
            found = contest.judge_again(found, self.perform(found))
        if isinstance(found, Accept):
            contest.apply(leaf, found)
            return []
        contest.resume(envelope)
        if isinstance(found, Refuse):
            return [f"voter {found.entry.voter.hex()}, {found.code}: {CODES[found.code][1]}"]
        if isinstance(found, Drop):
            return [f"a board entry that nobody may believe ({found.code})"]
        return [f"the same board entry stood as leaf {found.leaf} already"]

    def _contest(self, contest: ContestId) -> Contest:
        if contest not in self.contests:
            course = Course(self.congress, self.hall, contest, self.charter, self.key_records)
            self.contests[contest] = Contest(course)
        return self.contests[contest]

    def _page(self, leaf: int, page: DocumentPage) -> list[str]:
        try:
            whole = self._assembly.feed(page)
            return [] if whole is None else self._document(leaf, whole)
        except BadDocument as err:
            return [f"{page.document_kind}: {err.what}"]

    def _document(self, leaf: int, whole: Whole) -> list[str]:
        found = opened(whole.data, self.charter, _kind(whole.kind), whole.contest)
        if isinstance(found.body, KeyRecord):
            if found.hash in self.key_records:
                return []
            faults = check_key_record(self.group, found.body, self.charter)
            if not faults:
                self.key_records[found.hash] = found.body
            return [f"{KEY_RECORD}: {en}" for _, en in faults]
        if whole.contest is None:
            return [f"{whole.kind} names no contest"]
        return self._contest(whole.contest).course.document(leaf, found)


def perform_here(perform: Callable[[Work], str | None]) -> PerformPending:
    """Do the work where it is met."""
    return lambda pending: perform(pending.work)


def _kind(kind: str) -> str:
    if kind not in BODIES:
        raise bad("not-a-document", what=f"kind {kind!r:.40}")
    return kind


def _named_contest(envelope: bytes) -> ContestId:
    try:
        parts: Any = cbor.decode(envelope, Purpose.BOARD.limit)
        payload = parts[2] if type(parts) is list and len(parts) == 4 else b""
        named: Any = cbor.decode(payload, Purpose.BOARD.limit) if type(payload) is bytes else None
    except RecordRejected:
        return ContestId(b"")
    if type(named) is not list or len(named) < 3 or type(named[2]) is not bytes:
        return ContestId(b"")
    return ContestId(named[2])
