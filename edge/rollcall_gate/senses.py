"""Camera, readers, pad, door and its sensors, watched on a thread of their own; what is new goes to the loop.

A frame lives here from capture to embedding and is then forgotten: never written, logged or sent. One sample
at most waits for the loop, so a busy loop makes the eyes slower, not the memory fuller.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from edge.rollcall_gate.errors import CameraError, DoorError, ModelError
from edge.rollcall_gate.eyes.lookout import Lookout
from edge.rollcall_gate.frames import Frame
from edge.rollcall_gate.gate import Gate
from edge.rollcall_gate.ports import (
    BadgeReader,
    Camera,
    CodeReader,
    Counting,
    Crossing,
    Door,
    FireContact,
    PassSensor,
    PinPad,
)
from edge.rollcall_gate.who.decide import Sample
from wire.up import BADGE_PREFIX

_log: Final = logging.getLogger("hallward.gate")
INTERVAL_S: Final = 0.03
CLOSING_S: Final = 5.0
CAMERA_RETRY: Final = 30
"""Rounds between two tries of a camera that fell silent."""
TENDED_EVERY: Final = 30
"""Rounds between two looks at a camera that nobody needs just now: one that hung in the night is noticed."""
SHUT_LOOKS: Final = 5
"""A door is shut when its contact has said so as often in a row: leaves bounce."""
COUNTED_EVERY: Final = 100
"""Rounds between two looks at the camera's counters: some seconds, as often as health is said."""
CODES_EVERY: Final = 4
"""Of so many frames one is searched for a code, while nobody was asked for a badge: it costs as much as a
face.
"""


@dataclass(frozen=True, slots=True)
class Organs:
    """What is watched. fire: None where no contact is wired."""

    camera: Camera
    codes: CodeReader
    badges: BadgeReader
    pins: PinPad
    door: Door
    sensor: PassSensor
    fire: FireContact | None


@dataclass(slots=True)
class Noticed:
    """What was last told of each; None: it is told in any case."""

    door_open: bool | None = None
    jammed: bool = False
    fire: bool = False
    door_works: bool = True
    sensor_works: bool = True
    camera_works: bool = True


