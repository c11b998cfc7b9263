"""Two sets of networks looked at one frame: do they agree on what counts for the door? Pure.

Counted are frames in which either of them sees somebody: is a face there, and where; is it a person, a
picture, or in doubt; whose face. Embeddings of one and the same embedder are compared with each other, those
of another one never: there each embedder is asked by itself whether it sees the same person as in the frame
before, and these two answers are compared. So one that takes everybody for the same person is found out, too.
"""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from edge.rollcall_gate.eyes.detect import overlap, subject
from edge.rollcall_gate.eyes.pipeline import Pipeline
from edge.rollcall_gate.frames import Embedding, FaceBox, Frame
from edge.rollcall_gate.who.decide import Sample
from edge.rollcall_gate.who.presentation import PadThresholds, Presentation, judge

PPM: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Rules:
    """When it is enough, and how much is allowed.

    frames: with somebody in them; fewer say nothing of agreement. deadline_ms: then it is over without them,
    since a hall in which nobody walks by must not wait for ever. every: of the frames offered so many-th is
    looked at. overlap_min: of the two boxes. cosine_min: of two embeddings of one embedder. score_near: two
    scores of the attack detector so near are not two verdicts, wherever a threshold lies. same_person_min:
    cosine of the same person to an embedder. agree_ppm, latency_ppm (of what the present ones take),
    temperature_mc (rise): the verdict. timed_min: fewer looks say nothing about time."""

    frames: int = 200
    deadline_ms: int = 1_800_000
    every: int = 3
    overlap_min: float = 0.5
    cosine_min: float = 0.98
    score_near: float = 0.1
    same_person_min: float = 0.35
    agree_ppm: int = 980_000
    latency_ppm: int = 1_300_000
    temperature_mc: int = 10_000
    timed_min: int = 10


SIMULATED: Final = Rules(frames=12, every=1, deadline_ms=120_000)
"""Before a simulated camera somebody stands for six frames, and only when a test sends them."""


@dataclass(frozen=True, slots=True)
class Glance:
    """What one set of networks saw in one frame. face: None, nobody. score: of the attack detector, None
    without one. probe: None, nothing to compare."""

    captured_ms: int
    face: FaceBox | None = None
    presentation: Presentation = Presentation.NOT_LOOKED_AT
    score: float | None = None
    probe: Embedding | None = None


@dataclass(frozen=True, slots=True)
class Pair:
    """One frame, seen by those in force and by the candidates."""

    before: Glance
    after: Glance

    @property
    def shows_somebody(self) -> bool:
        return self.before.face is not None or self.after.face is not None


def glance(pipeline: Pipeline, frame: Frame, pad: PadThresholds) -> Glance:
    """All networks on the most prominent person of a frame, whatever its faults. Raises ModelError."""
    face = subject(pipeline.faces(frame), frame)
    if face is None:
        return Glance(frame.captured_ms)
    view = pipeline.view_of(frame, face)
    score = pipeline.bona_fide(frame, view)
    verdict = judge([Sample(bona_fide=score)], pad)
    return Glance(frame.captured_ms, face, verdict, score, pipeline.embed(view))


def agree(pair: Pair, last: Pair | None, rules: Rules) -> bool:
    """last: the pair before this one, if any. Of a frame without anybody: True."""
    before, after = pair.before, pair.after
    if before.face is None or after.face is None:
        return before.face is after.face
    if _overlap(before.face, after.face) < rules.overlap_min:
        return False
    return _same_verdict(before, after, rules) and _same_face(pair, last, rules)


def _same_verdict(before: Glance, after: Glance, rules: Rules) -> bool:
    if before.score is None:
        return True  # there was no attack detector: nothing to agree with
    if after.score is None:
        return False
    return before.presentation is after.presentation or abs(before.score - after.score) < rules.score_near


