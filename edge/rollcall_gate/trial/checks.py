"""The self-test of a gate: measures part after part, and lets self_test.py and sight.py judge.

Nothing here disturbs a hall: no record is written, nothing is published. The door is moved only while its
contact says shut and no fire is reported, and it is left released.
"""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

import numpy as np

from edge.device import findings, measuring
from edge.device.findings import Finding
from edge.device.identity import Identity
from edge.device.measuring import Computer, Tools
from edge.device.ports import Clock
from edge.rollcall_gate.errors import CameraError, DoorError
from edge.rollcall_gate.eyes.pipeline import View
from edge.rollcall_gate.eyes.vision import ModelFiles
from edge.rollcall_gate.frames import FaceBox, Frame, Landmarks
from edge.rollcall_gate.ports import Camera, Door, FireContact, PassSensor
from edge.rollcall_gate.trial import self_test, sight
from edge.rollcall_gate.trial.self_test import DoorCycle
from edge.rollcall_gate.trial.sight import Look
from edge.rollcall_gate.who.presentation import PadThresholds
from wire.errors import HallError

SIMULATED_WITHIN_MS: Final = 500
_LOOK_AGAIN_MS: Final = 20


class Hardware(Protocol):
    """What is watched and moved; None: not wired."""

    @property
    def camera(self) -> Camera: ...
    @property
    def door(self) -> Door: ...
    @property
    def sensor(self) -> PassSensor | None: ...
    @property
    def fire(self) -> FireContact | None: ...


class Eyes(Protocol):
    """The part of Pipeline that is tried."""

    def faces(self, frame: Frame) -> list[FaceBox]: ...
    def bona_fide(self, frame: Frame, view: View) -> float | None: ...


@dataclass(frozen=True, slots=True)
class Subject:
    """The gate under test. hardware, eyes: or the error that opening them ended with. sealing_key: public,
    32 bytes. floor_ms: the latest time that was ever proved to this device."""

    identity: Identity
    folder: Path
    models: ModelFiles
    sealing_key: bytes
    hardware: Hardware | HallError
    eyes: Eyes | HallError
    pad: PadThresholds
    pad_calibrated: bool
    floor_ms: int = 0


def run_checks(subject: Subject, tools: Tools, *, move_door: bool, ask_hall: bool) -> Iterator[Finding]:
    """One finding after the other, as it is measured. Raises nothing that a broken part does."""
    yield from installed(subject, tools)
    yield from machine(tools.computer)
    if isinstance(subject.hardware, HallError):
        yield Finding("hardware", False, subject.hardware.diagnostics(), "then check again")
    else:
        yield from sees(subject, subject.hardware.camera, tools)
        yield from lane(subject.hardware, tools, leave="" if move_door else "--no-door")
    if ask_hall:
        yield from measuring.hall(subject.identity, tools, subject.floor_ms)
    else:
        yield findings.not_asked("broker", "--offline")
        yield findings.not_asked("clock", "--offline")


def installed(subject: Subject, tools: Tools) -> Iterator[Finding]:
    models, folder, identity = subject.models, subject.folder, subject.identity
    files = [file for file in (models.detector, models.landmarks, models.embedder, models.pad) if file]
    yield self_test.models_match(models.sha256, {file.name: _sha256(file) for file in files})
    if isinstance(subject.eyes, HallError):
        yield Finding("runtime", False, subject.eyes.diagnostics(), "then check again")
    if models.pad is not None:
        pad = subject.pad
        calibrated = subject.pad_calibrated
        yield sight.pad_thresholds(pad.attack_below, pad.bona_fide_from, calibrated=calibrated)
    yield self_test.sealing_key(hashlib.sha256(subject.sealing_key).hexdigest()[:16])
    now_ms = max(subject.floor_ms, tools.clock.wall_ms())
    yield from measuring.papers(folder, identity, now_ms)


def _sha256(file: Path) -> str | None:
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest()
    except OSError:
        return None


def machine(computer: Computer) -> Iterator[Finding]:
    yield measuring.disk(computer)
    yield self_test.memory_suffices(computer.memory_available_kb())
    yield findings.temperature_is_fit(computer.temperature_mc())


