"""Names of things, as distinct types, so that a hall is never passed where a device is due (SPEC §1)."""

import re
from typing import Final, NewType

from wire.errors import BadSchema

CongressId = NewType("CongressId", str)
HallId = NewType("HallId", str)
DeviceId = NewType("DeviceId", str)
SittingId = NewType("SittingId", str)
QuestionId = NewType("QuestionId", str)

ContestId = NewType("ContestId", bytes)
"""16 random bytes: one secret question in one round (ballot/SPEC §2.2)."""
VoterRef = NewType("VoterRef", bytes)
"""16 random bytes: an entry of the roll of one contest, `v` of ballot/SPEC; nobody else's pseudonym."""
MemberRef = NewType("MemberRef", bytes)
"""16 random bytes: a person's pseudonym within one congress. Names stand outside the log (DESIGN §4)."""
Epoch = NewType("Epoch", bytes)
"""8 random bytes: one life of a device's store."""
StoreId = NewType("StoreId", bytes)
"""16 random bytes: one life of a fleet's store; a restore from a backup begins a new one."""

MEMBER_REF_BYTES: Final = 16
CONTEST_BYTES: Final = 16
VOTER_BYTES: Final = 16
EPOCH_BYTES: Final = 8
STORE_ID_BYTES: Final = 16
HASH_BYTES: Final = 32

DESK: Final = DeviceId("desk")
"""Signs the acts of officers and every broadcast (the fleet's API process)."""
STORE: Final = DeviceId("store")
"""Signs receipts, checkpoints, refusals and time (the fleet's ingest process)."""
RESERVED: Final = frozenset({DESK, STORE, DeviceId("all"), DeviceId("ingest"), DeviceId("registrar")})

_NAME: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?")


def is_name(text: object) -> bool:
    """True for 1 to 32 of `a-z 0-9 -`, neither beginning nor ending with a hyphen."""
    return isinstance(text, str) and _NAME.fullmatch(text) is not None


def name(text: object, what: str) -> str:
    """Return text if it is a name. Raises BadSchema naming `what` otherwise."""
    if not is_name(text):
        raise BadSchema(f"{what} must be 1 to 32 of a-z, 0-9 and '-', got {text!r:.60}")
    return str(text)
