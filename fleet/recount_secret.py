"""Secret questions in the audit of an exported log: read again under the charter, proofs and shares included
(ballot/SPEC §6, §7). Pure but for libsodium.

The charter says who may sign anything in an election, so only one that the auditor brings makes the answer
complete; that of the file vouches for itself.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from ballot.adapters.libsodium import Libsodium
from ballot.board.board import Board, perform_here
from ballot.board.contest import Contest
from ballot.board.course import Signed
from ballot.board.heads import Head, Log, heads_of
from ballot.board.work import Performer
from ballot.documents.bodies import Result
from ballot.documents.charter import Charter, parse_charter
from ballot.errors import BadDocument, LibsodiumMissing
from ballot.hall_log.format import Closing, Header
from ballot.hall_log.replay import Election, Fault, Place, Replay
from ballot.rules import facts as facts_of_rules
from ballot.rules.counted import from_tally
from ballot.rules.decide import decide
from ballot.rules.refusals import Refused
from ballot.tally.objections import objections
from ballot.tally.report import ContestReport, contests_of
from wire import cbor
from wire.errors import RecordRejected
from wire.fields import Body
from wire.ids import CongressId, HallId
from wire.voting import ContestChanged, DocumentPage

OF_THE_CLOSE: Final = frozenset(
    {"not-opened", "cancelled", "close-root", "close-unwitnessed", "late-witness"}
)
"""Objections to a tally that are for this page to say; the others are said by ballot/tally/report.py."""


def charter_of(header: Header, pinned: Charter | None) -> tuple[Charter | None, list[Fault]]:
    """The pinned one, else that of the file, if it has one; and what is wrong with it."""
    charter, faults = pinned, []
    if pinned is not None and header.charter not in (None, pinned.encode()):
        faults.append(_fault("the file names another charter than the pinned one"))
    if pinned is None and header.charter is not None:
        try:
            charter = parse_charter(header.charter)
        except BadDocument as err:
            faults.append(_fault(f"the charter in the file is none: {err.en}"))
    if charter is not None and charter.congress != header.congress:
        what = f"the file is of congress {header.congress}, the charter of {charter.congress}"
        faults.append(_fault(what))
    return charter, faults


class WithoutLibsodium:
    """Stands for the board on a machine that cannot do its arithmetic: no matter while no leaf needs it."""

    def __init__(self, missing: LibsodiumMissing) -> None:
        self._missing: Final = missing

    def record(self, _leaf: int, body: Body) -> list[str]:
        """Raises LibsodiumMissing for a record of an election."""
        if isinstance(body, ContestChanged | DocumentPage):
            raise self._missing
        return []

    def entry(self, _leaf: int, _envelope: bytes) -> list[str]:
        """Raises LibsodiumMissing."""
        raise self._missing


def election_of(header: Header, charter: Charter | None) -> Election | None:
    """The board of that log; None without a charter."""
    if charter is None:
        return None
    try:
        group = Libsodium()
    except LibsodiumMissing as err:
        return WithoutLibsodium(err)
    congress, hall = CongressId(header.congress), HallId(header.hall)
    return Board(congress, hall, charter, group, perform_here(Performer(group)))


def has_secret_questions(replay: Replay) -> bool:
    """Whether any leaf speaks of one: then the answer depends on the charter."""
    said = (isinstance(leaf.body, ContestChanged | DocumentPage) for leaf in replay.counted)
    return replay.entries > 0 or any(said)


def questions_of(replay: Replay, closing: Closing | None) -> tuple[list[ContestReport], list[Fault]]:
    """Every secret question, in the order of the log, and what is wrong with them beside their leaves, which
    the replay names."""
    board = replay.election
    if not isinstance(board, Board):
        return [], []
    heads, faults = _heads(board, replay, () if closing is None else closing.cosigned)
    reports = contests_of(replay, board.group)
    for report in reports:
        name = f"secret question {report.question or report.contest.hex()}"
        told = [*report.faults, *_of_tally(replay, board.contests[report.contest], heads)]
        told += _of_results(replay, board.contests[report.contest])
        faults += [Fault(report.closed, Place(), f"{name}: {what}") for what in told]
    return reports, faults


def _heads(board: Board, replay: Replay, notes: Sequence[str]) -> tuple[list[Head], list[Fault]]:
    """The cosigned checkpoints of the file that are of this very log."""
    log = Log(board.congress, board.hall, tuple(replay.store_ids), replay.store_key)
    heads, bad = heads_of(notes, log, board.charter)
    faults = [_fault(what) for what in bad]
    ours = []
    for head in heads:
        if replay.root(head.size) == head.root:
            ours.append(head)
        else:
            faults.append(_fault(f"witnesses cosigned another log than this one at {head.size} leaves"))
    if [head.size for head in heads] != sorted({head.size for head in heads}):
        faults.append(_fault("the cosigned checkpoints do not ascend by size"))
    return [head for head in ours if head.is_witnessed(board.charter)], faults


def _of_tally(replay: Replay, contest: Contest, heads: Sequence[Head]) -> Iterator[str]:
    """What witnesses did not see in time: who opened it all the same broke the rules."""
    tallies: list[Signed] = contest.course.tallies[:1]
    for tally in tallies:
        size, root = tally.body.size, tally.body.root
        for each in objections(contest, replay.root, heads, size):
            if each.code in OF_THE_CLOSE:
                yield f"tally/1 although it was not to be signed. {each.en}"
        if not any((head.size, head.root) == (size, root) for head in heads):
            yield f"tally/1 names {size} leaves, a state that too few witnesses signed"
        for share in contest.course.shares:
            if not any(tally.leaf < head.size <= share.leaf for head in heads):
                yield f"share/1 at leaf {share.leaf}, before witnesses had seen the tally in the log"


def _of_results(replay: Replay, contest: Contest) -> Iterator[str]:
    """What the rule makes of the certified numbers, and of which log they are."""
    manifest, tallies = contest.course.manifest, contest.course.tallies
    for signed in contest.course.results:
        result: Result = signed.body
        if result.size > signed.leaf or replay.root(result.size) != result.root:
            yield "result/1 names a state that is not one of this log before it"
        if manifest is None or not tallies:
            continue
        try:
            facts = facts_of_rules.parse(cbor.decode(result.facts, len(result.facts)))
            counted = from_tally(manifest.rule, result.counts, tallies[0].body.counted)
            outcome = decide(manifest.rule, facts, counted, result.order).text
        except Refused as err:
            yield f"result/1 certifies numbers that the rule refuses: {'; '.join(r.en for r in err.refusals)}"
        except RecordRejected as err:
            yield f"result/1 holds no facts ({err.what})"
        else:
            if outcome != result.outcome:
                yield f"by the rule the outcome is {outcome}, result/1 says {result.outcome}"


def _fault(what: str) -> Fault:
    return Fault(None, Place(), what)
