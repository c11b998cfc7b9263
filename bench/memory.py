"""Resident memory of the product's own processes at work: a keypad that has voted, a gate that has looked at
faces, and the fleet of their hall."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from bench.errors import BenchError
from bench.hall import Hall
from bench.office import open_ballot, secretariat
from bench.processes import Child, children_of, python, resident_mb, wait_until
from bench.rows import Row, at_most, told
from hallward.demo.hands import Hands
from hallward.demo.people import cast
from models.cache import cache_folder
from models.places import package_folder, photograph_folder
from provisioning.device_folder import Order, make_device_folder
from wire.ids import DeviceId

KEYPAD_MB: Final = 70.0
GATE_MB: Final = 200.0
READY_S: Final = 60.0
FRAMES_PER_LOOK: Final = 3


def fleet(hall: Hall, keypads: int) -> list[Row]:
    """Every process of the fleet, as it stands now."""
    workers = children_of(hall.ingest_pid())
    found = {
        "ingest": resident_mb(hall.ingest_pid()),
        "ingest's verifiers": sum(resident_mb(pid) for pid in workers),
        "API": resident_mb(hall.api_pid()),
        "supervisor": resident_mb(hall.fleet.pid),
        "broker": resident_mb(hall.broker_pid()),
    }
    return [told(f"memory of {name}, {keypads:,} keypads", value, "MB") for name, value in found.items()]


def devices(hall: Hall) -> list[Row]:
    """A keypad and a gate of this hall, in a sitting with an open ballot."""
    seat = Device(hall, Order(DeviceId("seat-1"), "keypad", hands=True))
    firmware = {"models": str(package_folder(cache_folder(os.environ)).resolve())}
    gate = Device(hall, Order(DeviceId("gate-1"), "gate", hands=True, firmware=firmware))
    open_ballot(secretariat(hall), [seat.name])
    try:
        seat.start()
        gate.start()
        return [
            at_most("memory of a keypad that has voted", _voted_mb(seat), "MB", KEYPAD_MB),
            at_most("memory of a gate that has looked at faces", _looked_mb(gate), "MB", GATE_MB),
        ]
    finally:
        gate.stop()
        seat.stop()


def _voted_mb(seat: "Device") -> float:
    seat.until(lambda now: now["state"] == "open", "an open ballot")
    for button in ("yes", "ok"):
        seat.hands.do("press", button=button)
    seat.until(lambda now: now["state"] == "recorded", "a recorded vote")
    return seat.resident_mb()


def _looked_mb(gate: "Device") -> float:
    """Nobody is enrolled: everybody is a stranger, after all three networks have run."""
    photographs = cast(photograph_folder(cache_folder(os.environ)), delegates=0).strangers
    gate.until(lambda now: now["sitting"] is not None, "a sitting")
    for photograph in photographs:
        gate.hands.do("walk", photos=[str(photograph.resolve())] * FRAMES_PER_LOOK)
        gate.until(lambda now: now["view"] == "badge-lane", "a decision")
        gate.until(lambda now: now["view"] != "badge-lane", "a free gate")
    return gate.resident_mb()


class Device:
    """One device of the hall, provisioned, registered, and run as its own process."""

    def __init__(self, hall: Hall, order: Order) -> None:
        self._hall, self._order = hall, order
        self.name: Final = order.device
        self._folder: Path = hall.data.parent / order.device
        hall.register(make_device_folder(self._folder, order, hall.authority))
        self.hands: Final = Hands(self._folder)
        self._child: Child | None = None

    def start(self) -> None:
        """Back when ingest has heard it."""
        words = python("hallward", self._order.role, "run", str(self._folder))
        self._child = Child(self.name, words, self._folder / "device.log")
        wait_until(lambda: self._hall.said(self.name), READY_S, f"the birth of {self.name}", self._child)

    def until(self, condition: Callable[[dict[str, Any]], bool], what: str) -> None:
        wait_until(lambda: condition(self.hands.do("look")), READY_S, f"{what} at {self.name}", self._child)

    def resident_mb(self) -> float:
        if self._child is None:
            raise BenchError(f"{self.name} does not run")
        return resident_mb(self._child.pid)

    def stop(self) -> None:
        if self._child is not None:
            self._child.stop()
