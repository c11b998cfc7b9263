"""Which key, which ballot paper and whose voice this unit believes (HV-1 rules 1 and 5). Pure.

The charter is pinned in the device's folder and everything else is believed for the officers' signatures
under it. The fleet carries documents and decides none: a foreign election key, a changed ballot paper or a
binding that the commission did not sign changes nothing here, in a rehearsal as in earnest.
"""

from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from ballot.ceremony.key_record import check_key_record
from ballot.context import Context
from ballot.documents.bodies import Bind, Cancel, Close, KeyRecord, Manifest, Roll
from ballot.documents.body import DocumentBody
from ballot.documents.charter import Charter
from ballot.documents.document import Document, parse_document
from ballot.documents.faults import Words
from ballot.documents.manifest import check_manifest
from ballot.documents.opened import opened
from ballot.errors import BadDocument
from ballot.group import Group
from wire.ids import ContestId, HallId, VoterRef
from wire.voting import RollEntry

WANTED: Final = frozenset(body.kind for body in (KeyRecord, Roll, Manifest, Bind, Cancel, Close))
"""Kinds of documents that mean something to a unit."""
KEY_RECORDS_MAX: Final = 8
"""Each is signed by all trustees, so there are never many; the oldest goes."""


class Lack(StrEnum):
    """What this unit waits for before it can take part."""

    KEY = "key"
    MANIFEST = "manifest"
    ROLL = "roll"
    SEAT = "seat"
    """The roll has no place for this unit's session key, or another key speaks for its voter now."""


class Refused(Exception):
    """A document that this unit does not believe. words: for the local log and the technician."""

    def __init__(self, words: Words) -> None:
        super().__init__(words[1])
        self.words = words


@dataclass(frozen=True, slots=True)
class Pinned:
    """What no message changes."""

    charter: Charter
    hall: HallId
    group: Group


@dataclass(frozen=True, slots=True)
class Seat:
    """Whose ballot this unit casts, and which life of their key it holds."""

    voter: VoterRef
    generation: int


@dataclass(frozen=True, slots=True)
class Papers:
    """What is believed of one contest. row: this unit's line of the roll. bind: the newest of this unit's
    voter. cancel, close: documents in force."""

    contest: ContestId
    manifest: Manifest | None = None
    roll: Roll | None = None
    row: Seat | None = None
    bind: Bind | None = None
    cancel: Cancel | None = None
    close: Close | None = None