class Senses:
    """post: runs something in the loop's thread. `round` is one look at everything; `start` repeats it.

    beat: told at each round that this thread is alive.
    """

    def __init__(
        self,
        organs: Organs,
        lookout: Lookout,
        gate: Gate,
        post: Callable[[Callable[[], None]], None],
        beat: Callable[[], None],
    ) -> None:
        self._organs = organs
        self._lookout = lookout
        self._gate = gate
        self._post = post
        self._beat = beat
        self._told = Noticed()
        self._camera_rest = 0
        self._frames = 0
        self._rounds = 0
        self._passages = 0
        self._shut_looks = 0
        self.viewer: Callable[[Frame | CameraError], None] | None = None
        """Shown what the camera gives while nobody is looked at: a self-test, in this thread."""
        self.watcher: Callable[[Frame], None] | None = None
        """Shown every frame, also those that are looked at, in this thread: a shadow run. Returns at once."""
        self.frames = 0
        """That the camera gave in this start."""
        self._said: set[type[Exception]] = set()
        self._handled = threading.Event()
        self._handled.set()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="senses", daemon=True)

    @property
    def camera_works(self) -> bool:
        return self._told.camera_works

    def start(self) -> None:
        """Begin to look, until `close`."""
        self._thread.start()

    def close(self) -> None:
        """Stop looking and give everything back; the door is left released."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(CLOSING_S)  # a driver that hangs must not hold up the end of the process
        organs = self._organs
        for organ in (organs.door, organs.camera, organs.pins, organs.sensor, organs.fire):
            if organ is not None:
                try:
                    organ.close()
                except Exception as err:  # noqa: BLE001  # the others are given back all the same
                    self._say_once(err)

    def round(self) -> None:
        """Look once at everything, and post what is new."""
        self._beat()
        self._rounds += 1
        if self._rounds % COUNTED_EVERY == 0 and isinstance(self._organs.camera, Counting):
            self._post(partial(self._gate.on_camera_counters, self._organs.camera.counters()))
        self._look_at_door()
        text = self._organs.badges.read()
        if text is not None:
            self._post(lambda: self._gate.on_badge(text))
        keys = self._organs.pins.read()
        if keys:
            self._post(lambda: self._gate.on_keys(keys))
        self._look_at_camera()

    def _run(self) -> None:
        while not self._stop.wait(INTERVAL_S):
            try:
                self.round()
            except Exception as err:  # noqa: BLE001  # the door must be watched on, whatever a reader does
                self._say_once(err)

    def _look_at_door(self) -> None:
        organs, gate = self._organs, self._gate
        try:
            is_open, jammed = organs.door.is_open, organs.door.is_jammed
            fire = organs.fire is not None and organs.fire.is_active
        except DoorError as err:
            self._told.door_works = False
            fault = err
            self._post(lambda: gate.on_door_fault(fault))
            return
        if not self._told.door_works or (not gate.door_works and self._rounds % TENDED_EVERY == 0):
            self._told.door_works = True  # a lock that failed by itself is tried again, now and then
            self._post(gate.on_door_back)
        if fire != self._told.fire:
            self._told.fire = fire
            self._post(lambda: gate.on_fire(fire))
        if jammed != self._told.jammed:
            self._told.jammed = jammed
            self._post(lambda: gate.on_jam(jammed))
        self._tell_passage(is_open, self._crossings())

    def _crossings(self) -> tuple[Crossing, ...]:
        """Beams that do not answer are not a door that does not: it goes on by its contact alone."""
        try:
            crossings = self._organs.sensor.read()
        except DoorError as err:
            crossings, works = (), False
            if self._told.sensor_works:
                _log.error("%s", err.diagnostics())
        else:
            works = True
        if works != self._told.sensor_works:
            self._told.sensor_works = works
            self._post(partial(self._gate.on_sensor, works))
        return crossings

    def _tell_passage(self, is_open: bool, crossings: tuple[Crossing, ...]) -> None:
        """Nobody goes through a shut door: opening comes before the crossings of the same look, shutting
        after.
        """
        gate = self._gate
        self._shut_looks = 0 if is_open else self._shut_looks + 1
        if not is_open and self._told.door_open and self._shut_looks < SHUT_LOOKS:
            is_open = True
        moved, self._told.door_open = is_open != self._told.door_open, is_open
        if moved and is_open:
            self._post(lambda: gate.on_door(True))
        for crossing in crossings:
            self._post(partial(gate.on_crossing, crossing))
        if moved and not is_open:
            self._post(lambda: gate.on_door(False))

    def _look_at_camera(self) -> None:
        if self._camera_rest:
            self._camera_rest -= 1
            return
        wanted = self._gate.wants_codes and self._handled.is_set()
        viewer, watcher = None if wanted else self.viewer, self.watcher
        seen_in_vain = viewer or (watcher and not self._gate.wants_codes)
        if not wanted and not seen_in_vain and self._rounds % TENDED_EVERY:
            return
        try:
            frame = self._organs.camera.read()
            self._show(frame, viewer, watcher)
            sample = self._seen(frame, wanted=wanted)
        except (CameraError, ModelError) as err:
            if viewer is not None and isinstance(err, CameraError):
                viewer(err)
            self._blind(err.diagnostics())
            return
        except Exception as err:  # noqa: BLE001  # people must be told to use their badge, whatever failed
            self._say_once(err)
            self._blind("the camera or a network failed in an unforeseen way; people come by badge")
            return
        self._tell_camera(works=True)
        if not wanted:
            return
        self._handled.clear()

        def handle() -> None:
            self._gate.on_sample(sample)
            self._handled.set()

        self._post(handle)

    def _show(self, frame: Frame | None, *watching: Callable[[Frame], None] | None) -> None:
        if frame is not None:
            self.frames += 1
            for show in watching:
                if show is not None:
                    show(frame)

    def _seen(self, frame: Frame | None, *, wanted: bool) -> Sample | None:
        """wanted: else the camera was tended, and the frame is forgotten unseen."""
        if frame is None or not wanted:
            return None
        self._frames += 1
        self._look_for_code(frame)
        return self._look(frame) if self._gate.wants_faces else None

    def _blind(self, why: str) -> None:
        if self._told.camera_works:
            _log.error("%s", why)
        self._camera_rest = CAMERA_RETRY
        self._tell_camera(works=False)

    def _say_once(self, err: Exception) -> None:
        if type(err) not in self._said:
            self._said.add(type(err))
            _log.error("the senses failed in an unforeseen way; they go on", exc_info=err)

    def _look(self, frame: Frame) -> Sample:
        if self._gate.passages != self._passages:
            self._passages = self._gate.passages
            self._lookout.forget()
        return self._lookout.look(frame, self._gate.resting)

    def _look_for_code(self, frame: Frame) -> None:
        if self._gate.wants_codes_most or self._frames % CODES_EVERY == 0:
            text = self._organs.codes.read(frame)
            if text is not None and text.startswith(BADGE_PREFIX):  # lanyards and posters carry codes, too
                self._post(lambda: self._gate.on_badge(text))

    def _tell_camera(self, *, works: bool) -> None:
        if works != self._told.camera_works:
            self._told.camera_works = works
            self._post(lambda: self._gate.on_camera(works))
