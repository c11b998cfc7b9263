"""What the store itself tells devices: receipts, resends, the time; signed here, and said sparingly."""

from collections import OrderedDict
from typing import Final

from wire import topics
from wire.down import (
    AUDIENCE_ALL,
    DownMessage,
    Receipt,
    Resend,
    TimeNotice,
    encode_down,
    encode_store_message,
)
from wire.envelope import Purpose, seal
from wire.ids import HallId
from wire.keys import Signer

RESEND_GAP_MS: Final = 1000
TIME_LIFE_MS: Final = 60_000
_CHAINS_MAX: Final = 20_000


def signed_receipt(receipt: Receipt, signer: Signer) -> tuple[str, bytes]:
    """(topic, payload)"""
    topic = topics.down(receipt.hall, receipt.device, topics.Down.ACK)
    return topic, seal(encode_store_message(receipt), Purpose.RECEIPT, signer)


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
