"""The self-test of a running gate: the checks of the bench, by way of the parts that own the hardware.

The senses' thread alone reads the camera and shows what it gives; the loop alone moves the bolt, lends the
door only while it is shut and secured, and takes it back when anything happens at it. So a test can neither
steal a frame from the eyes nor bolt a door onto a person, however it ends.
"""

import queue
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final

from edge.device import findings, measuring
from edge.device.errors import DeviceError
from edge.device.findings import Finding
from edge.device.measuring import Tools
from edge.device.runtime import DeviceRuntime
from edge.device.self_test import Found, Part, aside
from edge.rollcall_gate.door.doorway import Doorway
from edge.rollcall_gate.errors import CameraError, DoorError
from edge.rollcall_gate.frames import Frame
from edge.rollcall_gate.ports import Crossing, Door, FireContact, PassSensor
from edge.rollcall_gate.senses import Senses
from edge.rollcall_gate.trial import checks
from edge.rollcall_gate.trial.checks import Subject

INSTALLED_MS: Final = 20_000
"""Hashes of some megabytes, from a slow card."""
CAMERA_MS: Final = 40_000
LANE_MS: Final = 10_000
HALL_MS: Final = 30_000
_FRAMES_WAITING_MAX: Final = 2
_NOT_LENT: Final = "it is not shut and secured just now"


class ShownFrames:
    """Implements Camera over what the senses show. A frame that nobody takes is forgotten for the next one's
    sake."""

    def __init__(self, senses: Senses) -> None:
        self._senses = senses
        self._shown: queue.Queue[Frame | CameraError] = queue.Queue(_FRAMES_WAITING_MAX)

    def open(self) -> None:
        self._senses.viewer = self._show

    def read(self) -> Frame | None:
        try:
            shown = self._shown.get_nowait()
        except queue.Empty:
            return None
        if isinstance(shown, CameraError):
            raise shown
        return shown

    def close(self) -> None:
        self._senses.viewer = None
        with suppress(queue.Empty):
            while True:
                self._shown.get_nowait()

    def _show(self, shown: Frame | CameraError) -> None:
        with suppress(queue.Full):
            self._shown.put_nowait(shown)


class LentDoor:
    """Implements Door: reads the contacts, and has the loop move the bolt."""

    def __init__(self, runtime: DeviceRuntime, doorway: Doorway, door: Door) -> None:
        self._runtime = runtime
        self._doorway = doorway
        self._door = door

    def lend(self) -> bool:
        return self._ask(self._doorway.lend)

    def release(self) -> None:
        self._ask(lambda: self._doorway.move(secure=False))

    def secure(self) -> bool:
        return self._ask(lambda: self._doorway.move(secure=True))

    @property
    def is_open(self) -> bool:
        return self._door.is_open

    @property
    def is_jammed(self) -> bool:
        return self._door.is_jammed

    def close(self) -> None:
        """It goes back to the loop."""
        self._runtime.post(self._doorway.take_back)

    def _ask(self, what: Callable[[], bool]) -> bool:
        """Raises DoorError when the loop does not come."""
        try:
            return bool(self._runtime.ask(lambda: {"is": what()})["is"])
        except DeviceError as err:
            raise DoorError(err.what) from err


class CrossingsSeen:
    """Implements PassSensor over what the doorway counts: the senses read the beams, and go on doing so."""

    def __init__(self, doorway: Doorway) -> None:
        self._doorway = doorway
        self._before = doorway.crossings

    def read(self) -> tuple[Crossing, ...]:
        if not self._doorway.counts:
            raise DoorError("the beams do not answer")
        now = self._doorway.crossings
        seen, self._before = now - self._before, now
        return (Crossing.FORWARD,) * seen

    def close(self) -> None:
        """The senses keep the beams."""


@dataclass(frozen=True, slots=True)
class Lane:
    """What the lane's checks touch. Implements checks.Hardware with stand-ins for what others own."""

    camera: ShownFrames
    door: LentDoor
    sensor: PassSensor | None
    fire: FireContact | None


def parts_of(
    subject: Subject, tools: Tools, runtime: DeviceRuntime, lane: Lane, sealing_key: Callable[[], bytes]
) -> list[Part]:
    """The parts of a running gate, in this order. Of the subject, its hardware is not asked. sealing_key: the
    public one of now, since each congress has its own."""

    def now() -> Subject:
        return replace(subject, floor_ms=runtime.clock.floor_ms, sealing_key=sealing_key())

    def machine() -> Found:
        return (
            measuring.disk(tools.computer),
            findings.temperature_is_fit(tools.computer.temperature_mc()),
        )

    return [
        aside(runtime, "installed", lambda: checks.installed(now(), tools), limit_ms=INSTALLED_MS),
        aside(runtime, "machine", machine),
        aside(
            runtime,
            "camera",
            lambda: _sees(now(), tools, lane.camera),
            limit_ms=CAMERA_MS,
            give_up=lane.camera.close,
        ),
        aside(runtime, "lane", lambda: _lane(lane, tools), limit_ms=LANE_MS, give_up=lane.door.close),
        aside(
            runtime,
            "hall",
            lambda: measuring.hall(subject.identity, tools, runtime.clock.floor_ms),
            limit_ms=HALL_MS,
        ),
    ]


def _sees(subject: Subject, tools: Tools, camera: ShownFrames) -> Iterator[Finding]:
    camera.open()
    try:
        yield from checks.sees(subject, camera, tools)
    finally:
        camera.close()


def _lane(lane: Lane, tools: Tools) -> Iterator[Finding]:
    try:
        yield from checks.lane(lane, tools, leave="" if lane.door.lend() else _NOT_LENT)
    finally:
        lane.door.close()