def _same_face(pair: Pair, last: Pair | None, rules: Rules) -> bool:
    before, after = pair.before.probe, pair.after.probe
    if before is None or after is None:
        return before is after
    if before.embedder == after.embedder:
        return _cosine(before, after) >= rules.cosine_min
    if last is None:
        return True
    told = (last.before.probe, before), (last.after.probe, after)
    answers = [None if one is None else _cosine(one, other) >= rules.same_person_min for one, other in told]
    return None in answers or answers[0] == answers[1]


def _cosine(one: Embedding, other: Embedding) -> float:
    if one.embedder != other.embedder:
        raise ValueError("embeddings of different models or runtimes cannot be compared")
    return float(np.dot(one.vector, other.vector))


def _overlap(one: FaceBox, other: FaceBox) -> float:
    boxes = [(*face.centre, face.right - face.left, face.bottom - face.top) for face in (one, other)]
    return overlap(*boxes)


# -- counting ----------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Tally:
    """Numbers alone, and the last pair, which the next one replaces."""

    frames: int = 0
    agreed: int = 0
    last: Pair | None = None
    before_s: list[float] = field(default_factory=list)
    after_s: list[float] = field(default_factory=list)
    idle_before_s: list[float] = field(default_factory=list)
    idle_after_s: list[float] = field(default_factory=list)
    temperatures_mc: tuple[int, int] | None = None
    """The first one and the highest."""

    def add(self, pair: Pair, took_s: tuple[float, float], temperature_mc: int | None, rules: Rules) -> None:
        """took_s: processor time of each for this frame, those in force first. Times are compared where both
        did the same work: both saw somebody, or neither."""
        before_s, after_s = took_s
        if pair.shows_somebody:
            self.frames += 1
            self.agreed += agree(pair, self.last, rules)
        if pair.before.face is not None and pair.after.face is not None:
            self.before_s.append(before_s)
            self.after_s.append(after_s)
        elif not pair.shows_somebody and len(self.idle_before_s) < rules.frames:
            self.idle_before_s.append(before_s)
            self.idle_after_s.append(after_s)
        if temperature_mc is not None:
            first, highest = self.temperatures_mc or (temperature_mc, temperature_mc)
            self.temperatures_mc = first, max(highest, temperature_mc)
        self.last = pair

    def readings(self) -> dict[str, int]:
        """As SPEC §11 names them; what was not measured is absent."""
        found = {"frames": self.frames, "agree-ppm": self._agree_ppm()}
        before_s, after_s = self._times()
        if before_s:
            found["latency-before-us"] = round(statistics.median(before_s) * 1e6)
            found["latency-after-us"] = round(statistics.median(after_s) * 1e6)
        if self.temperatures_mc:
            first, highest = self.temperatures_mc
            found["temperature-rise-mc"] = highest - first
        return found

    def cause(self, rules: Rules, *, over: bool) -> str:
        """Why it is not good enough, empty: nothing against it. over: all that there will be has been seen;
        before that, only what cannot be made good any more."""
        disagreed_max = rules.frames * (PPM - rules.agree_ppm) // PPM
        if self.frames - self.agreed > disagreed_max or (over and self._agree_ppm() < rules.agree_ppm):
            return "disagrees"
        found = self.readings()
        if found.get("temperature-rise-mc", 0) > rules.temperature_mc:
            return "hot"
        if over and self._takes_longer(found, rules):
            return "latency"
        return "unseen" if over and self.frames < rules.frames else ""

    def _takes_longer(self, found: Mapping[str, int], rules: Rules) -> bool:
        before_s, _ = self._times()
        if len(before_s) < rules.timed_min:
            return False
        return found["latency-after-us"] * PPM > found["latency-before-us"] * rules.latency_ppm

    def _agree_ppm(self) -> int:
        return PPM if not self.frames else self.agreed * PPM // self.frames

    def _times(self) -> tuple[Sequence[float], Sequence[float]]:
        return (self.before_s, self.after_s) if self.before_s else (self.idle_before_s, self.idle_after_s)
