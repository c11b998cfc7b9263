"""The device's memory of what it said: every record is signed, chained and durable before anybody is told
(DESIGN §4).

Receipts mark, certification prunes, and marks belong to one life of the fleet's store: a receipt from a new
one begins new marks, and everything is sent again. All of it rests on one durable operation,
`OutboxStore.write`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from edge.device.errors import StoreError
from edge.device.ports import Change, OutboxStore, Signer
from wire import cbor
from wire.down import NO_EPOCH, Receipt, Resend
from wire.envelope import Purpose, seal
from wire.fields import Body
from wire.ids import CongressId, DeviceId, Epoch, HallId, StoreId
from wire.records import GENESIS, SEQ_MAX, Alarm, Record, Stamp, encode_record, record_hash

NO_VALUES: Final[Mapping[str, bytes | None]] = {}
SUPERSEDED_MAX: Final = 64
"""Former store ids remembered: a replayed receipt of one must not bring its marks back."""
_VALUE_BYTES_MAX: Final = 128 * 1024


class Mark(Enum):
    """What a receipt or a resend did."""

    MARKED = "marked"
    REPEAT = "repeat"
    OTHER_EPOCH = "other-epoch"
    SUPERSEDED = "superseded"
    OTHER_BYTES = "other-bytes"
    """The store holds other bytes at that seq than we do: a person must look."""
    NEVER_SAID = "never-said"
    """The store holds a record that this outbox never wrote: our key is used elsewhere, or our disk went back
    in time."""


@dataclass(frozen=True, slots=True)
class Appended:
    seq: int
    record_hash: bytes


@dataclass(frozen=True, slots=True)
class Speaker:
    """In whose name the outbox speaks."""

    congress: CongressId
    hall: HallId
    device: DeviceId


class Outbox:
    """One epoch of one device. Not thread-safe: the device's loop owns it.

    fresh_epoch: 8 random bytes; called once in the life of a store. Raises StoreError when the store cannot
    be read, or the fresh epoch is NO_EPOCH: a store that asks who is there would unmark every record of it.
    """

    def __init__(
        self, store: OutboxStore, signer: Signer, speaker: Speaker, fresh_epoch: Callable[[], bytes]
    ) -> None:
        self._store = store
        self._signer = signer
        self._speaker = speaker
        epoch = store.value("epoch")
        if epoch is None:
            epoch = fresh_epoch()
            if epoch == NO_EPOCH:
                raise StoreError("the system gave eight zero bytes for random ones: no epoch is begun")
            lost = store.set_aside
            alarm = {"unsaid-alarm": _pack(["outbox-damaged", f"kept aside as {lost}"])} if lost else {}
            store.write(Change(values={"epoch": epoch, "head": _pack([0, GENESIS]), **alarm}))
        self.epoch: Final = Epoch(epoch)
        self._boot = _unpack(store.value("boot"), 0)
        self._uncounted: dict[str, bytes | None] = {}
        self._load()

    def _load(self) -> None:
        self._last_seq, self._last_hash = _unpack(self._store.value("head"), [0, GENESIS])
        store_id = self._store.value("store")
        self._store_id = StoreId(store_id) if store_id is not None else None
        mark: tuple[int, bytes, int | None] = _unpack(self._store.value("mark"), (0, b"", None))
        self._marked_seq, _, self._marked_leaf = mark
        kept = self._store.records(1, 1)
        self._first_seq = kept[0][0] if kept else self._last_seq + 1

    @property
    def last_seq(self) -> int:
        """seq of the newest record; 0 before the first."""
        return int(self._last_seq)

    @property
    def first_seq(self) -> int:
        """seq of the oldest record still kept; last_seq + 1 when none is."""
        return int(self._first_seq)

    @property
    def marked_seq(self) -> int:
        """All records up to this one are in the fleet's present store, by its own signed word."""
        return int(self._marked_seq)

    @property
    def marked_leaf(self) -> int | None:
        """Where in the hall log the record at marked_seq stands, by the same word; None before the first."""
        return self._marked_leaf

    @property
    def boot(self) -> int:
        return int(self._boot)

    @property
    def store_id(self) -> StoreId | None:
        """The fleet's store that the marks belong to."""
        return self._store_id

    def begin_boot(self) -> int:
        """Count this start, durably before anything is stamped with it: on a full disk, with the first
        record."""
        self._boot = _unpack(self._store.value("boot"), 0) + 1
        try:
            self._store.write(Change(values={"boot": _pack(self._boot)}))
        except StoreError:
            self._uncounted = {"boot": _pack(self._boot)}
        return self.boot

    def append(self, body: Body, stamp: Stamp, values: Mapping[str, bytes | None] = NO_VALUES) -> Appended:
        """Sign, chain and keep a record, and these named values with it, in one durable step.

        Raises: StoreError when it is not kept (then nothing changed); BadSchema, TooLarge for an impossible
        body.
        """
        seq = self.last_seq + 1
        if seq > SEQ_MAX:
            raise StoreError("this device has said all that one epoch can hold; provision it anew")
        s = self._speaker
        record = Record(s.congress, s.hall, s.device, self.epoch, seq, self._last_hash, stamp, body)
        envelope = seal(encode_record(record), Purpose.RECORD, self._signer)
        digest = record_hash(envelope)
        kept = {**values, **self._uncounted, "head": _pack([seq, digest])}
        self._write(Change(((seq, envelope),), kept))
        self._last_seq, self._last_hash, self._uncounted = seq, digest, {}
        return Appended(seq, digest)

    def unsaid_alarm(self) -> Alarm | None:
        """An alarm that the opening of the store left behind. Append it with `values={"unsaid-alarm":
        None}`."""
        found = self._store.value("unsaid-alarm")
        return Alarm(*_unpack(found, [])) if found is not None else None

    def leave_alarm(self, alarm: Alarm) -> None:
        """To be said by the next start (`unsaid_alarm`). Raises StoreError."""
        self.keep({"unsaid-alarm": _pack([alarm.code, alarm.detail])})

    def alarm_once(self, alarm: Alarm, stamp: Stamp) -> Appended | None:
        """Append an alarm unless the last one of its code said the same. Survives restarts."""
        name, detail = f"alarm/{alarm.code}", alarm.detail.encode()
        if self._store.value(name) == detail:
            return None
        return self.append(alarm, stamp, {name: detail})

    def read(self, from_seq: int, count: int) -> list[tuple[int, bytes]]:
        """Up to `count` kept records (seq, envelope) from this seq on."""
        return self._store.records(from_seq, count)

    def mark(self, receipt: Receipt, envelope: bytes) -> Mark:
        """Believe a verified receipt for this device: everything up to its seq is stored.

        envelope: the receipt's own bytes, kept as proof. Anything but MARKED changes nothing. Raises
        StoreError.
        """
        if receipt.epoch != self.epoch:
            return Mark.OTHER_EPOCH
        if self._superseded(receipt.store_id):
            return Mark.SUPERSEDED
        if receipt.seq > self.last_seq:
            return Mark.NEVER_SAID
        kept = self._store.records(receipt.seq, 1)
        if kept and kept[0][0] == receipt.seq and record_hash(kept[0][1]) != receipt.record_hash:
            return Mark.OTHER_BYTES
        same_store = receipt.store_id == self._store_id
        if same_store and receipt.seq <= self.marked_seq:
            return Mark.REPEAT
        self._set_mark(receipt.store_id, receipt.seq, envelope, receipt.leaf_index)
        return Mark.MARKED

    def resend(self, resend: Resend) -> Mark:
        """Unmark everything from a seq on, because the store lacks it. OTHER_EPOCH: the store does not know
        who we are. Raises StoreError."""
        if self._superseded(resend.store_id):
            return Mark.SUPERSEDED
        if resend.epoch != self.epoch:
            return Mark.OTHER_EPOCH
        below = min(resend.from_seq - 1, self.marked_seq)
        if resend.store_id != self._store_id:
            below = 0  # only a receipt proves what a store holds; its first one lifts the mark again
        elif below == self.marked_seq:
            return Mark.REPEAT
        self._set_mark(resend.store_id, below, b"", None)
        return Mark.MARKED

    def certified(self, epoch: Epoch, seq: int) -> int:
        """Forget certified records, as far as they are marked. Returns how many. Raises StoreError."""
        upto = min(seq, self.marked_seq)
        if epoch != self.epoch or upto < self.first_seq:
            return 0
        self._write(Change(prune_to=upto))
        forgotten = upto + 1 - self.first_seq
        self._first_seq = upto + 1
        return forgotten

    def value(self, name: str) -> bytes | None:
        return self._store.value(name)

    def values(self, prefix: str) -> dict[str, bytes]:
        return self._store.values(prefix)

    def keep(self, values: Mapping[str, bytes | None]) -> None:
        """Set named values, all in one durable step; None deletes. Raises StoreError."""
        self._write(Change(values=values))

    def close(self) -> None:
        self._store.close()

    def _write(self, change: Change) -> None:
        try:
            self._store.write(change)
        except StoreError:
            self._load()  # what is in memory never differs from what is on disk
            raise

    def _superseded(self, store_id: StoreId) -> bool:
        return store_id != self._store_id and bytes(store_id) in _unpack(self._store.value("superseded"), [])

    def _set_mark(self, store_id: StoreId, seq: int, receipt: bytes, leaf: int | None) -> None:
        values: dict[str, bytes | None] = {"mark": _pack([seq, receipt, leaf])}
        if store_id != self._store_id:
            former = _unpack(self._store.value("superseded"), [])
            if self._store_id is not None:
                former = [*former, bytes(self._store_id)][-SUPERSEDED_MAX:]
            values |= {"store": bytes(store_id), "superseded": _pack(former)}
        self._write(Change(values=values))
        self._store_id, self._marked_seq, self._marked_leaf = store_id, seq, leaf


def _pack(value: cbor.Value) -> bytes:
    return cbor.encode(value)


def _unpack(data: bytes | None, default: Any) -> Any:
    return default if data is None else cbor.decode(data, _VALUE_BYTES_MAX)
