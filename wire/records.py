"""Records: what devices, the desk and the store say for good, one class per type and version (SPEC §5).

A record is an envelope (purpose RECORD) around
`[type, congress, hall, device, epoch, seq, prev_hash, boot, monotonic_ms, wall_ms, clock_uncertainty_ms,
body]`.
"""

import hashlib
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from wire import cbor, fields
from wire.board import is_voter_kid
from wire.envelope import Purpose, VerifiedBytes
from wire.errors import BadSchema
from wire.fields import Body, Check
from wire.ids import (
    EPOCH_BYTES,
    HASH_BYTES,
    MEMBER_REF_BYTES,
    STORE_ID_BYTES,
    CongressId,
    DeviceId,
    Epoch,
    HallId,
    MemberRef,
    QuestionId,
    SittingId,
    StoreId,
)
from wire.self_test import SelfTest
from wire.updates import Attestation, Override, Update
from wire.voting import (
    Annotation,
    BallotRefusal,
    Beacon,
    ContestChanged,
    DocumentPage,
    PaperCount,
    Recusal,
    ResultRecord,
    Terms,
)

GENESIS: Final = bytes(HASH_BYTES)
"""prev_hash of the first record of an epoch."""
SEQ_MAX: Final = 2**32 - 1
ROLL_PAGE_ROWS_MAX: Final = 60
SEALING_KEY_BYTES: Final = 32
CHOICES: Final = ("yes", "no", "abstain")
METHODS: Final = ("face", "badge", "pin", "usher")

_member: Final = fields.blob(MEMBER_REF_BYTES)


@dataclass(frozen=True, slots=True)
class Stamp:
    """When, as far as a device without a clock battery can know (DESIGN §11)."""

    boot: int
    """How often the device has started, from 1."""
    monotonic_ms: int
    """Since that start."""
    wall_ms: int
    """Unix time, never below the device's persisted floor."""
    clock_uncertainty_ms: int


@dataclass(frozen=True, slots=True)
class Passage(Body):
    """A person went through a gate. `in` again without `out` is not a second attendance."""

    kind: ClassVar[str] = "passage/1"
    checks: ClassVar[tuple[Check, ...]] = (
        fields.name,
        _member,
        fields.one_of("in", "out"),
        fields.one_of(*METHODS),
    )
    sitting: SittingId
    member: MemberRef
    direction: str
    method: str


@dataclass(frozen=True, slots=True)
class OpenBallot(Body):
    """A vote published by name (roll-call vote). A secret one is another type (DESIGN §7), never this with
    a flag."""

    kind: ClassVar[str] = "open-ballot/1"
    checks: ClassVar[tuple[Check, ...]] = (fields.name, fields.name, _member, fields.one_of(*CHOICES))
    sitting: SittingId
    question: QuestionId
    member: MemberRef
    choice: str


@dataclass(frozen=True, slots=True)
class Alarm(Body):
    """Something a person must look at: a forced door, other bytes at a seq. Never holds personal data."""

    kind: ClassVar[str] = "alarm/1"
    checks: ClassVar[tuple[Check, ...]] = (fields.name, fields.text(200))
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Deletion(Body):
    """gate: it held so many references of this member, or of the whole congress, and holds none any more.

    generation: of the message that asked for it. sealing_key: after a congress the gate's new X25519 public
    key; the old private one is destroyed, so nothing that was ever wrapped to it opens again. Scope `member`
    has a member and no key, scope `congress` a key and no member."""

    kind: ClassVar[str] = "deletion/1"
    checks: ClassVar[tuple[Check, ...]] = (
        fields.one_of("member", "congress"),
        fields.optional(_member),
        fields.count,
        fields.integer(0, 2**53 - 1),
        fields.optional(fields.blob(SEALING_KEY_BYTES)),
    )
    scope: str
    member: MemberRef | None
    references: int
    generation: int
    sealing_key: bytes | None

    @classmethod
    def parsed(cls, values: Any) -> "Deletion":
        found = super(Deletion, cls).parsed(values)  # by name: the class with slots is another
        if (found.scope == "member") != (found.member is not None):
            raise BadSchema("deletion/1, member: scope member names one, scope congress none")
        if (found.scope == "congress") != (found.sealing_key is not None):
            raise BadSchema("deletion/1, sealing_key: scope congress has one, scope member none")
        if found.sealing_key == bytes(SEALING_KEY_BYTES):
            raise BadSchema("deletion/1, sealing_key: must not be all zero, nothing can be sealed to that")
        return found


