"""Camera, badge reader and door contact, watched on a thread of their own; what they notice goes to the loop.

A frame lives here from capture to embedding and is then forgotten: never written, logged or sent. One sample
at most waits for the loop, so a busy loop makes the eyes slower, not the memory fuller.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from edge.rollcall_gate.decide import Sample
from edge.rollcall_gate.errors import CameraError, DoorError, ModelError
from edge.rollcall_gate.gate import Gate
from edge.rollcall_gate.pipeline import Pipeline
from edge.rollcall_gate.ports import BadgeReader, Camera, Door

_log: Final = logging.getLogger("hallward.gate")
INTERVAL_S: Final = 0.03
CAMERA_RETRY: Final = 30
"""Rounds between two tries of a camera that fell silent."""


@dataclass(frozen=True, slots=True)
class Organs:
    """What is watched."""

    camera: Camera
    badges: BadgeReader
    door: Door


class Senses:
    """post: runs something in the loop's thread. `round` is one look at everything; `start` repeats it."""

    def __init__(
        self, organs: Organs, pipeline: Pipeline, gate: Gate, post: Callable[[Callable[[], None]], None]
    ) -> None:
        self._organs = organs
        self._pipeline = pipeline
        self._gate = gate
        self._post = post
        self._door_open: bool | None = None  # the first look is told in any case
        self._door_works = True
        self._camera_works = True
        self._camera_rest = 0
        self._said: set[type[Exception]] = set()
        self._handled = threading.Event()
        self._handled.set()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="senses", daemon=True)

    def start(self) -> None:
        """Begin to look, until `close`."""
        self._thread.start()

    def close(self) -> None:
        """Stop looking and give camera and door back; the door is left released."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()
        self._organs.camera.close()
        self._organs.door.close()

    def round(self) -> None:
        """Look once at the door, the badge reader and the camera, and post what is new."""
        self._look_at_door()
        text = self._organs.badges.read()
        if text is not None:
            self._post(lambda: self._gate.on_badge(text))
        self._look_at_camera()

    def _run(self) -> None:
        while not self._stop.wait(INTERVAL_S):
            try:
                self.round()
            except Exception as err:  # noqa: BLE001  # the door must be watched on, whatever a network does
                if type(err) not in self._said:
                    self._said.add(type(err))
                    _log.exception("the senses failed in an unforeseen way; they go on")

    def _look_at_door(self) -> None:
        try:
            is_open = self._organs.door.is_open
        except DoorError as err:
            self._door_works = False
            fault = err
            self._post(lambda: self._gate.on_door_fault(fault))
            return
        if not self._door_works:
            self._door_works = True
            self._post(self._gate.on_door_back)
        if is_open != self._door_open:
            self._door_open = is_open
            self._post(lambda: self._gate.on_door(is_open))

    def _look_at_camera(self) -> None:
        if not self._gate.attentive or not self._handled.is_set():
            return
        if self._camera_rest:
            self._camera_rest -= 1
            return
        try:
            frame = self._organs.camera.read()
            sample = None if frame is None else self._pipeline.sample(frame)
        except (CameraError, ModelError) as err:
            if self._camera_works:
                _log.error("%s", err.diagnostics())
            self._camera_rest = CAMERA_RETRY
            self._camera(works=False)
            return
        self._camera(works=True)
        self._tell(sample)

    def _camera(self, *, works: bool) -> None:
        if works != self._camera_works:
            self._camera_works = works
            self._post(lambda: self._gate.on_camera(works))

    def _tell(self, sample: Sample | None) -> None:
        self._handled.clear()

        def handle() -> None:
            self._gate.on_sample(sample)
            self._handled.set()

        self._post(handle)
