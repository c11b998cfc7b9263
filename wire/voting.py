"""What a hall says about questions beyond the open ballot itself: documents of officers, secret contests,
terms, recusals, hand counts, results (SPEC §5.2, §6.4; ballot/SPEC.md)."""

from dataclasses import dataclass
from typing import Any, ClassVar, Final

from wire import cbor, fields
from wire.checkpoint import NOTE_MAX
from wire.envelope import Purpose, VerifiedBytes
from wire.errors import BadSchema
from wire.fields import Body, Check
from wire.ids import (
    CONTEST_BYTES,
    MEMBER_REF_BYTES,
    STORE,
    STORE_ID_BYTES,
    VOTER_BYTES,
    CongressId,
    ContestId,
    DeviceId,
    HallId,
    MemberRef,
    QuestionId,
    SittingId,
    StoreId,
    VoterRef,
)
from wire.keys import SIGNATURE_BYTES, Alg, PublicKey, public_key

CHUNK_BYTES_MAX: Final = 12_000
DOCUMENT_PAGES_MAX: Final = 100
WITHOUT_CONTEST: Final = frozenset({"key-record/1"})
"""Kinds of documents that are of a whole congress."""
NONCE_BYTES: Final = 32
RULE_BYTES_MAX: Final = 1024
RESULT_BYTES_MAX: Final = 12_000
OPTIONS_MAX: Final = 130
ROLL_BYTES_MAX: Final = 4096
ROW_BYTES_MAX: Final = 128
REFUSAL_BYTES_MAX: Final = 512
BEACON_BYTES_MAX: Final = 512
CLOSING_BYTES_MAX: Final = 2048
PATH_HASHES_MAX: Final = 53
"""Of an inclusion or consistency path."""

_contest: Final = fields.blob(CONTEST_BYTES)
_voter: Final = fields.blob(VOTER_BYTES)
_leaf: Final = fields.integer(0, 2**53 - 1)
_path: Final = fields.path(PATH_HASHES_MAX)


@dataclass(frozen=True, slots=True)
class DocumentPage(Body):
    """A page of an officers' document (ballot/SPEC §2.2), which the desk carries and cannot make: in the
    log, and down to units. hash: SHA-256 of the whole document; it takes force with its last page, pages in
    order."""

    kind: ClassVar[str] = "document/1"
    checks: ClassVar[tuple[Check, ...]] = (
        fields.text(32),
        fields.optional(_contest),
        fields.hash_value,
        fields.integer(0, DOCUMENT_PAGES_MAX - 1),
        fields.integer(1, DOCUMENT_PAGES_MAX),
        fields.blob_not_empty(CHUNK_BYTES_MAX),
    )
    document_kind: str
    contest: ContestId | None
    document_hash: bytes
    page: int
    pages: int
    chunk: bytes

    @classmethod
    def parsed(cls, values: Any) -> "DocumentPage":
        found = super(DocumentPage, cls).parsed(values)  # by name: the class with slots is another
        if found.page >= found.pages:
            raise BadSchema(f"{cls.kind}, page: must be below the {found.pages} pages")
        if (found.document_kind in WITHOUT_CONTEST) != (found.contest is None):
            raise BadSchema(f"{cls.kind}, contest: null for a key record and for nothing else")
        return found


@dataclass(frozen=True, slots=True)
class ContestChanged(Body):
    """desk: a step in the life of a secret question. Its close and cancellation are documents of officers,
    never this. manifest_hash: null while prepared."""

    kind: ClassVar[str] = "contest/1"
    checks: ClassVar[tuple[Check, ...]] = (
        fields.name,
        fields.name,
        _contest,
        fields.one_of("prepared", "open", "held", "certified"),
        fields.optional(fields.hash_value),
    )
    sitting: SittingId
    question: QuestionId
    contest: ContestId
    state: str
    manifest_hash: bytes | None

    @classmethod
    def parsed(cls, values: Any) -> "ContestChanged":
        found = super(ContestChanged, cls).parsed(values)
        if (found.state == "prepared") != (found.manifest_hash is None):
            raise BadSchema(f"{cls.kind}, manifest_hash: null while prepared, and only then")
        return found


@dataclass(frozen=True, slots=True)
class Beacon(Body):
    """store: the nonce for every commitment that stands before it in this contest and behind the beacon
    before."""

    kind: ClassVar[str] = "beacon/1"
    checks: ClassVar[tuple[Check, ...]] = (_contest, fields.blob(NONCE_BYTES))
    contest: ContestId
    nonce: bytes


@dataclass(frozen=True, slots=True)
class BallotRefusal(Body):
    """store: that entry of this voter is not accepted; `code` says why (ballot/SPEC §6.2)."""

    kind: ClassVar[str] = "ballot-refusal/1"
    checks: ClassVar[tuple[Check, ...]] = (
        _contest, _voter, fields.hash_value, fields.optional(fields.hash_value), fields.name,
    )  # fmt: skip
    contest: ContestId
    voter: VoterRef
    entry_hash: bytes
    body_hash: bytes | None
    code: str


