"""What the fleet tells devices: receipts and resends by the store, broadcasts, twins and references by the
desk (SPEC §6).

Everything but a receipt carries an audience and an expiry, and everything of the desk a generation: a
stolen broker can
neither open a ballot nor lift a freeze nor replay yesterday's.
"""

from dataclasses import dataclass
from typing import Any, ClassVar, Final

from wire import cbor, fields
from wire.envelope import Purpose, VerifiedBytes
from wire.errors import BadSchema, Replayed
from wire.fields import Body, Check
from wire.ids import (
    DESK,
    EPOCH_BYTES,
    HASH_BYTES,
    MEMBER_REF_BYTES,
    STORE,
    STORE_ID_BYTES,
    DeviceId,
    Epoch,
    HallId,
    MemberRef,
    QuestionId,
    SittingId,
    StoreId,
)
from wire.records import SEQ_MAX
from wire.voting import ContestNotice, DocumentPage, RollEntry

AUDIENCE_ALL: Final = "all"
REFERENCES_ROWS_MAX: Final = 60
SPANS_MAX: Final = 200
SEALED_REFERENCE_BYTES_MAX: Final = 1024
LANE_ROWS_MAX: Final = 60
SEALED_GREETING_BYTES_MAX: Final = 256


@dataclass(frozen=True, slots=True)
class Receipt(Body):
    """All of this device's records of this epoch up to `seq` are committed; the one at `seq` has this hash
    and this leaf."""

    kind: ClassVar[str] = "receipt/1"
    checks: ClassVar[tuple[Check, ...]] = (
        fields.name,
        fields.name,
        fields.blob(STORE_ID_BYTES),
        fields.blob(EPOCH_BYTES),
        fields.integer(1, SEQ_MAX),
        fields.hash_value,
        fields.integer(0, 2**53 - 1),
        fields.integer(1, 2**53 - 1),
        fields.blob(HASH_BYTES),
    )
    hall: HallId
    device: DeviceId
    store_id: StoreId
    epoch: Epoch
    seq: int
    record_hash: bytes
    leaf_index: int
    tree_size: int
    root_hash: bytes


@dataclass(frozen=True, slots=True)
class Resend(Body):
    """The store lacks this device's records from `from_seq` on (a gap, or a restored backup); of another
    epoch than the device's own it asks for a birth. Harmless when replayed."""

    kind: ClassVar[str] = "resend/1"
    checks: ClassVar[tuple[Check, ...]] = (
        fields.name,
        fields.name,
        fields.blob(STORE_ID_BYTES),
        fields.blob(EPOCH_BYTES),
        fields.integer(1, SEQ_MAX),
    )
    hall: HallId
    device: DeviceId
    store_id: StoreId
    epoch: Epoch
    from_seq: int


NO_EPOCH: Final = Epoch(bytes(EPOCH_BYTES))
"""In a resend: no device's own, since an outbox refuses it; so whoever hears it answers with a birth and with
nothing else."""


def encode_store_message(message: Receipt | Resend) -> bytes:
    """Payload of a receipt or a resend (purposes RECEIPT, RESEND)."""
    return cbor.encode([message.kind, *message.values()])


def parse_receipt(verified: VerifiedBytes) -> Receipt:
    return Receipt.parsed(_store_message(verified, Purpose.RECEIPT, Receipt.kind))


def parse_resend(verified: VerifiedBytes) -> Resend:
    return Resend.parsed(_store_message(verified, Purpose.RESEND, Resend.kind))


def _store_message(verified: VerifiedBytes, purpose: Purpose, kind: str) -> list[Any]:
    parts = cbor.decode(verified.payload, purpose.limit)
    if verified.purpose is not purpose or verified.signer != STORE:
        raise BadSchema(f"not a {kind} of the store")
    if type(parts) is not list or not parts or parts[0] != kind:
        raise BadSchema(f"not a {kind}")
    return parts[1:]


@dataclass(frozen=True, slots=True)
class SittingNotice(Body):
    kind: ClassVar[str] = "sitting/1"
    checks: ClassVar[tuple[Check, ...]] = (fields.name, fields.one_of("open", "closed"))
    sitting: SittingId
    state: str


@dataclass(frozen=True, slots=True)
class BallotNotice(Body):
    """What a keypad shows and whether it may take a choice."""

    kind: ClassVar[str] = "ballot/1"
    checks: ClassVar[tuple[Check, ...]] = (
        fields.name,
        fields.name,
        fields.one_of("prepared", "open", "held", "closed", "certified"),
        fields.text(1000),
        fields.flag,
    )
    sitting: SittingId
    question: QuestionId
    state: str
    text: str
    revote: bool


