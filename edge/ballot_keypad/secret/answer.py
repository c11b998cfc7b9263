"""What a unit believes of an answer of the store (wire/SPEC §6.4, HV-1 rule 14). Pure.

The checks stand in the order of the page. An answer that is for somebody else, or for something from
before, is put aside. One that the store signed and that cannot be is an alarm: somebody with the store's
key keeps two logs, or takes back what it showed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar

from ballot.documents.bodies import Close
from ballot.documents.charter import Charter
from ballot.documents.opened import opened
from ballot.errors import BadDocument
from ballot.hashing import hash_of
from wire.board import End
from wire.checkpoint import Checkpoint, cosigners, origin, verify_checkpoint
from wire.envelope import Purpose, verify
from wire.errors import BadSchema, RecordRejected
from wire.fields import Body
from wire.ids import DESK, STORE, CongressId, ContestId, DeviceId, HallId, StoreId, VoterRef
from wire.keys import PublicKey
from wire.merkle import EMPTY_ROOT, leaf_hash, verify_consistency, verify_inclusion
from wire.records import Record, parse_record
from wire.voting import BallotRefusal, Beacon, BoardAnswer, DocumentPage

_HASH: Final = 32
T = TypeVar("T", bound=Body)


@dataclass(frozen=True, slots=True)
class Kept:
    """The newest checkpoint that this unit has seen of a store's log; size 0: none."""

    store_id: StoreId | None = None
    size: int = 0
    root: bytes = EMPTY_ROOT