@dataclass(frozen=True, slots=True)
class Terms(Body):
    """desk: the rules of a question, before it opens. rule: its encoding (ballot/rules/RULES.md). presence:
    a ballot counts only while a gate says that its member is in the hall. reveal_s: how long before the
    close the choices become visible on the board, 0: never before."""

    kind: ClassVar[str] = "terms/1"
    checks: ClassVar[tuple[Check, ...]] = (
        fields.name, fields.name, fields.flag, fields.blob_not_empty(RULE_BYTES_MAX), fields.flag,
        fields.integer(0, 3600),
    )  # fmt: skip
    sitting: SittingId
    question: QuestionId
    secret: bool
    rule: bytes
    presence: bool
    reveal_s: int


@dataclass(frozen=True, slots=True)
class Recusal(Body):
    """desk: from this leaf on this member takes no part in the question (false: takes part again)."""

    kind: ClassVar[str] = "recusal/1"
    checks: ClassVar[tuple[Check, ...]] = (
        fields.name,
        fields.name,
        fields.blob(MEMBER_REF_BYTES),
        fields.flag,
        fields.text(200),
    )
    sitting: SittingId
    question: QuestionId
    member: MemberRef
    recused: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Annotation(Body):
    """desk: what a member declares after the close to have intended. It stands beside the result and changes
    nothing."""

    kind: ClassVar[str] = "annotation/1"
    checks: ClassVar[tuple[Check, ...]] = (
        fields.name, fields.name, fields.blob(MEMBER_REF_BYTES), fields.one_of("yes", "no", "abstain"),
        fields.text(300),
    )  # fmt: skip
    sitting: SittingId
    question: QuestionId
    member: MemberRef
    choice: str
    text: str


@dataclass(frozen=True, slots=True)
class PaperCount(Body):
    """desk: the hand count of one ballot box, as two people entered it separately and alike (first, second:
    their accounts). spoilt: exchanged for another paper. rows of (option, for, against): of a list the people
    by number, of a motion yes, no and abstain, against 0."""

    kind: ClassVar[str] = "paper-count/1"
    checks: ClassVar[tuple[Check, ...]] = (
        fields.name, fields.name, fields.name, fields.name, fields.name, fields.count, fields.count,
        fields.count, fields.count, fields.count, fields.count,
        fields.rows(OPTIONS_MAX, fields.name, fields.count, fields.count),
    )  # fmt: skip
    sitting: SittingId
    question: QuestionId
    box: str
    first: str
    second: str
    issued: int
    returned: int
    valid: int
    blank: int
    invalid: int
    spoilt: int
    rows: tuple[tuple[str, int, int], ...]

    @classmethod
    def parsed(cls, values: Any) -> "PaperCount":
        found = super(PaperCount, cls).parsed(values)
        if found.first == found.second:
            raise BadSchema(f"{cls.kind}, second: must be another account than the first")
        return found


@dataclass(frozen=True, slots=True)
class ResultRecord(Body):
    """desk: the result as it was frozen, signed once. result: its encoding (fleet/votes)."""

    kind: ClassVar[str] = "result/1"
    checks: ClassVar[tuple[Check, ...]] = (fields.name, fields.name, fields.blob_not_empty(RESULT_BYTES_MAX))
    sitting: SittingId
    question: QuestionId
    result: bytes


# -- down ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ContestNotice(Body):
    """What a unit shows of a secret question. counter: rises with every change of the contest; one that is
    not above the last is ignored. The options come from the manifest's bytes alone."""

    kind: ClassVar[str] = "contest/1"
    checks: ClassVar[tuple[Check, ...]] = (
        fields.name, fields.name, fields.name, _contest, fields.count,
        fields.one_of("prepared", "open", "held", "closed", "cancelled", "certified"), fields.text(1000),
    )  # fmt: skip
    congress: CongressId
    sitting: SittingId
    question: QuestionId
    contest: ContestId
    counter: int
    state: str
    text: str


@dataclass(frozen=True, slots=True)
class RollEntry(Body):
    """To one unit: the signed roll (its document's bytes), and the row with this unit's session key in it."""

    kind: ClassVar[str] = "roll-entry/1"
    checks: ClassVar[tuple[Check, ...]] = (
        _contest, fields.blob_not_empty(ROLL_BYTES_MAX), fields.count, fields.blob_not_empty(ROW_BYTES_MAX),
        _path,
    )  # fmt: skip
    contest: ContestId
    roll: bytes
    index: int
    row: bytes
    path: bytes


