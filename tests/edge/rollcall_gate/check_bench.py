"""A gate that is in order in every respect, for tests of its self-test: each spoils one part of it."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from edge.device.adapters.file_signer import load_signer
from edge.device.adapters.machine import Machine
from edge.device.adapters.simulated_link import SimulatedBroker, SimulatedLink
from edge.device.config import DeviceConfig, Trust
from edge.device.findings import Finding
from edge.device.identity import Identity
from edge.device.measuring import Tools
from edge.device.ports import LinkEvent
from edge.rollcall_gate.adapters.simulated_door import SimulatedDoor
from edge.rollcall_gate.adapters.simulated_lane import SimulatedFireContact, SimulatedPassSensor
from edge.rollcall_gate.errors import CameraError, ModelError
from edge.rollcall_gate.eyes.vision import models_in
from edge.rollcall_gate.frames import FaceBox, Frame
from edge.rollcall_gate.trial.checks import Subject, run_checks
from edge.rollcall_gate.who.presentation import UNCALIBRATED
from tests.edge.rollcall_gate.rig import CONGRESS, DESK, GATE, HALL, REGISTRAR, STORE, WALL_MS, HandClock
from tests.servers.credentials import HallKeys
from wire import topics
from wire.down import DownMessage, TimeNotice, encode_down
from wire.envelope import Purpose, seal
from wire.signers import Ed25519Signer

DAY_MS = 86_400_000
SHARP = np.indices((360, 640)).sum(0) // 8 % 2  # a chequered wall, light and dark


def pixels(low: int, high: int, pattern: np.ndarray = SHARP) -> np.ndarray:
    return np.repeat(np.where(pattern, high, low).astype(np.uint8)[..., None], 3, 2)


def blurred(picture: np.ndarray, by: int = 12) -> np.ndarray:
    """A moving mean along both axes."""
    found = picture.astype(np.float32)
    for axis in (0, 1):
        found = sum(np.roll(found, shift, axis) for shift in range(by)) / by
    return found.astype(np.uint8)


GOOD = pixels(60, 190)


class Film:
    """Camera: these pictures, then `then`; the same ones again and again, if `again`."""

    def __init__(
        self, *pictures: np.ndarray, noise: int = 1, then: CameraError | None = None, again: bool = False
    ) -> None:
        self.left = list(pictures)
        self.noise = noise
        self.then = then
        self.again = again
        self.shown = 0

    def read(self) -> Frame | None:
        if not self.left:
            if self.then is not None:
                raise self.then
            return None
        picture = self.left.pop(0)
        if self.again:
            self.left.append(picture)
        self.shown += 1
        picture = picture.copy()
        picture[0, 0] = self.shown % 200 * self.noise
        return Frame(picture, 0)

    def close(self) -> None:
        self.left.clear()


def film(picture: np.ndarray, **how: int) -> Film:
    return Film(picture, again=True, **how)


@dataclass
class Eyes:
    """What a pipeline would see: so many faces, and this score."""

    people: int = 0
    score: float | None = 0.12
    took_ms: int = 40
    clock: HandClock | None = None
    fault: ModelError | None = None

    def faces(self, frame: Frame) -> list[FaceBox]:
        if self.fault is not None:
            raise self.fault
        return [FaceBox(0, 0, 9, 9, 1.0, np.zeros((6, 2), np.float32))] * self.people

    def bona_fide(self, frame: Frame, view: object) -> float | None:
        if self.clock is not None:
            self.clock.ms += self.took_ms
        return self.score


class StiffDoor(SimulatedDoor):
    """Notes what it is told, and whether it was open then. `comes_open`: however the bolt stands."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[str] = []
        self.comes_open = False
        self.refuses = False

    def release(self) -> None:
        super().release()
        self.told.append("release")

    def secure(self) -> bool:
        self.told.append("secure")
        if self.refuses:
            return False
        taken = super().secure()
        if self.comes_open:
            self.force()
        return taken


@dataclass
class Parts:
    camera: Film = field(default_factory=lambda: film(GOOD))
    door: StiffDoor = field(default_factory=StiffDoor)
    sensor: SimulatedPassSensor | None = field(default_factory=SimulatedPassSensor)
    fire: SimulatedFireContact | None = field(default_factory=SimulatedFireContact)


