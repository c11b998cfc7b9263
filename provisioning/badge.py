"""Badges: a person's way in without a face. Signed by the hall's registrar, or by whoever the devices pin as
such."""

from typing import Final

from wire.envelope import Purpose, seal
from wire.ids import CongressId, DeviceId, MemberRef
from wire.keys import Signer
from wire.up import Badge, badge_text, encode_up

REGISTRAR: Final = DeviceId("registrar")
"""Under this name badges are signed, whichever key the hall's devices pin for it."""


def issue_badge(
    signer: Signer, congress: CongressId, member: MemberRef, *, serial: int, not_after_ms: int
) -> str:
    """The text of one badge's QR code. signer: its kid is REGISTRAR. serial: 1 to
    2**32 - 1, never given twice in a congress, because a badge is revoked by its serial alone.

    not_after_ms: milliseconds since 1970 UTC. Raises BadSchema for a value out of range.
    """
    badge = Badge(congress, member, serial, not_after_ms)
    return badge_text(seal(encode_up(badge), Purpose.BADGE, signer))
