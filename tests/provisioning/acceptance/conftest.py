"""A fleet that answers as the real one does, in memory, and devices whose parts a test breaks."""

import math
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519

from provisioning.acceptance.acceptance import Pace, accept
from provisioning.acceptance.report import Report
from provisioning.authority.folder import AuthorityFolder
from provisioning.authority.forms import certificate_pem
from provisioning.errors import FleetRefused
from tests.provisioning.conftest import World
from wire.ids import DeviceId

Rows = list[tuple[str, bool, str]]
BUSY: Rows = [("self-test", False, "not done: another self-test is under way here")]
GOOD: Rows = [("outbox", True, "written, read back and deleted in 3 ms"), ("clock", True, "0.1 s behind")]


@dataclass
class Unit:
    """One device. after_s: how long it takes to answer; None: it never does. busy_until_s: a test of somebody
    else is under way in it."""

    name: str
    certificate: str
    place: str = "Hàng 1, ghế 1"
    place_id: str | None = None
    state: str = "active"
    rows: Rows = field(default_factory=lambda: list(GOOD))
    after_s: float | None = 1.0
    silent_until_s: float = 0.0
    busy_until_s: float = 0.0
    told: list[tuple[str, float]] = field(default_factory=list)


@dataclass
class FleetInMemory:
    """Speaks the JSON of the fleet's API. since_s: moved by whoever rests."""

    units: dict[str, Unit] = field(default_factory=dict)
    places: list[dict[str, Any]] | None = None
    since_s: float = 0.0
    log_size: int = 1000
    sitting_from_s: float = math.inf
    calls: list[tuple[str, str]] = field(default_factory=list)
    strange: dict[str, Any] = field(default_factory=dict)
    """path -> an answer that a fleet of today never gives."""

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        self.calls.append((method, path))
        if path in self.strange:
            return self.strange[path]
        if path == "/api/devices":
            return [{"device": unit.name, "state": unit.state} for unit in self.units.values()]
        if path == "/api/self-tests":
            return [self._answer(unit) for unit in self.units.values() if self._has_answered(unit)]
        if path == "/api/places":
            if self.places is None:
                raise FleetRefused("there is no such page", reason="not-found", status=404)
            return self.places
        if path == "/api/log/head":
            return {"size": self.log_size, "note": f"congress-9/hall-1\n{self.log_size}\nroot=\n\n— signed\n"}
        name = path.split("/")[3]
        return self._detail(name) if method == "GET" else self._command(name, body)

    def _command(self, name: str, body: Any) -> dict[str, Any]:
        assert body == {"command": "self-test"}
        unit = self.units[name]
        if self.since_s >= self.sitting_from_s:
            raise FleetRefused("a sitting is open: wait for its end", reason="sitting-open", status=409)
        if self.since_s < unit.silent_until_s:
            raise FleetRefused(
                f"{name} has not been heard of for 15 s: look at its power",
                reason="device-silent",
                status=409,
            )
        unit.told.append((f"{len(unit.told):032x}", self.since_s))
        return {"id": unit.told[-1][0], "expires_ms": 15_000}

    def _has_answered(self, unit: Unit) -> bool:
        return (
            bool(unit.told) and unit.after_s is not None and self.since_s >= unit.told[-1][1] + unit.after_s
        )

    def _answer(self, unit: Unit) -> dict[str, Any]:
        found = BUSY if unit.told[-1][1] < unit.busy_until_s else unit.rows
        rows = [{"part": part, "passed": passed, "detail": detail} for part, passed, detail in found]
        return {
            "device": unit.name,
            "passed": all(row["passed"] for row in rows),
            "leaf_index": 100 + list(self.units).index(unit.name),
            "wall_ms": 1_777_880_000_000,
            "received_ms": 1_777_880_000_000,
            "command": unit.told[-1][0],
            "results": rows,
        }

    def _detail(self, name: str) -> dict[str, Any]:
        unit = self.units[name]
        return {
            "device": name, "role": "keypad", "place": unit.place, "place_id": unit.place_id,
            "serial": f"10000000{len(name):08x}", "software": "hallward 0.1.0",
            "certificate": unit.certificate,
        }  # fmt: skip


@dataclass
class Acceptance:
    """A hall to be accepted: `unit` puts a device into it, `run` is the technician's one command."""

    authority: AuthorityFolder
    world: World
    fleet: FleetInMemory = field(default_factory=FleetInMemory)
    said: list[str] = field(default_factory=list)

    def unit(self, name: str, **how: Any) -> Unit:
        key = ed25519.Ed25519PrivateKey.generate().public_key()
        pem = certificate_pem(self.authority.issue_from_key(DeviceId(name), key)).decode()
        self.fleet.units[name] = Unit(name, pem, **how)
        return self.fleet.units[name]

    def run(self, wait_s: float = 60.0, only: tuple[str, ...] = ()) -> Report:
        return accept(self.fleet, self.authority.card, "technician", self.pace(), wait_s=wait_s, only=only)

    def pace(self) -> Pace:
        return Pace(lambda: self.world.time, lambda: self.fleet.since_s, self._rest, self.said.append)

    def _rest(self, seconds: float) -> None:
        self.fleet.since_s += seconds
        self.world.time += timedelta(seconds=seconds)


@pytest.fixture
def acceptance(authority: AuthorityFolder, world: World) -> Acceptance:
    return Acceptance(authority, world)


def planned(place: str, label: str, role: str, device: str | None) -> dict[str, Any]:
    """A line of GET /api/places."""
    return {
        "place": place, "label": label, "role": role, "device": device, "row": "", "seat": "", "x": 0, "y": 0,
        "serial": None, "state": "active" if device else "free", "word": "online" if device else "free",
        "colour": "green" if device else "grey", "age_s": 0 if device else None,
    }  # fmt: skip