# -- camera ------------------------------------------------------------------------------------------------


def sees(subject: Subject, camera: Camera, tools: Tools) -> Iterator[Finding]:
    simulated = subject.identity.config.hands
    within_ms = SIMULATED_WITHIN_MS if simulated else sight.FRAMES_WITHIN_MS
    began_ms = tools.clock.monotonic_ms()
    frames: list[Frame] = []
    fault = None
    while len(frames) < sight.FRAMES and tools.clock.monotonic_ms() - began_ms <= within_ms:
        try:
            frame = camera.read()
        except CameraError as err:
            fault = err.diagnostics()
            break
        if frame is None:
            tools.pause(_LOOK_AGAIN_MS)
        else:
            frames.append(frame)
    took_ms = tools.clock.monotonic_ms() - began_ms
    yield sight.camera_gives(frames, took_ms, fault, simulated=simulated)
    if not frames:
        return
    picture = sight.picture_of(frames[-1])  # by then the exposure has settled
    yield sight.is_lit(picture)
    yield sight.is_sharp(picture)
    if isinstance(subject.eyes, HallError):
        return
    try:
        look = _look(subject.eyes, frames[-1], tools.clock)
    except HallError as err:
        yield Finding("networks run", False, err.diagnostics(), "copy the folder of networks again")
        return
    yield sight.empty_scene(look)
    yield sight.pad_runs(look)


def _look(eyes: Eyes, frame: Frame, clock: Clock) -> Look:
    """The second run is timed: the first one of a network takes longer."""
    middle = _middle(frame)
    eyes.faces(frame)
    eyes.bona_fide(frame, middle)
    times_ms = [clock.monotonic_ms()]
    faces = eyes.faces(frame)
    times_ms.append(clock.monotonic_ms())
    score = eyes.bona_fide(frame, middle)
    times_ms.append(clock.monotonic_ms())
    return Look(len(faces), times_ms[1] - times_ms[0], score, times_ms[2] - times_ms[1])


def _middle(frame: Frame) -> View:
    """A view of the middle third, where somebody would stand."""
    width, height = frame.width_px, frame.height_px
    nowhere = np.zeros((6, 2), np.float32)
    box = FaceBox(width / 3, height / 3, 2 * width / 3, 2 * height / 3, 1.0, nowhere)
    return View(box, Landmarks(nowhere[:5], 0.0), None, ())


# -- door and lane -----------------------------------------------------------------------------------------


def lane(hardware: Hardware, tools: Tools, *, leave: str) -> Iterator[Finding]:
    """leave: why the door is not to be moved; empty: it is."""
    sensor = hardware.sensor
    with suppress(DoorError):  # said below, when it still does not answer
        if sensor is not None:
            sensor.read()  # whoever passed before this check does not count
    fire = _fire(hardware.fire)
    yield fire
    if leave:
        yield self_test.door_cycles(DoorCycle(reason=leave))
    elif not fire.ok:
        yield self_test.door_cycles(DoorCycle(reason="the fire contact is not at rest"))
    else:
        yield self_test.door_cycles(_cycle(hardware.door, tools.pause))
    try:
        yield self_test.pass_sensor(None if sensor is None else len(sensor.read()))
    except DoorError as err:
        yield self_test.pass_sensor(None, err.diagnostics())


def _fire(contact: FireContact | None) -> Finding:
    try:
        return self_test.fire_contact(None if contact is None else contact.is_active)
    except DoorError as err:
        return self_test.fire_contact(None, err.diagnostics())


def _cycle(door: Door, pause: Callable[[int], None]) -> DoorCycle:
    """Release, secure, release. A door that is open, or opens, is not secured; it ends released."""
    try:
        if door.is_jammed:
            return DoorCycle(jammed=True)
        door.release()
        pause(self_test.DOOR_SETTLE_MS)
        if door.is_open:
            return DoorCycle(open_before=True)
        bolted = door.secure()
        pause(self_test.DOOR_SETTLE_MS)
        return DoorCycle(moved=True, bolted=bolted, opened=door.is_open)
    except DoorError as err:
        return DoorCycle(fault=err.diagnostics())
    finally:
        with suppress(DoorError):
            door.release()
