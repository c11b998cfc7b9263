"""One person after the other before a whole gate: what they do, and what the gate makes of it.

Everything of the gate is real (rehearsal.py) but its camera, pad, door and clock. The clock goes on by what a
round of the senses takes at least, or by the processor time that it took here, whichever is longer: a slow
machine shows. What people do has stated lengths.
"""

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import cycle, repeat
from pathlib import Path
from typing import Final

import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bench.errors import BenchError
from bench.queue_cast import Collection, Comer, Kind, Way, printed
from edge.rollcall_gate.adapters.opencv_optics import OpencvOptics
from edge.rollcall_gate.adapters.opencv_qr import badge_view
from edge.rollcall_gate.adapters.recorded_camera import load_frame
from edge.rollcall_gate.adapters.sensor_noise import SensorNoise
from edge.rollcall_gate.adapters.simulated_lane import SimulatedPinPad
from edge.rollcall_gate.door.passage import State
from edge.rollcall_gate.eyes.detect import SIDE_PX
from edge.rollcall_gate.eyes.pipeline import Pipeline
from edge.rollcall_gate.eyes.track import Lane, Tracks, follow
from edge.rollcall_gate.frames import Embedding, FaceBox, Frame, Pixels
from edge.rollcall_gate.gate import ADMIT, Habits
from edge.rollcall_gate.ports import Camera, PinPad
from edge.rollcall_gate.senses import INTERVAL_S
from edge.rollcall_gate.trial.rehearsal import SITTING, Guest, House, Rehearsal
from edge.rollcall_gate.trial.replay import member_of
from edge.rollcall_gate.trial.stages import Stages
from edge.rollcall_gate.who.badge import REGISTRAR
from edge.rollcall_gate.who.decide import Admitted, Decision, Method, Thresholds
from edge.rollcall_gate.who.presentation import UNCALIBRATED
from edge.rollcall_gate.who.reception import Manner
from wire.down import CommandMessage
from wire.envelope import Purpose, seal
from wire.ids import CongressId, MemberRef
from wire.lane import LANE_KEY_BYTES, Greeting, pin_of
from wire.signers import Ed25519Signer
from wire.up import Badge, badge_text, encode_up

ROUND_MS: Final = round(INTERVAL_S * 1000)
FRAME_MS: Final = 100
STEP_UP_MS: Final = 800
"""From one person's being gone to the next one's standing there."""
REACH_MS: Final = 300
"""From the word on the display to the hand on the door."""
WALK_MS: Final = 1_200
"""From the word to the door fallen shut behind the person."""
KEY_MS: Final = 250
USHER_MS: Final = 3_000
"""From the gate's refusal to the usher's tap."""
GIVE_UP_MS: Final = 8_000
"""So long does somebody stand there about whom nothing is decided."""
DOOR_MS_MAX: Final = 5_000
EMPTY_PX: Final = (480, 640)
EMPTY_GREY: Final = 96
CONGRESS: Final = CongressId("bench-1")
BADGE_FOR_MS: Final = 86_400_000


@dataclass(frozen=True, slots=True)
class Tried:
    """One way in that somebody tried. decision: None when nothing was decided before they gave up. took_ms:
    by face from stepping up, by badge from its first frame, by PIN from the last key, by usher from the tap.
    challenged: they were asked to blink or turn, which nobody in a photograph does.
    """

    method: Method
    decision: Decision | None
    took_ms: float
    challenged: bool = False

    @property
    def admitted(self) -> MemberRef | None:
        return self.decision.member if isinstance(self.decision, Admitted) else None


@dataclass(frozen=True, slots=True)
class Visit:
    """One walk-up, from the place's being free until it is free again. tried: in order."""

    comer: Comer
    tried: tuple[Tried, ...]
    lasted_ms: float


class LaneCamera:
    """Implements Camera: the newest picture, once."""

    def __init__(self, now_ms: Callable[[], int]) -> None:
        self._now_ms = now_ms
        self._newest: tuple[Pixels, Pixels] | None = None

    def sees(self, pixels: Pixels, lores: Pixels) -> None:
        self._newest = pixels, lores

    def read(self) -> Frame | None:
        if self._newest is None:
            return None
        (pixels, lores), self._newest = self._newest, None
        return Frame(pixels, self._now_ms(), lores)

    def close(self) -> None:
        self._newest = None


