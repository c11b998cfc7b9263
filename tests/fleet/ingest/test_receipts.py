"""Receipts pressed in bulk are byte for byte those that the specification's encoder makes."""

from hypothesis import given
from hypothesis import strategies as st

from ballot.hall_log.verdict import Chain
from fleet.ingest.answers import ReceiptPress, Sparingly
from tests.fleet.ingest.simulated_hall import HALL, make_signer
from wire import topics
from wire.down import Receipt, encode_store_message
from wire.envelope import Purpose, seal
from wire.ids import STORE, DeviceId, Epoch, StoreId

SIGNER = make_signer(STORE)
STORE_ID = StoreId(bytes(range(16)))
HASHES = st.binary(min_size=32, max_size=32)


@given(
    st.sampled_from(["keypad-1", "gate-12"]),
    st.binary(min_size=8, max_size=8),
    st.integers(1, 2**32 - 1),
    HASHES,
    st.integers(0, 2**53 - 1),
    st.integers(1, 2**53 - 1),
    HASHES,
)
def test_a_pressed_receipt_is_that_of_the_specification(
    device: str, epoch: bytes, seq: int, record: bytes, leaf: int, size: int, root: bytes
) -> None:
    press = ReceiptPress(HALL, STORE_ID, SIGNER)
    receipt = Receipt(HALL, DeviceId(device), STORE_ID, Epoch(epoch), seq, record, leaf, size, root)
    expected = seal(encode_store_message(receipt), Purpose.RECEIPT, SIGNER)
    topic = topics.down(HALL, DeviceId(device), topics.Down.ACK)
    for _ in range(2):  # the second time from what was kept
        assert press.press(device, epoch, Chain(seq, record), leaf, size, root) == (topic, expected)


def test_one_press_serves_many_chains_and_commits() -> None:
    press = ReceiptPress(HALL, STORE_ID, SIGNER)
    seen = {
        press.press(device, bytes(8), Chain(1, bytes(32)), 0, size, bytes(32))
        for device in ("keypad-1", "keypad-2")
        for size in (1, 2)
    }
    assert len(seen) == 4


def test_a_device_that_shouts_is_answered_once_a_second() -> None:
    resends = Sparingly(1000)
    assert [resends.may(("keypad-1", b"e"), now) for now in (0, 1, 999, 1000, 1500, 2000)] == [
        *(True, False, False),
        *(True, False, True),
    ]
    assert resends.may(("keypad-2", b"e"), 1)