@dataclass(frozen=True, slots=True)
class DeviceRegistered(Body):
    """desk: from this leaf on, records of this device verify under this key."""

    kind: ClassVar[str] = "device/1"
    checks: ClassVar[tuple[Check, ...]] = (
        fields.name,
        fields.one_of("gate", "keypad", "board"),
        fields.integer(-8, -7),
        fields.blob_up_to(65),
    )
    device: DeviceId
    role: str
    alg: int
    public_key: bytes

    @classmethod
    def parsed(cls, values: Any) -> "DeviceRegistered":
        found = super(DeviceRegistered, cls).parsed(values)
        if is_voter_kid(found.device):
            raise BadSchema("device/1, device: 32 hex digits are the name of a voter on the board")
        return found


@dataclass(frozen=True, slots=True)
class DeviceRevoked(Body):
    """desk: records of this device that stand behind this leaf are refused."""

    kind: ClassVar[str] = "revocation/1"
    checks: ClassVar[tuple[Check, ...]] = (fields.name, fields.text(200))
    device: DeviceId
    reason: str


@dataclass(frozen=True, slots=True)
class RollPage(Body):
    """desk: who is summoned to a sitting and which keypad speaks for them. Pages 0 … pages-1; rows of
    (member, keypad or null)."""

    kind: ClassVar[str] = "roll/1"
    checks: ClassVar[tuple[Check, ...]] = (
        fields.name,
        fields.integer(0, 999),
        fields.integer(1, 1000),
        fields.rows(ROLL_PAGE_ROWS_MAX, _member, fields.optional(fields.name)),
    )
    sitting: SittingId
    page: int
    pages: int
    rows: tuple[tuple[MemberRef, DeviceId | None], ...]


@dataclass(frozen=True, slots=True)
class Seating(Body):
    """desk: from this leaf on this keypad speaks for this member (null: for nobody)."""

    kind: ClassVar[str] = "seating/1"
    checks: ClassVar[tuple[Check, ...]] = (fields.name, fields.name, fields.optional(_member))
    sitting: SittingId
    device: DeviceId
    member: MemberRef | None


@dataclass(frozen=True, slots=True)
class SittingChanged(Body):
    """desk: a sitting opens or closes; the quorum is `present * quorum_den >= summoned * quorum_num`."""

    kind: ClassVar[str] = "sitting/1"
    checks: ClassVar[tuple[Check, ...]] = (
        fields.name,
        fields.one_of("open", "closed"),
        fields.count,
        fields.integer(0, 1000),
        fields.integer(1, 1000),
    )
    sitting: SittingId
    state: str
    summoned: int
    quorum_num: int
    quorum_den: int


@dataclass(frozen=True, slots=True)
class QuestionChanged(Body):
    """desk: a step in the life of a question. An open ballot counts only between the first `open` leaf and
    the `closed` leaf,
    and not while `held`. revote: the last ballot of a member counts; else the first.
    passes when `yes * majority_den > (yes + no) * majority_num`."""

    kind: ClassVar[str] = "question/1"
    checks: ClassVar[tuple[Check, ...]] = (
        fields.name,
        fields.name,
        fields.one_of("prepared", "open", "held", "closed", "certified"),
        fields.text(1000),
        fields.flag,
        fields.integer(0, 1000),
        fields.integer(1, 1000),
    )
    sitting: SittingId
    question: QuestionId
    state: str
    text: str
    revote: bool
    majority_num: int
    majority_den: int


@dataclass(frozen=True, slots=True)
class Refusal(Body):
    """store: that signed record stands in the log and counts for nothing; `code` says why (SPEC §5.3)."""

    kind: ClassVar[str] = "refusal/1"
    checks: ClassVar[tuple[Check, ...]] = (
        fields.name,
        fields.blob(EPOCH_BYTES),
        fields.integer(1, SEQ_MAX),
        fields.hash_value,
        fields.name,
    )
    device: DeviceId
    epoch: Epoch
    seq: int
    record_hash: bytes
    code: str


@dataclass(frozen=True, slots=True)
class StoreBegun(Body):
    """store: first record of a store's life; `restored_from` names the store whose backup it grew from."""

    kind: ClassVar[str] = "store/1"
    checks: ClassVar[tuple[Check, ...]] = (
        fields.blob(STORE_ID_BYTES),
        fields.optional(fields.blob(STORE_ID_BYTES)),
    )
    store_id: StoreId
    restored_from: StoreId | None


