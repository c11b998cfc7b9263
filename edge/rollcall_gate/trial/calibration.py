"""Scores of the attack detector before one camera -> that site's thresholds. Pure.

Both thresholds are quantiles with a margin against few presentations: one that no score of n has crossed may
still be crossed by 3/n of all (95 %, the rule of three; ISO/IEC 30107-3 asks for such an interval to be
given).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from edge.rollcall_gate.who.presentation import UNCALIBRATED, PadThresholds

BONA_FIDE_MIN: Final = 20
"""Fewer presentations of people say nothing."""
ATTACKS_MIN: Final = 10
ASKED_OF_PEOPLE: Final = 0.05
"""At most this share of people may be asked to blink; the detector's errors are shared out by it."""
SUSPECTED_OF_PEOPLE: Final = 0.01
LOWEST: Final = 0.05
"""attack_below never falls below it: a picture that the network is sure of is one before any camera."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """What was measured, and with which network (SHA-256, hex). rates: of the very scores it was set on.

    bpcer_asked, bpcer_suspected: shares of people who would be asked, and sent to a human. apcer: of attacks
    taken for people without a question; None when none was shown.
    """

    network: str
    thresholds: PadThresholds
    people: int
    attacks: int
    bpcer_asked: float
    bpcer_suspected: float
    apcer: float | None


def calibrate(people: Sequence[float], attacks: Sequence[float], network: str) -> Calibration:
    """people, attacks: one track score (0..1) per presentation. Raises ValueError, in words, for too few."""
    if len(people) < BONA_FIDE_MIN:
        raise ValueError(f"{len(people)} presentations of people; at least {BONA_FIDE_MIN} are needed")
    if attacks and len(attacks) < ATTACKS_MIN:
        raise ValueError(f"{len(attacks)} presentations of pictures; at least {ATTACKS_MIN}, or none")
    upper = quantile(people, ASKED_OF_PEOPLE)
    if attacks and max(attacks) < upper:
        upper = (max(attacks) + upper) / 2  # no picture that was shown passes, and fewer people are asked
    lower = min(upper, max(LOWEST, quantile(people, SUSPECTED_OF_PEOPLE) / 2))
    chosen = PadThresholds(_floor(lower), _floor(upper))
    return Calibration(
        network,
        chosen,
        len(people),
        len(attacks),
        _share(people, chosen.bona_fide_from),
        _share(people, chosen.attack_below),
        None if not attacks else 1 - _share(attacks, chosen.bona_fide_from),
    )


def thresholds_for(calibration: Calibration | None, network: bytes | None) -> PadThresholds:
    """Those of this site; the defaults when it was not calibrated, or with another network."""
    if calibration is None or network is None or calibration.network != network.hex():
        return UNCALIBRATED
    return calibration.thresholds


def quantile(scores: Sequence[float], share: float) -> float:
    """The score that at most `share` of all lie below, as far as so few can say."""
    return sorted(scores)[math.floor(share * len(scores))]


def _share(scores: Sequence[float], below: float) -> float:
    return sum(score < below for score in scores) / len(scores)


def _floor(score: float) -> float:
    return math.floor(score * 1000) / 1000
