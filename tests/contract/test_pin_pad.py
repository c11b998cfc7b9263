"""One suite for every adapter of PinPad: keys in order, once; unplugged is silence, and it comes back."""

import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pytest

from edge.rollcall_gate.adapters.evdev_pin_pad import RETRY_MS, EvdevPinPad
from edge.rollcall_gate.adapters.simulated_lane import SimulatedPinPad
from edge.rollcall_gate.errors import DoorError
from edge.rollcall_gate.ports import PinPad

EV_SYN, EV_KEY, EV_MSC = 0, 1, 4
SYN_REPORT, SYN_DROPPED, MSC_SCAN = 0, 3, 4
UP, DOWN, HELD = 0, 1, 2
KEYPAD = {"0": 82, "1": 79, "2": 80, "3": 81, "4": 75, "5": 76, "6": 77, "7": 71, "8": 72, "9": 73, "E": 96}
KEYPAD["C"] = 83
TOP_ROW = {**{str(digit): digit + 1 for digit in range(1, 10)}, "0": 11, "E": 28, "C": 14}


class Rig(Protocol):
    pad: PinPad

    def press(self, keys: str) -> None: ...

    def unplug(self) -> None: ...

    def plug_in(self) -> None: ...


def event(kind: int, code: int, value: int) -> bytes:
    return struct.pack("@llHHi", 1_800_000_000, 250_000, kind, code, value)


def stroke(code: int) -> bytes:
    """What a USB pad tells of one key: its scan code, down, a report; then up, a report."""
    return b"".join(
        event(EV_MSC, MSC_SCAN, 458_841) + event(EV_KEY, code, value) + event(EV_SYN, SYN_REPORT, 0)
        for value in (DOWN, UP)
    )


class FifoRig:
    """The kernel's event stream through a pipe with a name, which can go and come back like a device."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "event-kbd"
        self.now_ms = 7_000
        self.writer: int | None = None
        self.plug_in()
        self.pad = EvdevPinPad(self.path, lambda: self.now_ms)
        assert self.pad.read() == ""

    def send(self, data: bytes) -> None:
        assert self.writer is not None
        assert os.write(self.writer, data) == len(data)

    def press(self, keys: str) -> None:
        if self.writer is not None:
            self.send(b"".join(stroke(KEYPAD[key]) for key in keys))

    def unplug(self) -> None:
        if self.writer is not None:
            os.close(self.writer)
            self.path.unlink()
        self.writer = None

    def plug_in(self) -> None:
        os.mkfifo(self.path)
        self.writer = os.open(self.path, os.O_RDWR)
        self.now_ms += RETRY_MS


class SimulatedRig:
    def __init__(self, folder: Path) -> None:
        self.pad = SimulatedPinPad()

    def press(self, keys: str) -> None:
        self.pad.press(keys)

    def unplug(self) -> None:
        self.pad.unplug()

    def plug_in(self) -> None:
        self.pad.plug_in()


@pytest.fixture
def fifo(tmp_path: Path) -> Iterator[FifoRig]:
    made = FifoRig(tmp_path)
    yield made
    made.pad.close()
    made.unplug()


@pytest.fixture(params=[FifoRig, SimulatedRig], ids=["evdev", "simulated"])
def rig(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Rig]:
    made = request.param(tmp_path)
    yield made
    made.pad.close()
    made.unplug()


def test_nothing_is_read_until_a_key_is_pressed(rig: Rig) -> None:
    assert rig.pad.read() == ""


def test_keys_are_read_in_order_and_once(rig: Rig) -> None:
    rig.press("12")
    rig.press("3C45E")
    assert rig.pad.read() == "123C45E"
    assert rig.pad.read() == ""
    rig.press("67890")
    assert rig.pad.read() == "67890"


def test_an_unplugged_pad_is_silent_and_works_again_when_it_is_back(rig: Rig) -> None:
    rig.press("1")
    assert rig.pad.read() == "1"
    rig.unplug()
    for _ in range(3):
        assert rig.pad.read() == ""
    rig.plug_in()
    rig.pad.read()
    rig.press("2E")
    assert rig.pad.read() == "2E"


def test_nothing_is_read_after_it_is_given_back(rig: Rig) -> None:
    rig.press("1")
    rig.pad.close()
    rig.press("2")
    assert rig.pad.read() == ""


@pytest.mark.parametrize("layout", [KEYPAD, TOP_ROW], ids=["keypad", "top-row"])
@pytest.mark.parametrize("key", sorted(KEYPAD))
def test_every_key_of_both_layouts_is_known(fifo: FifoRig, layout: dict[str, int], key: str) -> None:
    fifo.send(stroke(layout[key]))
    assert fifo.pad.read() == key


def test_a_key_that_is_held_is_pressed_once_and_other_keys_are_none(fifo: FifoRig) -> None:
    held = b"".join(event(EV_KEY, KEYPAD["5"], value) for value in (DOWN, *[HELD] * 20, UP))
    numlock, letter_a = stroke(69), stroke(30)
    fifo.send(held + numlock + letter_a)
    assert fifo.pad.read() == "5"


@pytest.mark.parametrize("cut", [1, 8, 23, 25, 60])
def test_an_event_that_arrives_in_two_pieces_is_one(fifo: FifoRig, cut: int) -> None:
    data = stroke(KEYPAD["4"])
    fifo.send(data[:cut])
    first = fifo.pad.read()
    fifo.send(data[cut:])
    assert first + fifo.pad.read() == "4"


def test_keys_that_the_kernel_lost_clear_what_was_typed(fifo: FifoRig) -> None:
    fifo.send(stroke(KEYPAD["1"]) + event(EV_SYN, SYN_DROPPED, 0) + stroke(KEYPAD["2"]))
    assert fifo.pad.read() == "1C2"


def test_many_keys_at_once_are_all_read_over_several_looks(fifo: FifoRig) -> None:
    fifo.press("123456789E" * 5)
    read = "".join(fifo.pad.read() for _ in range(10))
    assert read == "123456789E" * 5


def test_half_an_event_of_a_pad_that_went_away_does_not_spoil_the_next_one(fifo: FifoRig) -> None:
    fifo.send(stroke(KEYPAD["1"])[:30])
    fifo.pad.read()
    fifo.unplug()
    fifo.pad.read()
    fifo.plug_in()
    fifo.pad.read()
    fifo.press("8")
    assert fifo.pad.read() == "8"


def test_a_pad_that_is_not_there_is_said_once_and_looked_for_at_intervals(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    now_ms = 0
    path = tmp_path / "event-kbd"
    pad = EvdevPinPad(path, lambda: now_ms)
    for now_ms in range(0, 10 * RETRY_MS, RETRY_MS // 4):  # noqa: B007  # the pad's clock reads it
        assert pad.read() == ""
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert "plug it in again" in caplog.text
    os.mkfifo(path)
    writer = os.open(path, os.O_RDWR)
    assert pad.read() == ""
    os.write(writer, stroke(KEYPAD["1"]))
    assert pad.read() == ""  # it looks again when the interval is over, not at every look
    now_ms += RETRY_MS
    pad.read()
    os.write(writer, stroke(KEYPAD["2"]))
    assert "2" in pad.read()
    pad.close()
    os.close(writer)


def test_a_simulated_pad_has_no_other_keys() -> None:
    with pytest.raises(DoorError, match="0 to 9"):
        SimulatedPinPad().press("12A")