@dataclass(frozen=True, slots=True)
class Asked:
    """The entry on its way, and of whom."""

    contest: ContestId
    voter: VoterRef
    entry: bytes
    kind: str


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads: this unit, with the keys that are pinned in it."""

    congress: CongressId
    hall: HallId
    device: DeviceId
    desk: PublicKey
    store: PublicKey
    charter: Charter


@dataclass(frozen=True, slots=True)
class Believed:
    """code: why the entry was refused; empty: it is a leaf. nonce: for its commitment. is_closed: the chair's
    CLOSE stands in the log. in_record: the entry stands in the closed record, and witnesses saw it. kept:
    to be persisted before anything else is done."""

    code: str
    nonce: bytes | None
    is_closed: bool
    in_record: bool
    kept: Kept


@dataclass(frozen=True, slots=True)
class Aside:
    """Nothing is believed of it, and nothing is wrong with the log because of it."""

    why: str


@dataclass(frozen=True, slots=True)
class Forged:
    """The store signed what cannot be. what: code of the alarm."""

    what: str


Verdict = Believed | Aside | Forged


def read_answer(
    answer: BoardAnswer, asked: Asked, kept: Kept, store_id: StoreId | None, who: Reader
) -> Verdict:
    """store_id: of the store that this unit knows by its receipts, if it does. The signature of the answer
    itself was verified by whoever parsed it. Total."""
    if why := _not_for_us(answer, asked, kept, store_id, who):
        return Aside(why)
    witnesses = {witness.name: witness.public_key for witness in who.charter.witnesses}
    try:
        point = verify_checkpoint(answer.note, origin(who.congress, who.hall, answer.store_id), who.store)
        seen_by = cosigners(answer.note, who.congress, witnesses)
    except RecordRejected as err:
        return Aside(f"note: {err.code}")
    for what, check in _CHECKS:
        try:
            check(answer, asked, kept, point, who)
        except (RecordRejected, BadDocument):
            return Forged(what)
    is_seen = len(seen_by) >= who.charter.witness_quorum and any(
        witness.external for witness in who.charter.witnesses if witness.name in seen_by
    )
    newer = kept if kept.size >= point.size else Kept(answer.store_id, point.size, point.root)
    return Believed(
        code=_refusal(answer, who).code if answer.refusal else "",
        nonce=_body(answer.beacon, STORE, who, Beacon).nonce if answer.beacon else None,
        is_closed=bool(answer.closing),
        in_record=bool(answer.closing and answer.accepted and is_seen),
        kept=newer,
    )


def _not_for_us(answer: BoardAnswer, asked: Asked, kept: Kept, store_id: StoreId | None, who: Reader) -> str:
    if (answer.hall, answer.device) != (who.hall, who.device):
        return "another device"
    if answer.store_id != (store_id or kept.store_id or answer.store_id):
        return "another store"
    if answer.contest != asked.contest or answer.entry_hash != hash_of(asked.entry):
        return "another entry"
    return "" if answer.known_size == kept.size else "from before"


def _check_place(answer: BoardAnswer, asked: Asked, _kept: Kept, point: Checkpoint, who: Reader) -> None:
    leaf = answer.refusal or asked.entry
    verify_inclusion(leaf_hash(leaf), answer.index, point.size, _hashes(answer.path), point.root)
    if answer.refusal:
        refusal = _refusal(answer, who)
        told = (refusal.contest, refusal.voter, refusal.entry_hash)
        if told != (asked.contest, asked.voter, answer.entry_hash):
            raise BadSchema("a refusal of something else")


def _check_consistency(
    answer: BoardAnswer, _asked: Asked, kept: Kept, point: Checkpoint, _who: Reader
) -> None:
    own, other = (kept.size, kept.root), (point.size, point.root)
    (small, small_root), (large, large_root) = (own, other) if own[0] <= other[0] else (other, own)
    verify_consistency(small, large, small_root, large_root, _hashes(answer.consistency))


def _check_beacon(answer: BoardAnswer, asked: Asked, _kept: Kept, point: Checkpoint, who: Reader) -> None:
    if not answer.beacon:
        return
    beacon = _body(answer.beacon, STORE, who, Beacon)
    if beacon.contest != asked.contest or answer.beacon_index <= answer.index:
        raise BadSchema("a beacon of something else")
    path = _hashes(answer.beacon_path)
    verify_inclusion(leaf_hash(answer.beacon), answer.beacon_index, point.size, path, point.root)


def _check_closing(answer: BoardAnswer, asked: Asked, _kept: Kept, point: Checkpoint, who: Reader) -> None:
    if not answer.closing:
        return
    page = _body(answer.closing, DESK, who, DocumentPage)
    if (page.document_kind, page.contest, page.pages) != (Close.kind, asked.contest, 1):
        raise BadSchema("no CLOSE of this contest")
    close = opened(page.chunk, who.charter, Close, asked.contest).body
    if page.document_hash != hash_of(page.chunk) or close.hall != who.hall:
        raise BadSchema("a CLOSE of another hall")
    path = _hashes(answer.closing_path)
    verify_inclusion(leaf_hash(answer.closing), answer.closing_index, point.size, path, point.root)
    is_behind = answer.index > answer.closing_index
    if answer.accepted and is_behind != (asked.kind == End.kind):
        raise BadSchema("an entry on the wrong side of CLOSE")


_Check = Callable[[BoardAnswer, Asked, Kept, Checkpoint, Reader], None]
_CHECKS: Final[tuple[tuple[str, _Check], ...]] = (
    ("board-inclusion", _check_place),
    ("board-consistency", _check_consistency),
    ("board-beacon", _check_beacon),
    ("board-closing", _check_closing),
)
"""Code of the alarm, and what is checked: wire/SPEC §6.4, 3 to 6."""


def _refusal(answer: BoardAnswer, who: Reader) -> BallotRefusal:
    return _body(answer.refusal, STORE, who, BallotRefusal)


def _body(envelope: bytes, office: DeviceId, who: Reader, kind: type[T]) -> T:
    key = who.store if office == STORE else who.desk
    record: Record = parse_record(verify(envelope, Purpose.RECORD, office, key))
    if (record.congress, record.hall) != (who.congress, who.hall) or not isinstance(record.body, kind):
        raise BadSchema(f"no {kind.kind} of this hall")
    return record.body


def _hashes(path: bytes) -> list[bytes]:
    return [path[at : at + _HASH] for at in range(0, len(path), _HASH)]