class QueueLane:
    """The gate, and who stands before it."""

    def __init__(
        self,
        pipeline: Pipeline,
        references: Mapping[MemberRef, tuple[Embedding, ...]],
        comers: Sequence[Comer],
        thresholds: Thresholds,
        random: np.random.Generator,
    ) -> None:
        self._registrar = Ed25519Signer(REGISTRAR, Ed25519PrivateKey.from_private_bytes(random.bytes(32)))
        names = sorted({comer.name for comer in comers})
        self._serials = {name: serial for serial, name in enumerate(names, 1)}
        self._house = House(
            CONGRESS,
            self._registrar.public_key,
            references,
            tuple(Guest(member_of(name), self._serials[name], Greeting("", "")) for name in names),
            random.bytes(LANE_KEY_BYTES),
        )
        self._noise, self._optics = SensorNoise(seed=int(random.integers(2**31))), OpencvOptics()
        self._random, self._pipeline = random, pipeline
        self._pins = SimulatedPinPad()
        self._gate = Rehearsal(
            self._sight,
            pipeline,
            self._house,
            Habits(Manner(thresholds, UNCALIBRATED)),
            Lane(),
            Stages(time.thread_time),
            random_bytes=random.bytes,
            draw=random.random,
        )
        self._now_ms = self._frame_ms = 0.0
        self._empty = np.full((*EMPTY_PX, 3), EMPTY_GREY, np.uint8)
        self._before: Iterator[Pixels] = repeat(self._empty)

    def visit(self, comer: Comer) -> Visit:
        """Somebody steps up, is let in or not, and is gone. Raises BenchError when the door does not move."""
        began_ms = self._now_ms
        self._pass_time(STEP_UP_MS)
        tried = []
        if comer.pictures:
            tried.append(self._face(comer))
        way = _in_hand(comer)
        if way is not None and (not tried or tried[-1].admitted is None):
            tried.append(self._by(way, comer.name))
        self._before = repeat(self._empty)
        if tried[-1].admitted is not None:
            self._walk_through()
        return Visit(comer, tuple(tried), self._now_ms - began_ms)

    def _face(self, comer: Comer) -> Tried:
        pictures = [self._picture(path, comer) for path in comer.pictures]
        return self._shown("face", cycle(standing(pictures, self._pipeline)), self._now_ms)

    def _by(self, way: Way, name: str) -> Tried:
        if way == "badge":
            view = badge_view(self._badge(name))
            return self._shown("badge", repeat(view), max(self._now_ms, self._frame_ms))
        self._before = repeat(self._empty)  # at the pad, or aside with the usher: not before the camera
        return self._pin(name) if way == "pin" else self._usher(name)

    def _shown(self, method: Method, views: Iterator[Pixels], since_ms: float) -> Tried:
        self._before, until_ms, challenged = views, self._now_ms + GIVE_UP_MS, False
        while self._now_ms < until_ms:
            decision, at_ms = self._round()
            challenged = challenged or str(self._gate.gate.look()["view"]).startswith("challenge")
            if decision is not None:
                return Tried(method, decision, at_ms - since_ms, challenged)
        return Tried(method, None, GIVE_UP_MS, challenged)

    def _pin(self, name: str) -> Tried:
        member, serial = member_of(name), self._serials[name]
        pin = pin_of(self._house.lane_key, congress=CONGRESS, member=member, serial=serial)
        for key in f"{serial}E{pin}E":
            self._pass_time(KEY_MS)
            self._pins.press(key)
        pressed_ms = self._now_ms
        self._now_ms += ROUND_MS  # just missed by the last round
        decision, at_ms = self._round()
        return Tried("pin", decision, at_ms - pressed_ms)

    def _usher(self, name: str) -> Tried:
        self._pass_time(USHER_MS)
        gate = self._gate.gate
        before, began_s = gate.decisions, time.thread_time()
        gate.on_command(
            CommandMessage(self._random.bytes(16), ADMIT, {"member": member_of(name), "sitting": SITTING})
        )
        took_ms = (time.thread_time() - began_s) * 1000
        self._now_ms += took_ms
        return Tried("usher", gate.decision if gate.decisions > before else None, took_ms)

    def _walk_through(self) -> None:
        door, gate = self._gate.simulated.door, self._gate.gate
        before, until_ms = gate.passages, self._now_ms + DOOR_MS_MAX
        self._pass_time(REACH_MS)
        door.push()
        self._pass_time(WALK_MS - REACH_MS)
        door.let_go(1)
        while gate.passages == before or gate.state is not State.SECURED:
            self._round()
            if self._now_ms > until_ms:
                raise BenchError(f"somebody admitted did not get through: the gate is {gate.state}")

    def _pass_time(self, for_ms: float) -> None:
        until_ms = self._now_ms + for_ms
        while self._now_ms < until_ms:
            self._round()

    def _round(self) -> tuple[Decision | None, float]:
        """One round of the senses: what was decided in it, and when."""
        if self._now_ms >= self._frame_ms:
            pixels = self._noise.on(next(self._before))
            self._camera.sees(pixels, self._lores(pixels))
            self._frame_ms += FRAME_MS * max(1, math.ceil((self._now_ms - self._frame_ms) / FRAME_MS))
        began_s = time.thread_time()
        seen = self._gate.step(math.ceil(self._now_ms))
        took_ms = (time.thread_time() - began_s) * 1000
        at_ms = self._now_ms + took_ms
        self._now_ms += max(ROUND_MS, took_ms)
        return (seen.decision if seen else None), at_ms

    def _sight(self, now_ms: Callable[[], int]) -> tuple[Camera, PinPad]:
        self._camera = LaneCamera(now_ms)
        return self._camera, self._pins

    def _lores(self, pixels: Pixels) -> Pixels:
        """As a camera gives it beside: made by its processor, so it costs the gate nothing."""
        height, width = pixels.shape[:2]
        scale = max(height, width) / SIDE_PX
        return self._optics.resize(pixels, max(1, round(width / scale)), max(1, round(height / scale)))

    def _picture(self, path: Path, comer: Comer) -> Pixels:
        pixels = load_frame(path, 0).pixels
        return printed(pixels) if comer.emulated else pixels

    def _badge(self, name: str) -> str:
        badge = Badge(CONGRESS, member_of(name), self._serials[name], self._house.wall_ms + BADGE_FOR_MS)
        return badge_text(seal(encode_up(badge), Purpose.BADGE, self._registrar))