@dataclass(frozen=True, slots=True)
class Counted(Body):
    """Said once the close of a question is a leaf: between which leaves its ballots count, ends excluded.

    So a keypad learns whether the vote that it knows to be in the log had come in time."""

    kind: ClassVar[str] = "counted/1"
    checks: ClassVar[tuple[Check, ...]] = (
        fields.name,
        fields.name,
        fields.rows(SPANS_MAX, fields.integer(0, 2**53 - 1), fields.integer(0, 2**53 - 1)),
    )
    sitting: SittingId
    question: QuestionId
    spans: tuple[tuple[int, int], ...]

    def counts(self, leaf: int) -> bool:
        """Whether a ballot at this leaf came in time."""
        return any(after < leaf < before for after, before in self.spans)


@dataclass(frozen=True, slots=True)
class FreezeNotice(Body):
    """While in force, software, models, thresholds and question texts do not change (DESIGN §9)."""

    kind: ClassVar[str] = "freeze/1"
    checks: ClassVar[tuple[Check, ...]] = (fields.name, fields.flag)
    sitting: SittingId
    frozen: bool


@dataclass(frozen=True, slots=True)
class TimeNotice(Body):
    """The hall server's clock. Signed by the store, not the desk."""

    kind: ClassVar[str] = "time/1"
    checks: ClassVar[tuple[Check, ...]] = (fields.time_ms,)
    wall_ms: int


@dataclass(frozen=True, slots=True)
class Twin(Body):
    """Desired state of one device, whole: a key that is not named is not desired. Keys of today: docs of
    edge/device/twin.py."""

    kind: ClassVar[str] = "twin/1"
    checks: ClassVar[tuple[Check, ...]] = (fields.mapping(64, fields.scalar),)
    desired: dict[str, int | str | bytes | bool | None]


@dataclass(frozen=True, slots=True)
class CommandMessage(Body):
    """Do this once. id: 16 bytes, the idempotency key. Names of today: docs of edge/device/commands.py."""

    kind: ClassVar[str] = "cmd/1"
    checks: ClassVar[tuple[Check, ...]] = (fields.blob(16), fields.name, fields.mapping(16, fields.scalar))
    id: bytes
    command: str
    arguments: dict[str, int | str | bytes | bool | None]


@dataclass(frozen=True, slots=True)
class Certified(Body):
    """The sitting is certified and the hall backed up: records of this epoch up to `seq` may be pruned."""

    kind: ClassVar[str] = "certified/1"
    checks: ClassVar[tuple[Check, ...]] = (fields.blob(EPOCH_BYTES), fields.integer(1, SEQ_MAX))
    epoch: Epoch
    seq: int


@dataclass(frozen=True, slots=True)
class References(Body):
    """One page of the sealed roster for one gate. wrapped_key: the congress content key, wrapped to this
    gate's sealing key.
    Rows of (member, index, sealed reference; empty: withdrawn). page 0 … pages-1; a gate forgets members on
    no page."""

    kind: ClassVar[str] = "references/1"
    checks: ClassVar[tuple[Check, ...]] = (
        fields.hash_value,
        fields.text(64),
        fields.blob_up_to(256),
        fields.integer(0, 9999),
        fields.integer(1, 10000),
        fields.rows(
            REFERENCES_ROWS_MAX,
            fields.blob(MEMBER_REF_BYTES),
            fields.integer(0, 15),
            fields.blob_up_to(SEALED_REFERENCE_BYTES_MAX),
        ),
    )
    model_sha256: bytes
    runtime: str
    wrapped_key: bytes
    page: int
    pages: int
    rows: tuple[tuple[MemberRef, int, bytes], ...]


@dataclass(frozen=True, slots=True)
class ReferencesDelta(Body):
    """What has changed since `references/1` of generation `base`, all of it, in pages of one generation.

    A member with rows here has just these references, whatever the base says; one with a single empty row has
    none any more. A gate whose roster is not of that base keeps the pages until it is."""

    kind: ClassVar[str] = "references-delta/1"
    checks: ClassVar[tuple[Check, ...]] = (fields.integer(0, 2**53 - 1), *References.checks)
    base: int
    model_sha256: bytes
    runtime: str
    wrapped_key: bytes
    page: int
    pages: int
    rows: tuple[tuple[MemberRef, int, bytes], ...]


