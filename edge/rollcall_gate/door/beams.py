"""Two light beams, A before B on the way in -> who went through, and which way. Pure.

One stretch from "both clear" to "both clear" is judged at its end: entered by A and left by B is one person
forward, entered by B and left by A one backward, anything else nobody: they turned round. A contact that
bounces only goes over the same ground again. The beams stand closer together than a body is deep
(docs/runbooks/gate-passage.md), so two people who are further apart than the beams make two stretches.

Two who follow closer make one stretch in which the far beam is the only broken one, then the near beam again,
and so does one person who sways back. Both are told as two: the usher's look costs less than somebody inside
unrecorded. If they leave by the beam they came in by, nobody went through.

Each beam is timed by itself: while one is dirty, people go on breaking the other. A stretch in which one was
stuck tells of nobody, and the beams are trusted again once both are clear.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from edge.rollcall_gate.ports import Crossing

STUCK_MS: Final = 60_000
"""A beam broken for this long is dirt, a shifted mount or a cut wire, not a person."""


class Beam(StrEnum):
    A = "a"
    B = "b"


@dataclass(frozen=True, slots=True)
class BeamEdge:
    """A beam is broken, or clear again. at_ms: monotonic."""

    beam: Beam
    is_broken: bool
    at_ms: int


@dataclass(frozen=True, slots=True)
class Lane:
    """What the beams have shown of the present stretch. broken: which are, and since when (monotonic ms)."""

    broken: Mapping[Beam, int] = field(default_factory=dict)
    entered_by: Beam | None = None
    """The end where it began; while both are broken and nobody saw how, unknown."""
    far_end: Beam | None = None
    """The end reached last, where a body breaks one beam alone."""
    returns: int = 0
    """How often the near beam alone was broken again after the far one alone had been."""
    was_stuck: bool = False
    """One of them was, in this stretch."""


@dataclass(frozen=True, slots=True)
class LaneStep:
    lane: Lane
    crossings: tuple[Crossing, ...] = ()


def observe(lane: Lane, edge: BeamEdge) -> LaneStep:
    """Total: an edge that says what was known already changes nothing."""
    if (edge.beam in lane.broken) == edge.is_broken:
        return LaneStep(lane)
    lane = replace(lane, was_stuck=bool(stuck(lane, edge.at_ms)))
    broken = {beam: since_ms for beam, since_ms in lane.broken.items() if beam is not edge.beam}
    if edge.is_broken:
        broken[edge.beam] = edge.at_ms
    if not broken:
        return LaneStep(Lane(), _gone_through(lane))
    lane = replace(lane, broken=broken)
    if len(broken) == 2:
        return LaneStep(lane)
    (alone,) = broken
    if lane.entered_by is None:
        return LaneStep(replace(lane, entered_by=alone, far_end=alone))
    returned = alone is lane.entered_by and lane.far_end is not alone
    return LaneStep(replace(lane, far_end=alone, returns=lane.returns + returned))


def stuck(lane: Lane, now_ms: int) -> frozenset[Beam]:
    """Beams that have been broken for longer than anybody stands there; when that is over, and nobody yet
    trusts them: whichever still are broken.
    """
    long = frozenset(beam for beam, since_ms in lane.broken.items() if now_ms - since_ms >= STUCK_MS)
    return long or frozenset(lane.broken if lane.was_stuck else ())


def _gone_through(lane: Lane) -> tuple[Crossing, ...]:
    if lane.was_stuck or lane.entered_by is None or lane.far_end is lane.entered_by:
        return ()
    way = Crossing.FORWARD if lane.entered_by is Beam.A else Crossing.BACKWARD
    return (way,) * (1 + lane.returns)
