"""A gate gives its parts back, and one of them fails: the lock has let go, and the others are given back."""

import dataclasses
import sys
import types
from collections.abc import Iterator
from typing import Any

import pytest
from gpiozero import Device
from gpiozero.pins.mock import MockFactory, MockPin

from edge.rollcall_gate.adapters.hardware import Hardware, Simulated, open_hardware
from edge.rollcall_gate.adapters.not_wired import NoDisplay
from edge.rollcall_gate.claiming import GatePresence
from edge.rollcall_gate.config import Wiring
from edge.rollcall_gate.errors import CameraError, DoorError
from edge.rollcall_gate.ports import Door

PARTS = ("door", "camera", "pins", "sensor", "fire", "display", "indicator", "sounder")
LOCK, REED, FIRE, BEAMS, BUZZER, LAMPS = 17, 27, 25, (23, 24), 12, (5, 13, 6)


class Told:
    """In the place of a part: writes down that it is given back, and fails if it is to."""

    def __init__(self, name: str, closed: list[str], fails: BaseException | None) -> None:
        self._name, self._closed, self._fails = name, closed, fails

    def close(self) -> None:
        self._closed.append(self._name)
        if self._fails is not None:
            raise self._fails


def of(door: Door | None, closed: list[str], failing: dict[str, BaseException]) -> Hardware:
    parts: dict[str, Any] = {name: Told(name, closed, failing.get(name)) for name in PARTS}
    if door is not None:
        parts["door"] = door
    return dataclasses.replace(Simulated.of(lambda: 0).hardware, **parts)


@pytest.mark.parametrize("failing", PARTS)
@pytest.mark.parametrize("fault", [CameraError("it hangs"), RuntimeError("GPIO busy"), KeyboardInterrupt()])
def test_all_are_given_back_and_the_door_first_whichever_fails(failing: str, fault: BaseException) -> None:
    closed: list[str] = []
    with pytest.raises(type(fault)):
        of(None, closed, {failing: fault}).close()
    assert closed == list(PARTS)


def test_when_all_others_fail_the_lock_has_let_go() -> None:
    door = Simulated.of(lambda: 0).door
    assert door.secure()
    hardware = of(door, [], {name: RuntimeError(name) for name in PARTS[1:]})
    with pytest.raises(RuntimeError, match="sounder"):
        hardware.close()
    assert not door.locked


def test_a_gate_that_is_claimed_gives_all_back_whichever_fails() -> None:
    closed: list[str] = []
    names = ("button", "sounder", "indicator", "display", "first")
    told = {name: Told(name, closed, RuntimeError(name)) for name in names}
    parts: dict[str, Any] = {name: told[name] for name in names[:-1]}
    presence = GatePresence(**parts, language="en", close_first=told["first"].close)
    with pytest.raises(RuntimeError, match="display"):
        presence.close()
    assert closed == ["first", "button", "sounder", "indicator", "display"]


class Busy(Exception):
    """As lgpio.error: of no family but Exception."""


class BusyPin(MockPin):  # type: ignore[misc]
    def __init__(self, factory: Any, info: Any) -> None:
        super().__init__(factory, info)
        if self._number in factory.taken:
            raise Busy("GPIO busy")
        factory.claimed.add(self._number)

    def close(self) -> None:
        if self._number in self.factory.kept:
            raise Busy("GPIO busy")
        self.factory.given_back.add(self._number)
        super().close()


class BusyFactory(MockFactory):  # type: ignore[misc]
    """taken, kept: pins that cannot be had, and that cannot be given back."""

    def __init__(self) -> None:
        super().__init__(pin_class=BusyPin)
        self.taken: set[int] = set()
        self.kept: set[int] = set()
        self.claimed: set[int] = set()
        self.given_back: set[int] = set()

    def mend(self) -> None:
        self.taken, self.kept = set(), set()

    def holds(self, pin: int) -> bool:
        return bool(self.pin(pin).function == "output" and self.pin(pin).state)


@pytest.fixture
def header(monkeypatch: pytest.MonkeyPatch) -> Iterator[BusyFactory]:
    """Where the firmware's own table of parts finds its pins."""
    lgpio = types.ModuleType("lgpio")
    lgpio.error = Busy  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "lgpio", lgpio)
    made = BusyFactory()
    monkeypatch.setattr(Device, "pin_factory", made)
    yield made
    made.mend()


def opened(camera: str = "simulated") -> Hardware:
    wiring = Wiring(camera=camera, lock=LOCK, reed=REED, fire=FIRE, beams=BEAMS, buzzer=BUZZER, lamps=LAMPS)
    return open_hardware(wiring, NoDisplay(), lambda: 0)


@pytest.mark.parametrize("kept", [LOCK, REED, FIRE, *BEAMS, BUZZER, *LAMPS])
def test_the_lock_lets_go_whichever_of_the_header_pins_cannot_be_given_back(
    header: BusyFactory, kept: int
) -> None:
    hardware = opened()
    header.pin(REED).drive_low()
    assert hardware.door.secure()
    assert header.holds(LOCK)
    header.kept = {kept}
    hardware.close()
    assert not header.holds(LOCK)
    header.mend()


@pytest.mark.parametrize("taken", [LOCK, REED, FIRE, *BEAMS, BUZZER, *LAMPS])
def test_a_gate_one_of_whose_pins_another_process_holds_is_a_door_error(
    header: BusyFactory, taken: int
) -> None:
    """Whatever the pins that were had do when they are given back."""
    header.taken, header.kept = {taken}, {LOCK, REED, FIRE, *BEAMS, BUZZER, *LAMPS} - {taken}
    with pytest.raises(DoorError, match=r"cannot be used \(GPIO busy\)") as refused:
        opened()
    header.mend()
    assert refused  # kept until here: its frames hold what the collector of garbage gives back
    assert not header.holds(LOCK)


@pytest.mark.parametrize("taken", [REED, FIRE, *BEAMS, BUZZER, *LAMPS])
def test_the_pins_of_a_gate_that_cannot_be_opened_are_all_given_back(header: BusyFactory, taken: int) -> None:
    header.taken = {taken}
    with pytest.raises(DoorError) as refused:
        opened()
    assert LOCK in header.claimed
    assert header.given_back == header.claimed
    assert refused  # kept until here: it is not the collector of garbage that gave them back


def test_a_gate_without_its_camera_is_a_camera_error_though_a_pin_is_kept(header: BusyFactory) -> None:
    header.kept = {LOCK, BUZZER}
    with pytest.raises(CameraError, match="known are") as refused:
        opened(camera="pinhole")
    assert not header.holds(LOCK)
    header.mend()
    assert refused
