"""A whole export read again, believing nothing but the pinned charter: every leaf, every document, every
proof (ballot/SPEC §7). Pure; the costly work is done by whatever `Workers` the caller has."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from ballot.board.board import Board, PerformPending
from ballot.board.heads import Head, Log, head_of, heads_of
from ballot.board.proofs import Asked, answered
from ballot.board.work import Performer, Work
from ballot.documents.charter import Charter
from ballot.group import Group
from ballot.hall_log.format import Closing, Header, LeafItem, parse_closing, parse_header, parse_leaf
from ballot.hall_log.replay import Replay
from wire import cbor
from wire.errors import BadSchema, RecordRejected
from wire.ids import CongressId, HallId
from wire.keys import Alg, public_key

PROGRESS_LEAVES = 500
Progress = Callable[[str, int, int], None]
"""What is being done, how much of it is done, of how much."""


class Workers(Protocol):
    """Check proofs, in their order. Adapters: this process, a pool of processes."""

    def __call__(self, works: Sequence[Work], progress: Progress) -> list[str | None]: ...


@dataclass(slots=True)
class Reading:
    """faults: every one, in words. heads: the cosigned checkpoints of the file that hold for its leaves."""

    header: Header
    replay: Replay
    board: Board
    log: Log
    heads: list[Head]
    faults: list[str] = field(default_factory=list)

    @property
    def size(self) -> int:
        return self.replay.tree.size

    def head(self, note: str) -> Head:
        """The head that a witness gave. Raises RecordRejected when it is not of this log's store, or not of
        these leaves."""
        found = head_of(note, self.log, self.board.charter)
        if found.size > self.size:
            raise BadSchema(
                f"the witness has seen {found.size} leaves, the export holds {self.size}: ask for a newer one"
            )
        if self.replay.root(found.size) != found.root:
            raise BadSchema("the witness has seen another log than this one: two logs exist")
        return found


def read(data: bytes, charter: Charter, group: Group, workers: Workers, progress: Progress) -> Reading:
    """Any bytes end in a reading with faults, but for those without a header. Raises BadSchema."""
    faults: list[str] = []
    items = _items(data, faults)
    header = parse_header(next(items, None))
    leaves, closing = _leaves(items, faults)
    if header.charter is not None and header.charter != charter.encode():
        faults.append("the file names another charter than the pinned one")
    if header.congress != charter.congress:
        faults.append(f"the file is of congress {header.congress}, the charter of {charter.congress}")
    asked = Asked()
    replay, board = _replayed(header, charter, group, asked, leaves, progress)
    performer = Performer(group)
    found = answered(asked, lambda works: workers(works, progress), performer)
    if found is not None:
        replay, board = _replayed(header, charter, group, found, leaves, progress)
    faults += [str(fault) for fault in replay.faults]
    log = Log(CongressId(header.congress), HallId(header.hall), tuple(replay.store_ids), replay.store_key)
    heads = _heads(closing, replay, log, charter, faults)
    return Reading(header, replay, board, log, heads, faults)


def _items(data: bytes, faults: list[str]) -> Iterator[Any]:
    at = 0
    try:
        for start, value in cbor.decode_sequence(data):
            at = start
            yield value
    except RecordRejected as err:
        faults.append(f"the file is damaged behind byte {at} ({err.what}); nothing there can be read")


def _leaves(items: Iterator[Any], faults: list[str]) -> tuple[list[LeafItem], Closing | None]:
    leaves: list[LeafItem] = []
    closing = None
    for item in items:
        try:
            if closing is not None:
                raise BadSchema("something follows the closing item")
            if type(item) is list and item and item[0] == "closing":
                closing = parse_closing(item)
            else:
                leaves.append(parse_leaf(item))
        except BadSchema as err:
            faults.append(f"behind leaf {len(leaves) - 1}: {err.what}")
    return leaves, closing


def _replayed(
    header: Header,
    charter: Charter,
    group: Group,
    perform: PerformPending,
    leaves: list[LeafItem],
    progress: Progress,
) -> tuple[Replay, Board]:
    board = Board(CongressId(header.congress), HallId(header.hall), charter, group, perform)
    keys = (public_key(Alg.EDDSA, header.desk_key), public_key(Alg.EDDSA, header.store_key))
    replay = Replay(header.congress, header.hall, *keys, election=board)
    for item in leaves:
        replay.add(item)
        if replay.tree.size % PROGRESS_LEAVES == 0:
            progress("leaves", replay.tree.size, len(leaves))
    replay.finish()
    return replay, board


def _heads(
    closing: Closing | None, replay: Replay, log: Log, charter: Charter, faults: list[str]
) -> list[Head]:
    if closing is None:
        faults.append("the file lacks its closing item: leaves at its end may be missing")
        return []
    try:
        end = head_of(closing.note, log, charter)
        if end.size != replay.tree.size or end.root != replay.tree.root():
            faults.append("the leaves do not lead to the signed checkpoint at the end of the file")
    except RecordRejected as err:
        faults.append(f"the checkpoint at the end of the file does not hold: {err.what}")
    heads, bad = heads_of(closing.cosigned, log, charter)
    faults += bad
    for head in heads:
        if replay.root(head.size) != head.root:
            faults.append(
                f"witnesses cosigned another log than this one at {head.size} leaves: two logs exist"
            )
    return [head for head in heads if replay.root(head.size) == head.root]
