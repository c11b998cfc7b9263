"""The active challenge: blink, or turn your head to one side and back. Pure; which one is drawn at random.

What it can do: the eyes of a print do not shut, and its nose stays where it is between eyes and mouth, how
ever it is held: both are measured along the face's own lines, which foreshortening does not change
(landmarks.eye_openness, quality.turn). What it cannot: a mask with eye holes, a print bent around a pipe, and
a film of the very movement asked for, played in time; against that stands only that nobody knows which comes
next. It was tested on synthetic meshes and on flat ones turned in space, not on filmed people.
"""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from edge.rollcall_gate.who.decide import Sample

WITHIN_MS: Final = 4_000
SHUT: Final = 0.65
"""Of the openness before. A shut eye falls to about half; the network's noise is ten in a hundred (p95)."""
REOPENED: Final = 0.85
TURNED: Final = 0.25
"""Change of yaw, in eye distances: about 25 degrees of a head."""
BACK: Final = 0.12


class Prompt(StrEnum):
    """Sides are the person's own."""

    BLINK = "blink"
    TURN_LEFT = "turn-left"
    TURN_RIGHT = "turn-right"


class Outcome(StrEnum):
    PASSED = "passed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Challenge:
    """track: who was asked. openness, yaw: theirs before. acted: eyes were shut, or the head was turned."""

    prompt: Prompt
    track: int | None
    began_ms: int
    openness: float
    yaw: float
    acted: bool = False


def begin(draw: float, samples: Sequence[Sample], now_ms: int) -> Challenge | None:
    """draw: uniform in [0, 1). samples: of the track so far. None when no face was measured in them."""
    openness = [s.eye_openness for s in samples if s.eye_openness is not None]
    yaw = [s.yaw for s in samples if s.yaw is not None]
    if not openness or not yaw:
        return None
    prompts = tuple(Prompt)
    prompt = prompts[min(int(draw * len(prompts)), len(prompts) - 1)]
    return Challenge(prompt, samples[-1].track, now_ms, statistics.median(openness), statistics.median(yaw))


def observe(challenge: Challenge, sample: Sample | None, now_ms: int) -> tuple[Challenge, Outcome | None]:
    """Take one frame, or None when time has merely passed. Another person's frames change nothing, nor do
    frames with a fault: a look that could not be compared may be anybody's.
    """
    if now_ms - challenge.began_ms >= WITHIN_MS:
        return challenge, Outcome.FAILED
    if sample is None or sample.track != challenge.track or sample.fault is not None:
        return challenge, None
    acted, done = (
        _blinked(challenge, sample) if challenge.prompt is Prompt.BLINK else _turned(challenge, sample)
    )
    return replace(challenge, acted=acted), Outcome.PASSED if done else None


def _blinked(challenge: Challenge, sample: Sample) -> tuple[bool, bool]:
    if sample.eye_openness is None:
        return challenge.acted, False
    openness = sample.eye_openness / max(challenge.openness, 1e-6)
    return challenge.acted or openness <= SHUT, challenge.acted and openness >= REOPENED


def _turned(challenge: Challenge, sample: Sample) -> tuple[bool, bool]:
    if sample.yaw is None:
        return challenge.acted, False
    # The person's left is the picture's right: there the nose goes.
    way = 1 if challenge.prompt is Prompt.TURN_LEFT else -1
    turned = way * (sample.yaw - challenge.yaw)
    return challenge.acted or turned >= TURNED, challenge.acted and abs(turned) <= BACK
