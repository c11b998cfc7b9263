"""An outbox's store in memory, for simulated halls: it forgets nothing until the object `disk` is dropped."""

from collections.abc import Callable
from dataclasses import dataclass, field

from edge.device.errors import StoreError
from edge.device.ports import Change


@dataclass(slots=True)
class MemoryDisk:
    """What survives a power cut. Hands: `full`, and `step`, called at each durable step (a fuse may blow in
    it)."""

    rows: dict[int, bytes] = field(default_factory=dict)
    named: dict[str, bytes] = field(default_factory=dict)
    full: bool = False
    step: Callable[[str], None] = lambda _: None


class MemoryOutboxStore:
    """OutboxStore over a MemoryDisk. Changes are made on a copy and switched in at once, as a transaction
    is."""

    set_aside: str | None = None

    def __init__(self, disk: MemoryDisk) -> None:
        self._disk = disk

    def write(self, change: Change) -> None:
        disk = self._disk
        disk.step("begin")
        if disk.full and (change.records or change.values):
            raise StoreError("not stored: the storage of this device is full; call a technician")
        rows = {seq: row for seq, row in disk.rows.items() if seq > change.prune_to}
        if any(seq in rows for seq, _ in change.records):
            raise StoreError("not stored: a record of that number exists")
        rows |= dict(change.records)
        named = {k: v for k, v in (disk.named | dict(change.values)).items() if v is not None}
        disk.step("commit")
        disk.rows, disk.named = rows, named
        disk.step("committed")

    def value(self, name: str) -> bytes | None:
        return self._disk.named.get(name)

    def values(self, prefix: str) -> dict[str, bytes]:
        return {name: value for name, value in self._disk.named.items() if name.startswith(prefix)}

    def records(self, from_seq: int, count: int) -> list[tuple[int, bytes]]:
        return sorted((seq, row) for seq, row in self._disk.rows.items() if seq >= from_seq)[:count]

    def close(self) -> None:
        """Nothing to give back: the disk outlives its reader."""