@dataclass(frozen=True, slots=True)
class LaneList(Body):
    """One page of what a gate needs for people without a face: rows of (member, serial of their badge or 0,
    greeting sealed under the lane key; lane.py). wrapped_key: that key, wrapped to this gate's sealing key.
    Pages share a generation; members on no page have no PIN and are welcomed without a name."""

    kind: ClassVar[str] = "lane-list/1"
    checks: ClassVar[tuple[Check, ...]] = (
        fields.blob_up_to(256),
        fields.integer(0, 9999),
        fields.integer(1, 10000),
        fields.rows(
            LANE_ROWS_MAX,
            fields.blob(MEMBER_REF_BYTES),
            fields.count,
            fields.blob_up_to(SEALED_GREETING_BYTES_MAX),
        ),
    )
    wrapped_key: bytes
    page: int
    pages: int
    rows: tuple[tuple[MemberRef, int, bytes], ...]


@dataclass(frozen=True, slots=True)
class Forget(Body):
    """The congress is over: forget every reference and lane list up to `generation`, make a new sealing key
    in place of the old one, and say so by `deletion/1`."""

    kind: ClassVar[str] = "forget/1"
    checks: ClassVar[tuple[Check, ...]] = (fields.integer(1, 2**53 - 1),)
    generation: int


DOWN_TYPES: Final[dict[str, type[Body]]] = {
    body.kind: body
    for body in (
        SittingNotice,
        BallotNotice,
        Counted,
        FreezeNotice,
        TimeNotice,
        Twin,
        CommandMessage,
        Certified,
        References,
        ReferencesDelta,
        LaneList,
        Forget,
        ContestNotice,
        DocumentPage,
        RollEntry,
    )
}
ROSTER_PAGES: Final = frozenset({References.kind, ReferencesDelta.kind, LaneList.kind})
"""What gates are told of people."""
PAGED: Final = ROSTER_PAGES | {DocumentPage.kind, RollEntry.kind}
"""Large: repeated seldom, and signed again with a later expiry under their generation (SPEC §6.2)."""
_SIGNER: Final = {TimeNotice.kind: STORE}


@dataclass(frozen=True, slots=True)
class DownMessage:
    """hall, audience (a device id, or `all`), generation (rises per hall, audience and kind), when issued,
    when it ends."""

    hall: HallId
    audience: str
    generation: int
    issued_ms: int
    expires_ms: int
    body: Body


def encode_down(message: DownMessage) -> bytes:
    """Payload to be sealed with purpose DOWN."""
    return cbor.encode(
        [
            message.body.kind,
            message.hall,
            message.audience,
            message.generation,
            message.issued_ms,
            message.expires_ms,
            message.body.values(),
        ]
    )


def signer_of(kind: str) -> DeviceId:
    """Who may say this kind: the store for time, the desk for all else."""
    return _SIGNER.get(kind, DESK)


def parse_down(verified: VerifiedBytes, hall: HallId, device: DeviceId, now_ms: int) -> DownMessage:
    """A message for this hall and this device (or all), signed by the right office, not expired by `now_ms`.

    now_ms is the device's best clock; time/1 is exempt from expiry, because it is what sets that clock.
    Raises: BadEncoding, BadSchema, Replayed. The generation is the caller's to compare: it persists the
    last one.
    """
    if verified.purpose is not Purpose.DOWN:
        raise BadSchema("not signed as a down message")
    parts = cbor.decode(verified.payload, Purpose.DOWN.limit)
    if type(parts) is not list or len(parts) != 7 or type(parts[0]) is not str:
        raise BadSchema("a down message is an array of 7")
    known = DOWN_TYPES.get(parts[0])
    if known is None:
        raise BadSchema(f"unknown down message {parts[0]!r:.40}")
    if verified.signer != signer_of(known.kind):
        raise BadSchema(f"{verified.signer} may not say {known.kind}")
    if parts[1] != hall or parts[2] not in (device, AUDIENCE_ALL):
        raise BadSchema(f"for {parts[2]!r:.40} in {parts[1]!r:.40}, not for {device} in {hall}")
    generation, issued_ms, expires_ms = (fields.time_ms(part) for part in parts[3:6])
    if known is not TimeNotice and now_ms > expires_ms:
        raise Replayed(f"{known.kind} of generation {generation} has expired")
    return DownMessage(hall, parts[2], generation, issued_ms, expires_ms, known.parsed(parts[6]))
