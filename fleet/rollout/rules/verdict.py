"""Whether a device came out well: its own word, and what it measured before and after. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from fleet.rollout.rules.causes import UNSEEN
from fleet.rollout.rules.shape import GateRules

_PPM = 1_000_000


@dataclass(frozen=True, slots=True)
class Fault:
    """cause: a word of the matrix. detail: the numbers, for people."""

    cause: str
    detail: str


def fault(readings: Mapping[str, int], rules: GateRules) -> Fault | None:
    """What is beyond the limits of the plan, the gravest first; None: nothing. A reading that is not there is
    not judged: a keypad has no frames."""
    frames = readings.get("frames")
    if frames is not None and frames < rules.frames:
        return Fault(UNSEEN, f"was compared on {frames} frames with somebody in them, not on {rules.frames}")
    agree = readings.get("agree-ppm")
    if agree is not None and agree < rules.agree_ppm:
        return Fault(
            "disagrees", f"agrees with the old one in {_percent(agree)}, at least {_percent(rules.agree_ppm)}"
        )
    before, after = readings.get("latency-before-us", 0), readings.get("latency-after-us")
    if before > 0 and after is not None and after * _PPM > rules.latency_ppm * before:
        return Fault(
            "latency",
            f"takes {after} us, the old one {before} us, allowed are {_percent(rules.latency_ppm)} of that",
        )
    rise = readings.get("temperature-rise-mc")
    if rise is not None and rise > rules.temperature_mc:
        return Fault("hot", f"{_degrees(rise)} warmer, at most {_degrees(rules.temperature_mc)} are allowed")
    return None


def _percent(ppm: int) -> str:
    return f"{ppm / 10_000:.4g} %"


def _degrees(millidegrees: int) -> str:
    return f"{millidegrees / 1000:.3g} °C"