def enrolled_at_a_desk(
    pipeline: Pipeline, of: Collection
) -> tuple[Collection, dict[MemberRef, tuple[Embedding, ...]]]:
    """References of everybody whose photographs give one, and the collection without those of whom none does:
    a desk would have told them.
    """
    references = {}
    for name, photographs in of.enrolled.items():
        probes = [pipeline.sample(load_frame(photograph, 0)).probe for photograph in photographs]
        if embeddings := tuple(probe for probe in probes if probe is not None):
            references[member_of(name)] = embeddings
    shown = {name: those for name, those in of.shown.items() if member_of(name) in references}
    filmed, prints = (
        tuple(one for one in films if member_of(one[0]) in references) for films in (of.filmed, of.prints)
    )
    return replace(of, shown=shown, filmed=filmed, prints=prints), references


def standing(pictures: Sequence[Pixels], pipeline: Pipeline) -> list[Pixels]:
    """Those in which one person may be standing before a camera: from each to any other the gate's own
    tracker follows them. Photographs of different days, or frames of a film a second apart, are not all so.
    """
    kept: list[tuple[Pixels, FaceBox]] = []
    for pixels in pictures:
        faces = pipeline.faces(Frame(pixels, 0))
        nearest = max(faces, key=lambda face: face.side_px, default=None)
        if nearest is not None and all(_is_one(before, nearest) for _, before in kept):
            kept.append((pixels, nearest))
    return [pixels for pixels, _ in kept] or list(pictures)


def _is_one(before: FaceBox, after: FaceBox) -> bool:
    return follow(follow(Tracks(), [before], 0), [after], FRAME_MS).last == 1


def _in_hand(comer: Comer) -> Way | None:
    if comer.kind is Kind.BADGE:
        return "badge"
    return "pin" if comer.kind is Kind.PIN else comer.otherwise