RECORD_TYPES: Final[dict[str, type[Body]]] = {
    body.kind: body
    for body in (
        Passage, OpenBallot, Alarm, Deletion, DeviceRegistered, DeviceRevoked, RollPage, Seating,
        SittingChanged, QuestionChanged, Refusal, StoreBegun, DocumentPage, ContestChanged, Beacon,
        BallotRefusal, Terms, Recusal, Annotation, PaperCount, ResultRecord, SelfTest,
        Update, Attestation, Override,
    )
}  # fmt: skip
_ANY_DEVICE: Final = frozenset({Alarm.kind, SelfTest.kind, Update.kind, Attestation.kind})
DEVICE_TYPES: Final = {
    "gate": _ANY_DEVICE | {Passage.kind, Deletion.kind},
    "keypad": _ANY_DEVICE | {OpenBallot.kind},
    "board": _ANY_DEVICE,
}
"""What a device of each role may say (SPEC §5.2); everything else from it is refused as `wrong-role`."""


@dataclass(frozen=True, slots=True)
class Record:
    congress: CongressId
    hall: HallId
    device: DeviceId
    epoch: Epoch
    seq: int
    prev_hash: bytes
    stamp: Stamp
    body: Body


def encode_record(record: Record) -> bytes:
    """The payload to be sealed with purpose RECORD. Raises BadSchema for a body that no reader would
    accept."""
    s = record.stamp
    return cbor.encode(
        [
            record.body.kind,
            record.congress,
            record.hall,
            record.device,
            record.epoch,
            record.seq,
            record.prev_hash,
            s.boot,
            s.monotonic_ms,
            s.wall_ms,
            s.clock_uncertainty_ms,
            record.body.values(),
        ]
    )


_epoch: Final = fields.blob(EPOCH_BYTES)
_seq: Final = fields.integer(1, SEQ_MAX)
_boot: Final = fields.integer(1, SEQ_MAX)


@dataclass(frozen=True, slots=True)
class Header:
    """The outer fields, checked; `body` is still as decoded. What ingest needs to place a record even if
    its body is refused."""

    kind: str
    congress: CongressId
    hall: HallId
    device: DeviceId
    epoch: Epoch
    seq: int
    prev_hash: bytes
    stamp: Stamp
    body: Any


def parse_header(verified: VerifiedBytes) -> Header:
    """The outer fields. The device must be the signer. Raises BadEncoding, BadSchema."""
    if verified.purpose is not Purpose.RECORD:
        raise BadSchema("not signed as a record")
    parts = cbor.decode(verified.payload, Purpose.RECORD.limit)
    if type(parts) is not list or len(parts) != 12:
        raise BadSchema("a record is an array of 12")
    if type(parts[0]) is not str:
        raise BadSchema("the type is text")
    if parts[3] != verified.signer:
        raise BadSchema(f"signed by {verified.signer}, speaks as {parts[3]!r:.40}")
    stamp = Stamp(
        _boot(parts[7]), fields.time_ms(parts[8]), fields.time_ms(parts[9]), fields.time_ms(parts[10])
    )
    return Header(
        kind=parts[0],
        congress=CongressId(fields.name(parts[1])),
        hall=HallId(fields.name(parts[2])),
        device=DeviceId(verified.signer),
        epoch=Epoch(_epoch(parts[4])),
        seq=_seq(parts[5]),
        prev_hash=fields.hash_value(parts[6]),
        stamp=stamp,
        body=parts[11],
    )


def parse_body(header: Header) -> Body:
    """The typed body. Raises BadSchema for an unknown type or a wrong field."""
    known = RECORD_TYPES.get(header.kind)
    if known is None:
        raise BadSchema(f"unknown record type {header.kind!r:.40}")
    return known.parsed(header.body)


def parse_record(verified: VerifiedBytes) -> Record:
    """Header and body together. Raises BadEncoding, BadSchema."""
    h = parse_header(verified)
    return Record(h.congress, h.hall, h.device, h.epoch, h.seq, h.prev_hash, h.stamp, parse_body(h))


def record_hash(envelope: bytes) -> bytes:
    """SHA-256 of a record's envelope: what receipts name and the next record's prev_hash holds. 32 bytes."""
    return hashlib.sha256(envelope).digest()
