"""The hall log as secret questions need it: its tree and its board, followed leaf by leaf in this process."""

import logging
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from ballot.adapters.libsodium import Libsodium
from ballot.board.board import Board, perform_here
from ballot.board.contest import Contest
from ballot.board.heads import Head, Log, heads_of
from ballot.board.work import believed
from ballot.documents.charter import Charter, parse_charter
from ballot.errors import LibsodiumMissing
from fleet.api.errors import Conflict
from fleet.db import Connection
from fleet.desk import store as desk_store
from fleet.desk.office import Office
from fleet.log.tree import LogTree
from fleet.secret import store
from fleet.secret.refusals import conflict
from wire.board import is_voter_kid
from wire.envelope import Purpose, verify
from wire.errors import RecordRejected
from wire.ids import DESK, STORE, ContestId, DeviceId, StoreId, VoterRef
from wire.keys import PublicKey
from wire.merkle import Tree
from wire.records import StoreBegun, parse_record
from wire.voting import BallotRefusal

_log: Final = logging.getLogger(__name__)


@dataclass(slots=True)
class Seen:
    """What stands in the log by now. refusals: how often an entry of (contest, voter) was refused with this
    code. Held by one caller at a time, and only inside `SecretLog.seen`."""

    charter: Charter
    board: Board
    tree: Tree
    store_ids: list[StoreId] = field(default_factory=list)
    refusals: Counter[tuple[ContestId, VoterRef, str]] = field(default_factory=Counter)
    _heads: dict[str, list[Head]] = field(default_factory=dict)

    def contest(self, contest: ContestId) -> Contest | None:
        return self.board.contests.get(contest)

    def heads(self, connection: Connection) -> list[Head]:
        """The checkpoints that enough witnesses signed, ascending; each is verified once."""
        log = self.log(connection)
        if log is None:
            return []
        notes = store.cosigned(connection)
        for note in notes:
            if note not in self._heads:
                self._heads[note] = heads_of([note], log, self.charter)[0]
        return [head for note in notes for head in self._heads[note]]

    def log(self, connection: Connection) -> Log | None:
        """Whose checkpoints are believed; None before ingest has run once."""
        key, own = store.store_key(connection), store.store_id(connection)
        if key is None or own is None:
            return None
        ids = tuple(dict.fromkeys([*self.store_ids, own]))
        return Log(self.board.congress, self.board.hall, ids, key)


class SecretLog:
    """One per process. The first look reads all there is; later ones the new leaves alone."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._lock = threading.Lock()
        self._pinned = b""
        self._tree = LogTree()
        self._seen: Seen | None = None

    @contextmanager
    def seen(self, connection: Connection) -> Iterator[Seen]:
        """The log as this connection sees it. Raises Conflict: no charter, no libsodium, a damaged log."""
        with self._lock:
            yield self._follow(connection)

    @contextmanager
    def tree(self, connection: Connection) -> Iterator[Tree]:
        """The tree alone, which needs no charter."""
        with self._lock:
            if self._seen is None:
                self._tree.follow(connection)
                yield self._tree.tree
            else:
                yield self._follow(connection).tree

    def _follow(self, connection: Connection) -> Seen:
        pinned = desk_store.charter(connection)
        if pinned is None:
            raise conflict("no-charter")
        if self._seen is None or pinned != self._pinned:
            self._seen, self._tree, self._pinned = self._begun(pinned), LogTree(), pinned
            self._seen.tree = self._tree.tree
            first = 0
        else:
            first = self._tree.tree.size
        seen = self._seen
        try:
            self._tree.follow(connection)
            keys = {DESK: self._office.desk.signer.public_key, STORE: store.store_key(connection)}
            for leaf in store.election_leaves(connection, first, self._tree.tree.size):
                self._take(seen, leaf, keys.get(DeviceId(leaf.signer)))
        except BaseException:
            self._seen = None  # what was read is not whole: begin again
            raise
        return seen

    def _begun(self, pinned: bytes) -> Seen:
        desk = self._office.desk
        try:
            group = Libsodium()
        except LibsodiumMissing as err:
            raise Conflict(err.diagnostics(), code=err.code) from None
        charter = parse_charter(pinned)
        return Seen(charter, Board(desk.congress, desk.hall, charter, group, perform_here(believed)), Tree())

    def _take(self, seen: Seen, leaf: store.StoredLeaf, key: PublicKey | None) -> None:
        if is_voter_kid(leaf.signer):
            self._say(leaf.leaf, seen.board.entry(leaf.leaf, leaf.envelope))
            return
        if key is None:
            return
        try:
            body = parse_record(verify(leaf.envelope, Purpose.RECORD, DeviceId(leaf.signer), key)).body
        except RecordRejected as err:
            raise conflict("damaged-log", what=f"{leaf.leaf}: {err.what}") from None
        if isinstance(body, StoreBegun):
            seen.store_ids.append(StoreId(body.store_id))
            return
        if isinstance(body, BallotRefusal):
            seen.refusals[body.contest, body.voter, body.code] += 1
        self._say(leaf.leaf, seen.board.record(leaf.leaf, body))

    def _say(self, index: int, faults: list[str]) -> None:
        for fault in faults:
            _log.warning("Leaf %d of the hall log: %s", index, fault)