@dataclass(frozen=True, slots=True)
class BoardAnswer(Body):
    """store -> unit, about one board entry (SPEC §6.4). accepted: leaf `index` is the entry itself, else it
    is the refusal in `refusal`. beacon: the envelope of the next beacon, empty when there is none (yet).
    note: the newest checkpoint, with cosignatures if it has them; path, beacon_path, closing_path lead to
    it; consistency leads to it from known_size. closing: the envelope of the record that holds CLOSE, empty
    before it."""

    kind: ClassVar[str] = "board-answer/1"
    checks: ClassVar[tuple[Check, ...]] = (
        fields.name, fields.name, fields.blob(STORE_ID_BYTES), _contest, fields.hash_value, fields.flag,
        fields.blob_up_to(REFUSAL_BYTES_MAX), _leaf, _path, fields.blob_up_to(BEACON_BYTES_MAX), _leaf,
        _path, fields.text(NOTE_MAX), _leaf, _path, fields.blob_up_to(CLOSING_BYTES_MAX), _leaf, _path,
    )  # fmt: skip
    hall: HallId
    device: DeviceId
    store_id: StoreId
    contest: ContestId
    entry_hash: bytes
    accepted: bool
    refusal: bytes
    index: int
    path: bytes
    beacon: bytes
    beacon_index: int
    beacon_path: bytes
    note: str
    known_size: int
    consistency: bytes
    closing: bytes
    closing_index: int
    closing_path: bytes

    @classmethod
    def parsed(cls, values: Any) -> "BoardAnswer":
        found = super(BoardAnswer, cls).parsed(values)  # by name: the class with slots is another
        if found.accepted == bool(found.refusal):
            raise BadSchema(f"{cls.kind}, refusal: of an entry that is refused, and of no other")
        for what in ("beacon", "closing"):
            record, index, path = (getattr(found, what + part) for part in ("", "_index", "_path"))
            if not record and (index or path):
                raise BadSchema(f"{cls.kind}, {what}: no place without a record")
        return found


@dataclass(frozen=True, slots=True)
class SessionKey(Body):
    """A unit's signing key for one contest, never in the log. proof: by that key (SPEC §7)."""

    kind: ClassVar[str] = "session-key/1"
    checks: ClassVar[tuple[Check, ...]] = (
        fields.name,
        fields.name,
        _contest,
        fields.blob(32),
        fields.blob(SIGNATURE_BYTES),
    )
    hall: HallId
    device: DeviceId
    contest: ContestId
    key: bytes
    proof: bytes


@dataclass(frozen=True, slots=True)
class Carried(Body):
    """A board entry as the unit sends it, never in the log. known_size: of the last checkpoint it kept, 0:
    none."""

    kind: ClassVar[str] = "carried/1"
    checks: ClassVar[tuple[Check, ...]] = (
        fields.name,
        fields.name,
        _leaf,
        fields.blob_not_empty(Purpose.BOARD.limit),
    )
    hall: HallId
    device: DeviceId
    known_size: int
    entry: bytes


def encode_board_message(message: SessionKey | Carried | BoardAnswer) -> bytes:
    """Payload to be sealed with the purpose of its kind."""
    return cbor.encode([message.kind, *message.values()])


def session_proof(congress: CongressId, hall: HallId, device: DeviceId, contest: ContestId) -> bytes:
    """What a session key signs to show that the unit holds it."""
    return cbor.encode([SessionKey.kind, congress, hall, device, contest])


def proved_key(message: SessionKey, congress: CongressId) -> PublicKey:
    """The session key, if its proof shows that the unit holds it. Raises BadSchema for no key,
    BadSignature."""
    key = public_key(Alg.EDDSA, message.key)
    key.verify(message.proof, session_proof(congress, message.hall, message.device, message.contest))
    return key


def parse_session_key(verified: VerifiedBytes) -> SessionKey:
    return SessionKey.parsed(_from_itself(verified, SessionKey, Purpose.SESSION_KEY))


def parse_carried(verified: VerifiedBytes) -> Carried:
    return Carried.parsed(_from_itself(verified, Carried, Purpose.CARRIED))


def parse_board_answer(verified: VerifiedBytes) -> BoardAnswer:
    """Raises BadEncoding, BadSchema; for anyone but the store too."""
    if verified.signer != STORE:
        raise BadSchema("not an answer of the store")
    return BoardAnswer.parsed(_parts(verified, BoardAnswer, Purpose.BOARD_ANSWER))


def _from_itself(verified: VerifiedBytes, body: type[Body], purpose: Purpose) -> list[Any]:
    parts = _parts(verified, body, purpose)
    if len(parts) < 2 or parts[1] != verified.signer:
        raise BadSchema(f"{body.kind} signed by {verified.signer} speaks for another device")
    return parts


def _parts(verified: VerifiedBytes, body: type[Body], purpose: Purpose) -> list[Any]:
    parts = cbor.decode(verified.payload, purpose.limit)
    if verified.purpose is not purpose or type(parts) is not list or not parts or parts[0] != body.kind:
        raise BadSchema(f"not a {body.kind}")
    return parts[1:]
