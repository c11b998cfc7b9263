"""What each device is to install, out of what the officers have signed: the director's repository, one per
device, made and signed when it is asked for."""

import json
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import MetaFile, Snapshot, TargetFile, Targets, Timestamp

from fleet.db import Connection, Engine, reading, take_turn, writing
from fleet.rollout.rules.shape import Target
from fleet.updates import catalogue, store
from fleet.updates.online import moment, next_version, signed_bytes
from wire.ids import DeviceId

LIFETIME: Final = timedelta(days=7)
TIMESTAMP_LIFETIME: Final = timedelta(days=1)
_HALF_MS: Final = int(TIMESTAMP_LIFETIME.total_seconds() * 500)
_LONGEST_MS: Final = 3 * _HALF_MS
"""What is in force for longer was signed while this machine's clock was ahead."""


def assign(connection: Connection, device: DeviceId, target: Target, rollout: str, generation: int) -> None:
    """This device is to install this target; of each component one at most. Inside an act."""
    store.assign(connection, device, target, rollout, generation)


def unassign(connection: Connection, device: DeviceId, component: str) -> None:
    """Nothing is to be installed any more. Inside an act."""
    store.unassign(connection, device, component)


class Director:
    """Signs for the devices of one fleet."""

    def __init__(self, data: Path, engine: Engine, signer: CryptoSigner) -> None:
        self._data = data
        self._engine = engine
        self._signer = signer

    def metadata(self, device: DeviceId, now_ms: int) -> store.Signed:
        """In force for half a day at least. Raises StoreError."""
        with reading(self._engine) as connection:
            found = store.signed(connection, device)
            wanted = self._wanted(connection, device)
        if found is not None and self._stands(found, wanted, now_ms):
            return found
        with writing(self._engine) as connection:
            take_turn(connection)
            found = store.signed(connection, device)
            wanted = self._wanted(connection, device)
            if found is None or not self._stands(found, wanted, now_ms):
                found = self._sign(found.version if found else 0, wanted, now_ms)
                store.keep_signed(connection, device, found)
        return found

    def _wanted(self, connection: Connection, device: DeviceId) -> dict[str, TargetFile]:
        return {
            row.path: TargetFile(
                row.length,
                dict(catalogue.hashes(self._data, row.path, row.sha256)),
                row.path,
                {"custom": row.assigned.custom()},
            )
            for row in store.assignments(connection, device)
        }

    def _stands(self, found: store.Signed, wanted: Mapping[str, TargetFile], now_ms: int) -> bool:
        """Still the same content, in force for long enough, and by the key that we have."""
        if not _HALF_MS <= found.expires_ms - now_ms <= _LONGEST_MS:
            return False
        document: dict[str, Any] = json.loads(found.targets)
        return bool(
            document["signed"]["targets"] == {path: file.to_dict() for path, file in wanted.items()}
            and document["signatures"][0]["keyid"] == self._signer.public_key.keyid
        )

    def _sign(self, previous: int, wanted: dict[str, TargetFile], now_ms: int) -> store.Signed:
        version, now = next_version(previous, now_ms), moment(now_ms)
        targets = signed_bytes(Targets(version=version, expires=now + LIFETIME, targets=wanted), self._signer)
        meta = {"targets.json": MetaFile.from_data(version, targets, ["sha256"])}
        snapshot = signed_bytes(Snapshot(version=version, expires=now + LIFETIME, meta=meta), self._signer)
        expires = now + TIMESTAMP_LIFETIME
        stamp = Timestamp(
            version=version, expires=expires, snapshot_meta=MetaFile.from_data(version, snapshot, ["sha256"])
        )
        return store.Signed(
            version,
            int(expires.timestamp()) * 1000,
            targets.decode(),
            snapshot.decode(),
            signed_bytes(stamp, self._signer).decode(),
        )
