"""The text of a badge -> a Decision. The badge lane is as good a way in as a face, and needs no reference."""

from collections.abc import Set as AbstractSet
from typing import Final

from edge.rollcall_gate.who.decide import Admitted, BadBadge, NotOnRoster, Revoked
from wire.envelope import Purpose, verify
from wire.errors import RecordRejected
from wire.ids import CongressId
from wire.keys import PublicKey
from wire.up import badge_envelope, parse_badge

REGISTRAR: Final = "registrar"
SERIAL_BYTES: Final = 4


def serials_in(packed: bytes) -> frozenset[int]:
    """Badge numbers as a twin lists them: four bytes each, big-endian."""
    return frozenset(
        int.from_bytes(packed[at : at + SERIAL_BYTES], "big") for at in range(0, len(packed), SERIAL_BYTES)
    )


def read_badge(
    text: str,
    *,
    registrar: PublicKey,
    congress: CongressId,
    earliest_now_ms: int,
    revoked: AbstractSet[int],
) -> Admitted | NotOnRoster | Revoked | BadBadge:
    """Who shows this badge, if it is genuine and in force. Pure.

    registrar: the key pinned when the device was provisioned. earliest_now_ms: wall clock less its
    uncertainty, so that a device that does not know the time turns nobody away. revoked: serials of replaced
    or withdrawn badges.

    1. Form and signature. 2. This congress. 3. Not revoked. 4. Not expired.
    """
    try:
        badge = parse_badge(verify(badge_envelope(text), Purpose.BADGE, REGISTRAR, registrar))
    except RecordRejected as err:
        return BadBadge(err.what)
    if badge.congress != congress:
        return NotOnRoster()
    if badge.serial in revoked:
        return Revoked("replaced by a newer badge, or withdrawn")
    if earliest_now_ms > badge.not_after_ms:
        return Revoked("expired")
    return Admitted(badge.member, "badge", None)
