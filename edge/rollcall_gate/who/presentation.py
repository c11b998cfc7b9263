"""Scores of the attack detector over a track -> a person, a picture of one, or doubt. Pure.

ISO/IEC 30107-3: a passive detector on its own errs both ways, and more before a camera that it was not made
for. So there are two thresholds, set on frames of this very camera (`hallward gate calibrate`): below the
lower one a human looks, above the upper one nothing is asked, and between them the person is asked to do
something that a print cannot (challenge.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from edge.rollcall_gate.who.decide import Sample


class Presentation(StrEnum):
    BONA_FIDE = "bona-fide"
    DOUBT = "doubt"
    ATTACK = "attack"
    NOT_LOOKED_AT = "not-looked-at"


@dataclass(frozen=True, slots=True)
class PadThresholds:
    """Mean score of a track, 0..1: an attack below `attack_below`, a person from `bona_fide_from` on."""

    attack_below: float = 0.2
    bona_fide_from: float = 0.5

    def __post_init__(self) -> None:
        if not 0 <= self.attack_below <= self.bona_fide_from <= 1:
            raise ValueError("0 <= attack_below <= bona_fide_from <= 1")


UNCALIBRATED: Final = PadThresholds()
"""A vendor-style default; a site measures its own."""


def track_score(samples: Sequence[Sample]) -> float | None:
    """Mean over the looks of a track; None when none was looked at. A mean, because single frames flicker."""
    scores = [sample.bona_fide for sample in samples if sample.bona_fide is not None]
    return sum(scores) / len(scores) if scores else None


def judge(samples: Sequence[Sample], thresholds: PadThresholds = UNCALIBRATED) -> Presentation:
    score = track_score(samples)
    if score is None:
        return Presentation.NOT_LOOKED_AT
    if score < thresholds.attack_below:
        return Presentation.ATTACK
    return Presentation.BONA_FIDE if score >= thresholds.bona_fide_from else Presentation.DOUBT
