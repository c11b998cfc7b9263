"""The twin's `unlock` -> what this seat is to ask for (SPEC §6.3). Pure.

What does not open, or is of somebody else, locks the seat: nobody votes because a message was damaged.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from wire.errors import RecordRejected
from wire.ids import CongressId, DeviceId, MemberRef
from wire.unlock import Code, open_unlock


class Ask(StrEnum):
    """What stands between a person and their vote."""

    NOTHING = "nothing"
    PIN = "pin"
    NO_BADGE = "no-badge"
    """The sitting asks for a PIN, and this member has no badge in force that one would go with."""
    UNREADABLE = "unreadable"
    """What the fleet sealed does not open here, or is not for who sits here."""
    NO_DIGITS = "no-digits"
    """This unit has no keys to type a PIN with."""


FAULT: Final[dict[Ask, str]] = {
    Ask.UNREADABLE: "nothing for this unit and member opens; provision it again",
    Ask.NO_DIGITS: "no digit keys; give this seat a unit with twenty keys",
}
"""What the twin's status says of an ask that cannot be met at this unit."""


@dataclass(frozen=True, slots=True)
class Asked:
    """code: of Ask.PIN alone."""

    ask: Ask = Ask.NOTHING
    code: Code | None = None


@dataclass(frozen=True, slots=True)
class Reader:
    """This unit. key: None when it was provisioned before units had sealing keys."""

    congress: CongressId
    device: DeviceId
    key: X25519PrivateKey | None
    has_digits: bool = True

    def read(self, sealed: object, member: MemberRef | None) -> Asked:
        """sealed: the twin's value. member: who sits here by the same twin. Anything ends in an ask."""
        if sealed is None or sealed == b"":
            return Asked()
        if not isinstance(sealed, bytes) or self.key is None:
            return Asked(Ask.UNREADABLE)
        try:
            code = open_unlock(sealed, self.key, congress=self.congress, keypad=self.device)
        except RecordRejected:
            return Asked(Ask.UNREADABLE)
        if code.member != member:
            return Asked(Ask.UNREADABLE)
        if not code.serial:
            return Asked(Ask.NO_BADGE)
        return Asked(Ask.PIN, code) if self.has_digits else Asked(Ask.NO_DIGITS)
