"""What the log says of a record, from the leaves before it and nothing else: ingest decides by it, the
audit recomputes it. Pure.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from ballot.hall_log.leaf import CheckedRecord
from wire.errors import BadSchema
from wire.fields import Body
from wire.ids import DESK, RESERVED, STORE
from wire.keys import PublicKey, public_key
from wire.records import (
    DEVICE_TYPES,
    GENESIS,
    Alarm,
    DeviceRegistered,
    DeviceRevoked,
    QuestionChanged,
    Refusal,
    RollPage,
    Seating,
    SittingChanged,
    StoreBegun,
)
from wire.updates import Override
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

OK: Final = "ok"
OFFICE_TYPES: Final = {
    DESK: frozenset(
        body.kind
        for body in (
            Alarm,
            DeviceRegistered,
            DeviceRevoked,
            RollPage,
            Seating,
            SittingChanged,
            QuestionChanged,
            DocumentPage,
            ContestChanged,
            Terms,
            Recusal,
            Annotation,
            PaperCount,
            ResultRecord,
            Override,
        )
    ),
    STORE: frozenset(body.kind for body in (Alarm, Refusal, StoreBegun, Beacon, BallotRefusal)),
}


class Chain(NamedTuple):
    """The last record of one device's epoch: what the next one must follow."""

    seq: int = 0
    record_hash: bytes = GENESIS


NO_CHAIN: Final = Chain()


@dataclass(frozen=True, slots=True)
class Provisioned:
    """What the log knows of a device: its role, its key, and whether a later leaf revoked it."""

    role: str
    key: PublicKey
    revoked: bool = False


class Registry:
    """The devices of the leaves so far. A device that is registered again has the new key only, and is no
    longer revoked.
    """

    def __init__(self, devices: Mapping[str, Provisioned] | None = None) -> None:
        self._devices = dict(devices or {})

    def get(self, device: str) -> Provisioned | None:
        return self._devices.get(device)

    def copy(self) -> "Registry":
        return Registry(self._devices)

    def learn(self, body: Body | None) -> None:
        """Take in a leaf of the desk. Raises BadSchema for a device that could never sign."""
        if isinstance(body, DeviceRegistered):
            if body.device in RESERVED:
                raise BadSchema(f"{body.device} is the name of an office, not of a device")
            self._devices[body.device] = Provisioned(body.role, public_key(body.alg, body.public_key))
        elif isinstance(body, DeviceRevoked):
            known = self._devices.get(body.device)
            if known is not None:
                self._devices[body.device] = Provisioned(known.role, known.key, revoked=True)


def verdict(record: CheckedRecord, provisioned: Provisioned, chain: Chain, congress: str, hall: str) -> str:
    """`ok`, or the code of the refusal, of a device's record that is the next of its epoch."""
    if provisioned.revoked:
        return "revoked"
    if record.congress != congress:
        return "wrong-congress"
    if record.hall != hall:
        return "wrong-hall"
    if not record.body_accepted:
        return "bad-schema"
    if record.kind not in DEVICE_TYPES[provisioned.role]:
        return "wrong-role"
    # A broken chain means a copied or restored device store: two histories, of which the log holds one.
    # Refusing the record but advancing over it shows the break for good and lets the device's later
    # records be judged again.
    if record.prev_hash != chain.record_hash:
        return "broken-chain"
    return OK


def office_fault(record: CheckedRecord, chain: Chain, congress: str, hall: str) -> str | None:
    """Why a record of the desk or the store may not stand in the log; None when it may. Offices are never
    refused, they stop: their records are made beside this log, so a wrong one means a damaged store."""
    if record.congress != congress or record.hall != hall:
        return f"made for {record.congress}/{record.hall}"
    if not record.body_accepted:
        return f"{record.kind} has a body that no reader accepts"
    if record.kind not in OFFICE_TYPES.get(record.device, frozenset()):  # type: ignore[call-overload]  # any name may be asked
        return f"{record.device} may not say {record.kind}"
    if record.seq != chain.seq + 1:
        return f"seq {record.seq} follows {chain.seq}"
    if record.prev_hash != chain.record_hash:
        return "prev_hash is not the hash of the record before"
    return None
