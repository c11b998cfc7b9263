"""What a device says for now and not for good: birth on every connection, health, and the badge text a
person shows (SPEC §7)."""

import base64
import binascii
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from wire import cbor, fields
from wire.envelope import Purpose, VerifiedBytes
from wire.errors import BadSchema
from wire.fields import Body, Check
from wire.ids import EPOCH_BYTES, MEMBER_REF_BYTES, CongressId, DeviceId, Epoch, HallId, MemberRef

BIRTH_KEY: Final = "birth"
"""In `reported`, beside the twin's keys."""
BIRTH_AGAIN: Final = "again"
"""Its value in a birth that the store asked for: nothing is to be said anew for it, unless the device has
started since the store heard it last."""
REPORTED_MAX: Final = 64
"""Keys in `reported`."""


@dataclass(frozen=True, slots=True)
class Birth(Body):
    """Said on every connection, and whenever the twin's state has changed; the fleet answers with everything
    in force for this device. Said again when the store asks.
    reported: twin key -> `pending | applying | ok | frozen | rejected: reason`."""

    kind: ClassVar[str] = "birth/1"
    checks: ClassVar[tuple[Check, ...]] = (
        fields.name,
        fields.name,
        fields.blob(EPOCH_BYTES),
        fields.integer(0, 2**32 - 1),
        fields.integer(1, 2**32 - 1),
        fields.time_ms,
        fields.text(64),
        fields.integer(0, 2**53 - 1),
        fields.mapping(REPORTED_MAX, fields.text(80)),
    )
    hall: HallId
    device: DeviceId
    epoch: Epoch
    last_seq: int
    boot: int
    wall_ms: int
    software: str
    twin_generation: int
    reported: dict[str, str]

    @property
    def is_again(self) -> bool:
        return self.reported.get(BIRTH_KEY) == BIRTH_AGAIN


@dataclass(frozen=True, slots=True)
class Health(Body):
    """Counters, never rates (DESIGN §8). A missing reading is absent, not zero."""

    kind: ClassVar[str] = "health/1"
    checks: ClassVar[tuple[Check, ...]] = (
        fields.name,
        fields.name,
        fields.integer(1, 2**32 - 1),
        fields.time_ms,
        fields.time_ms,
        fields.mapping(64, fields.integer(-(2**53), 2**53)),
    )
    hall: HallId
    device: DeviceId
    boot: int
    monotonic_ms: int
    wall_ms: int
    readings: dict[str, int]


@dataclass(frozen=True, slots=True)
class Badge(Body):
    """One person's way in without a face: signed by the registrar, expiring, for one congress."""

    kind: ClassVar[str] = "badge/1"
    checks: ClassVar[tuple[Check, ...]] = (
        fields.name,
        fields.blob(MEMBER_REF_BYTES),
        fields.integer(1, 2**32 - 1),
        fields.time_ms,
    )
    congress: CongressId
    member: MemberRef
    serial: int
    not_after_ms: int


_PURPOSE: Final[dict[type[Body], Purpose]] = {
    Birth: Purpose.BIRTH,
    Health: Purpose.HEALTH,
    Badge: Purpose.BADGE,
}


def encode_up(message: Birth | Health | Badge) -> bytes:
    """Payload to be sealed with the purpose of its kind."""
    return cbor.encode([message.kind, *message.values()])


def parse_birth(verified: VerifiedBytes) -> Birth:
    return Birth.parsed(_from_itself(verified, Birth))


def parse_health(verified: VerifiedBytes) -> Health:
    return Health.parsed(_from_itself(verified, Health))


def parse_badge(verified: VerifiedBytes) -> Badge:
    return Badge.parsed(_parts(verified, Badge))


BADGE_PREFIX: Final = "HW1:"


def badge_text(envelope: bytes) -> str:
    """What the QR code holds: `HW1:` and base32 without padding (QR's alphanumeric mode)."""
    return BADGE_PREFIX + base64.b32encode(envelope).decode().rstrip("=")


def badge_envelope(text: str) -> bytes:
    """The envelope of a badge text. Raises BadSchema; only the exact form of `badge_text` is read."""
    if len(text) > 1024 or not text.isascii() or not text.startswith(BADGE_PREFIX):
        raise BadSchema("not a Hallward badge")
    code = text.removeprefix(BADGE_PREFIX)
    try:
        envelope = base64.b32decode(code + "=" * (-len(code) % 8))
    except binascii.Error:
        raise BadSchema("the badge text is damaged") from None
    if badge_text(envelope) != text:
        raise BadSchema("the badge text is damaged")
    return envelope


def _from_itself(verified: VerifiedBytes, body: type[Body]) -> list[Any]:
    parts = _parts(verified, body)
    if len(parts) < 2 or parts[1] != verified.signer:
        raise BadSchema(f"{body.kind} signed by {verified.signer} speaks for another device")
    return parts


def _parts(verified: VerifiedBytes, body: type[Body]) -> list[Any]:
    purpose = _PURPOSE[body]
    parts = cbor.decode(verified.payload, purpose.limit)
    if verified.purpose is not purpose or type(parts) is not list or not parts or parts[0] != body.kind:
        raise BadSchema(f"not a {body.kind}")
    return parts[1:]