@dataclass(frozen=True, slots=True)
class Keys:
    """The key records of this congress, by their hashes."""

    records: MappingProxyType[bytes, KeyRecord] = field(default_factory=lambda: MappingProxyType({}))

    def with_record(self, pinned: Pinned, data: bytes) -> "Keys":
        """Raises Refused for one that not all trustees signed, or whose proofs do not hold."""
        body = _opened(pinned, data, KeyRecord, None)
        if faults := check_key_record(pinned.group, body, pinned.charter):
            raise Refused(faults[0])
        kept = [(digest, record) for digest, record in self.records.items() if digest != body.hash]
        return Keys(MappingProxyType(dict([*kept[1 - KEY_RECORDS_MAX :], (body.hash, body)])))


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a unit stands with its papers: `context` and `seat` are there when nothing is lacking."""

    lack: Lack | None
    context: Context | None = None
    seat: Seat | None = None


def with_document(
    papers: Papers, pinned: Pinned, data: bytes, session_key: bytes, *, is_fixed: bool
) -> Papers:
    """The papers after a document of their contest. is_fixed: this unit has spoken under its ballot paper,
    which is not exchanged any more. Raises Refused."""
    kind = _kind(data)
    match kind:
        case Manifest.kind:
            manifest = _opened(pinned, data, Manifest, papers.contest)
            if manifest.hall != pinned.hall:
                raise Refused(_OTHER_HALL)
            if is_fixed and papers.manifest is not None and manifest.hash != papers.manifest.hash:
                raise Refused(_OTHER_PAPER)
            return replace(papers, manifest=manifest)
        case Roll.kind:
            return _with_roll(papers, _opened(pinned, data, Roll, papers.contest))
        case Bind.kind:
            return _with_bind(papers, _opened(pinned, data, Bind, papers.contest), session_key)
        case Cancel.kind:
            return replace(papers, cancel=_of_hall(pinned, _opened(pinned, data, Cancel, papers.contest)))
        case Close.kind:
            return replace(papers, close=_of_hall(pinned, _opened(pinned, data, Close, papers.contest)))
    return papers


def with_roll_entry(papers: Papers, pinned: Pinned, entry: RollEntry, session_key: bytes) -> Papers:
    """The papers with this unit's own line of the signed roll. Raises Refused for a line of another key, or
    one that does not stand in a roll of the commission."""
    roll = _opened(pinned, entry.roll, Roll, papers.contest)
    path = [entry.path[at : at + 32] for at in range(0, len(entry.path), 32)]
    try:
        row = roll.row(entry.row, entry.index, path)
    except BadDocument as err:
        raise Refused((err.vi, err.en)) from None
    if row.session_key != session_key:
        raise Refused(_OTHER_KEY)
    return replace(_with_roll(papers, roll), row=Seat(row.voter, row.generation))


def standing(papers: Papers, pinned: Pinned, keys: Keys, session_key: bytes) -> Standing:
    """Whether this unit may take part, and as who. Raises Refused when its papers contradict one another."""
    manifest = papers.manifest
    if manifest is None:
        return Standing(Lack.MANIFEST)
    record = keys.records.get(manifest.key_record_hash)
    if record is None:
        return Standing(Lack.KEY)
    if papers.roll is None:
        return Standing(Lack.ROLL)
    if faults := check_manifest(manifest, pinned.charter, record, papers.roll):
        raise Refused((faults[0].vi, faults[0].en))
    context = manifest.context(record)
    seat = seat_of(papers, session_key)
    return Standing(None if seat else Lack.SEAT, context, seat)


def seat_of(papers: Papers, session_key: bytes) -> Seat | None:
    """As who this unit speaks by roll and binds; None: as nobody."""
    bind = papers.bind
    if bind is None:
        return papers.row
    return Seat(bind.voter, bind.generation) if bind.session_key == session_key else None


def _with_roll(papers: Papers, roll: Roll) -> Papers:
    """Another roll than the one before takes its line with it. The one that the ballot paper names stays: an
    earlier one of the commission, said again by a fleet, must not take a seat its voice."""
    named = papers.manifest.roll_root if papers.manifest is not None else None
    before = papers.roll.root if papers.roll is not None else None
    if before is not None and before == named != roll.root:
        raise Refused(_OTHER_ROLL)
    same = papers.roll is not None and papers.roll.hash == roll.hash
    return papers if same else replace(papers, roll=roll, row=None)


def _with_bind(papers: Papers, bind: Bind, session_key: bytes) -> Papers:
    """Binds of other voters are none of this unit's business; of its own voter the newest stands."""
    ours = papers.bind.voter if papers.bind else papers.row.voter if papers.row else None
    is_for_us = bind.session_key == session_key or bind.voter == ours
    is_newer = papers.bind is None or bind.generation > papers.bind.generation
    return replace(papers, bind=bind) if is_for_us and is_newer else papers


def _of_hall(pinned: Pinned, body: Any) -> Any:
    if body.hall != pinned.hall:
        raise Refused(_OTHER_HALL)
    return body


def _opened(pinned: Pinned, data: bytes, kind: type[DocumentBody], contest: ContestId | None) -> Any:
    try:
        return opened(data, pinned.charter, kind, contest).body
    except BadDocument as err:
        raise Refused((err.vi, err.en)) from None


def _kind(data: bytes) -> str:
    try:
        document: Document = parse_document(data)
    except BadDocument as err:
        raise Refused((err.vi, err.en)) from None
    return document.kind


_OTHER_HALL: Final[Words] = (
    "Văn kiện của hội trường khác: hãy gửi văn kiện của hội trường này.",
    "A document of another hall: send that of this hall.",
)
_OTHER_PAPER: Final[Words] = (
    "Phiếu bầu đã mở không thể thay bằng phiếu khác: hãy huỷ lần bỏ phiếu này và mở lần mới.",
    "An open ballot paper is not exchanged for another: cancel this contest and open a new one.",
)
_OTHER_ROLL: Final[Words] = (
    "Danh sách khác với danh sách mà phiếu bầu nêu: hãy gửi danh sách của phiếu bầu này.",
    "Another roll than the ballot paper names: send the one of this ballot paper.",
)
_OTHER_KEY: Final[Words] = (
    "Dòng danh sách này thuộc khoá của máy khác.",
    "This line of the roll is of another unit's key.",
)
