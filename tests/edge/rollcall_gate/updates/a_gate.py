"""A gate in its folder, with slots filled by hand, and what an update asks of it."""

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from edge.device.adapters.device_folder import read_folder
from edge.device.health import Gauges
from edge.rollcall_gate.adapters.apart import Apart
from edge.rollcall_gate.app import Parts, read_gate_or_golden
from edge.rollcall_gate.frames import Frame
from edge.rollcall_gate.trial.agreement import Rules
from edge.rollcall_gate.updating import GateSubject, Present
from edge.rollcall_gate.who.presentation import UNCALIBRATED
from models.places import package_folder
from tests.edge.rollcall_gate.gate_folder import provisioned
from tests.models.gate_models import ready_cache

FEW = Rules(frames=40, every=1)


@dataclass
class Warming:
    """A machine whose temperature is set by hand. None: it has no sensor."""

    temperature_mc: int | None = None

    def read(self) -> Gauges:
        return Gauges(123, self.temperature_mc, None)


@dataclass
class Camera:
    """The part of Senses that an update asks."""

    watcher: Callable[[Frame], None] | None = None
    frames: int = 0
    camera_works: bool = True


@dataclass
class NothingApart:
    """Notes what was to be tried."""

    tried: list[Path] = field(default_factory=list)

    def examine(
        self, present: Path, folder: Path, runtime: str, available_kb: int | None
    ) -> Mapping[str, int]:
        self.tried.append(folder)
        return {}

    def loads(self, folder: Path, device_toml: Path) -> None:
        self.tried.append(folder)


class AGate:
    """`parts` as a start would make them, each time anew."""

    def __init__(self, folder: Path) -> None:
        self.path = provisioned(folder, package_folder(ready_cache()))
        self.camera = Camera()
        self.gauges = Warming()
        self.connected = False
        self.now_ms = 0

    def fill(self, component: str, content: Path, slot: str = "a") -> Path:
        """Put a copy into a slot and in force."""
        slots = self.path / "state" / "update" / "slots" / component
        slots.mkdir(parents=True, exist_ok=True)
        shutil.copytree(content, slots / slot)
        self.switch(component, slot)
        return slots / slot

    def switch(self, component: str, slot: str | None) -> None:
        """None: golden."""
        link = self.path / "state" / "update" / "slots" / component / "current"
        link.unlink(missing_ok=True)
        if slot is not None:
            link.symlink_to(slot)

    def parts(self) -> Parts:
        return read_gate_or_golden(read_folder(self.path, "gate"))

    def subject(
        self, parts: Parts | None = None, *, apart: Apart | NothingApart | None = None, rules: Rules = FEW
    ) -> GateSubject:
        found = self.parts() if parts is None else parts
        fields = read_folder(self.path, "gate").identity.config.firmware
        return GateSubject(
            Present(self.path, fields, found.config, found.slots, found.networks, found.set_aside),
            self.camera,
            Apart() if apart is None else apart,
            self.gauges,
            lambda: None,
            lambda: self.connected,
            lambda: self.now_ms,
            lambda _: UNCALIBRATED,
            rules,
        )


def settings(folder: Path, text: str) -> Path:
    """A config bundle, unpacked."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "settings.toml").write_text(text, "utf-8")
    return folder
