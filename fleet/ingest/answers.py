"""What the store itself tells devices: receipts, resends, the time; signed here, and said sparingly."""

from collections import OrderedDict
from functools import lru_cache
from typing import Final

from ballot.hall_log.verdict import Chain
from wire import cbor, topics
from wire.down import (
    AUDIENCE_ALL,
    DownMessage,
    Receipt,
    Resend,
    TimeNotice,
    encode_down,
    encode_store_message,
)
from wire.envelope import Purpose, Sealer, seal
from wire.ids import DeviceId, HallId, StoreId
from wire.keys import Signer

RESEND_GAP_MS: Final = 1000
TIME_LIFE_MS: Final = 60_000
_CHAINS_MAX: Final = 20_000
_ARRAY_OF_10: Final = b"\x8a"


class ReceiptPress:
    """Signs receipts by the thousand: 2,000 keypads that press at once want one each. What is the same in
    all receipts of a chain, and in all receipts of a commit, is encoded once; the bytes are those of
    `encode_store_message`."""

    def __init__(self, hall: HallId, store_id: StoreId, signer: Signer) -> None:
        self._hall, self._store_id = hall, store_id
        self._sealer = Sealer(Purpose.RECEIPT, signer)
        self._chain = lru_cache(maxsize=_CHAINS_MAX)(self._chain_parts)
        self._head = (-1, b"", b"")

    def press(
        self, device: str, epoch: bytes, chain: Chain, leaf_index: int, tree_size: int, root: bytes
    ) -> tuple[str, bytes]:
        """(topic, payload) of the receipt for a chain that ends so."""
        if self._head[:2] != (tree_size, root):
            self._head = (tree_size, root, cbor.encode(tree_size) + cbor.encode(root))
        topic, prefix = self._chain(device, epoch)
        middle = cbor.encode(chain.seq) + cbor.encode(chain.record_hash) + cbor.encode(leaf_index)
        return topic, self._sealer.seal(prefix + middle + self._head[2])

    def _chain_parts(self, device: str, epoch: bytes) -> tuple[str, bytes]:
        parts = (Receipt.kind, self._hall, device, self._store_id, epoch)
        prefix = _ARRAY_OF_10 + b"".join(cbor.encode(part) for part in parts)
        return topics.down(self._hall, DeviceId(device), topics.Down.ACK), prefix


def signed_resend(resend: Resend, signer: Signer) -> tuple[str, bytes]:
    """(topic, payload)"""
    topic = topics.down(resend.hall, resend.device, topics.Down.ACK)
    return topic, seal(encode_store_message(resend), Purpose.RESEND, signer)


def signed_time(hall: HallId, wall_ms: int, signer: Signer) -> tuple[str, bytes]:
    """(topic, payload)"""
    message = DownMessage(hall, AUDIENCE_ALL, wall_ms, wall_ms, wall_ms + TIME_LIFE_MS, TimeNotice(wall_ms))
    return topics.broadcast(hall, topics.All.TIME), seal(encode_down(message), Purpose.DOWN, signer)


class Sparingly:
    """At most one answer per key and gap: a device that shouts is not shouted at. Remembers a bounded
    number of keys.
    """

    def __init__(self, gap_ms: int = RESEND_GAP_MS) -> None:
        self._gap_ms = gap_ms
        self._last: OrderedDict[tuple[str, bytes], int] = OrderedDict()

    def may(self, key: tuple[str, bytes], now_ms: int) -> bool:
        last = self._last.get(key)
        if last is not None and now_ms - last < self._gap_ms:
            return False
        self._last[key] = now_ms
        self._last.move_to_end(key)
        if len(self._last) > _CHAINS_MAX:
            self._last.popitem(last=False)
        return True