class TimedLink(SimulatedLink):
    """On coming up, the hall says `then`."""

    round_trip_ms = 4
    then: tuple[bytes, ...] = ()

    def start(self, inbox: Callable[[LinkEvent], None]) -> None:
        super().start(inbox)
        for envelope in self.then:
            self.deliver(topics.broadcast(HALL, topics.All.TIME), envelope)


def time_notice(wall_ms: int, by: Ed25519Signer = STORE) -> bytes:
    message = DownMessage(HALL, "all", 1, wall_ms, wall_ms + 1, TimeNotice(wall_ms))
    return seal(encode_down(message), Purpose.DOWN, by)


class Bench:
    """A gate that is in order in every respect; a test spoils one, and reads the line about it."""

    def __init__(self, folder: Path, keys: HallKeys) -> None:
        own = keys.credentials(GATE)
        for name, source in {
            "identity.crt": own.certificate,
            "ca.crt": own.authority,
            "identity.key": own.key,
        }.items():
            (folder / name).write_bytes(source.read_bytes())
        (folder / "identity.key").chmod(0o600)
        (folder / "state").mkdir()
        networks = folder / "networks"
        networks.mkdir()
        sums = []
        for name in ("detector", "landmarks", "embedder", "pad"):
            (networks / f"{name}.tflite").write_bytes(name.encode())
            sums.append(f"{hashlib.sha256(name.encode()).hexdigest()}  {name}.tflite\n")
        (networks / "SHA256SUMS").write_text("".join(sums))
        self.folder = folder
        self.networks = networks
        self.clock = HandClock()
        self.clock.ms = int(keys.now.timestamp() * 1000) - WALL_MS
        self.parts = Parts()
        self.eyes = Eyes(clock=self.clock)
        self.broker = SimulatedBroker()
        self.reachable = True
        self.says: Callable[[int], tuple[bytes, ...]] = lambda now_ms: (time_notice(now_ms + 300),)
        self.round_trip_ms = 4
        trust = Trust(DESK.public_key, STORE.public_key, REGISTRAR.public_key)
        config = DeviceConfig(CONGRESS, HALL, GATE, "gate", "en", "hall.local", 8883, trust, hands=False)
        self.subject = Subject(
            identity=Identity(config, load_signer(folder / "identity.key", GATE)),
            folder=folder,
            models=models_in(networks),
            sealing_key=bytes(range(32)),
            hardware=self.parts,
            eyes=self.eyes,
            pad=UNCALIBRATED,
            pad_calibrated=True,
        )
        system = folder / "system"
        (system / "sys/class/thermal/thermal_zone0").mkdir(parents=True)
        (system / "proc").mkdir()
        self.heat(51_200)
        self.memory(700_000)
        self.tools = Tools(self.clock, self._pass, Machine(folder / "state", system=system), self._link, 50)

    def heat(self, temperature_mc: int) -> None:
        (self.folder / "system/sys/class/thermal/thermal_zone0/temp").write_text(f"{temperature_mc}\n")

    def memory(self, available_kb: int) -> None:
        (self.folder / "system/proc/meminfo").write_text(f"MemTotal: 1 kB\nMemAvailable: {available_kb} kB\n")

    def having(self, **changes: object) -> "Bench":
        self.subject = replace(self.subject, **changes)
        return self

    def lines(self, *, move_door: bool = True, ask_hall: bool = True) -> dict[str, Finding]:
        found = list(run_checks(self.subject, self.tools, move_door=move_door, ask_hall=ask_hall))
        names = [finding.name for finding in found]
        assert len(names) == len(set(names))
        return {finding.name: finding for finding in found}

    def line(self, name: str) -> Finding:
        return self.lines()[name]

    def _pass(self, ms: int) -> None:
        self.clock.ms += ms

    def _link(self) -> TimedLink:
        link = TimedLink(self.broker, self.subject.identity.subscriptions)
        link.round_trip_ms, link.then = self.round_trip_ms, self.says(self.clock.wall_ms())
        if not self.reachable:
            link.cut()
        return link


def failed(finding: Finding, *words: str) -> None:
    """It is FAILED, says this, and what to do."""
    assert finding.ok is False
    assert finding.advice
    line = finding.line()
    assert line.startswith("FAILED ")
    assert all(word in line for word in words), line


def wants_a_hand(finding: Finding, *words: str) -> None:
    assert finding.ok is None
    line = finding.line()
    assert line.startswith("attention ")
    assert all(word in line for word in words), line
