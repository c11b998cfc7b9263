"""What the desk says is read whole by the device, however many bytes its Vietnamese letters have."""

import pytest

from provisioning.desk.words import SAY, clipped
from tests.provisioning.desk.conftest import DeskUnderTest
from tests.provisioning.desk.fleet_under_test import FleetUnderTest, place
from wire.enrol import WORDS_BYTES_MAX


@pytest.mark.parametrize("bytes_max", [10, 11, 12, 13])
def test_a_long_text_is_cut_between_letters_and_says_that_it_is_cut(bytes_max: int) -> None:
    cut = clipped("ữ" * 100, bytes_max)
    assert len(cut.encode()) <= bytes_max
    assert cut.lstrip("ữ") == "…"
    assert clipped("ngắn", bytes_max) == "ngắn"


def test_every_sentence_leaves_room_for_what_is_filled_in() -> None:
    values = {"place": "ế" * 40, "serial": "s" * 64, "expected": "s" * 64, "sentence": "x" * 100}
    more = {"count": 5000, "code": "ABCD EFGH", "text": "x" * 40, "year": 1970, "wait_s": 60}
    for key, pair in SAY.items():
        for sentence in pair:
            assert len(sentence.format(**values, **more, device="d" * 32).encode()) <= WORDS_BYTES_MAX, key


def test_a_device_reads_a_place_with_a_very_long_vietnamese_name(
    desk: DeskUnderTest, fleet: FleetUnderTest
) -> None:
    fleet.plan(place("seat-1", label="Ghế của đại biểu ở hàng đầu, " * 8))
    device = desk.device()
    device.hello()
    desk.place(device, "seat-1")
    status = device.poll()
    assert status.state == "placed"
    assert status.place.endswith("…")


def test_a_device_reads_a_refusal_of_the_fleet_however_long_it_is(
    desk: DeskUnderTest, fleet: FleetUnderTest
) -> None:
    fleet.plan(place("seat-1"))
    fleet.refusal, fleet.sentence = (409, "something-new"), "Không được, vì lý do dài. " * 40
    device = desk.device()
    device.hello()
    desk.place(device, "seat-1")
    device.press()
    desk.until(device, "refused")
    assert device.status is not None
    assert device.status.vi.startswith("Máy chủ hội trường từ chối: Không được")
