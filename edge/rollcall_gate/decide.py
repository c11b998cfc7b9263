"""Scores and time -> a Decision about one walk-up. Expected outcomes are values, never exceptions."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from edge.rollcall_gate.compare import compare, least_similarity
from edge.rollcall_gate.embed import fuse
from edge.rollcall_gate.frames import Embedding
from edge.rollcall_gate.gallery import Gallery
from edge.rollcall_gate.quality import Fault
from wire.ids import MemberRef

Method = Literal["face", "badge"]


@dataclass(frozen=True, slots=True)
class Thresholds:
    """When a comparison is a match. Cosines of SFace embeddings, each -1..1.

    match_min: where one stranger in a hundred passed in an early open-set trial (models/cards/embedder.md
        says on whom, and what passes with the files of today). Smaller rosters and fused references lower it.
    margin_min: the runner-up must be this much further away; people that close are for a human to tell apart.
    same_person_min: fused probes must agree at least so much, or two people stood before the camera.
    probes_min, decide_within_ms: a track is decided with so many good probes, or with fewer when time is up.
    """

    match_min: float = 0.49
    margin_min: float = 0.08
    same_person_min: float = 0.35
    probes_min: int = 3
    decide_within_ms: int = 3000


DEFAULT: Final = Thresholds()


@dataclass(frozen=True, slots=True)
class Admitted:
    """A match, or a genuine badge: the door may open. `score` is None for a badge."""

    member: MemberRef
    method: Method
    score: float | None


@dataclass(frozen=True, slots=True)
class NoMatch:
    """Good samples, nobody enrolled: a stranger, or somebody with a badge and no reference."""

    score: float


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """Two members are about equally near, or the probes do not show one person."""


@dataclass(frozen=True, slots=True)
class LowQuality:
    """A face was there, but no sample was good enough; `fault` is the most frequent reason."""

    fault: Fault


@dataclass(frozen=True, slots=True)
class NoFace:
    """Nobody stood before the camera."""


@dataclass(frozen=True, slots=True)
class NotOnRoster:
    """A genuine badge of another congress."""


@dataclass(frozen=True, slots=True)
class Revoked:
    """A genuine badge that has expired, or was replaced or withdrawn."""

    reason: str


@dataclass(frozen=True, slots=True)
class BadBadge:
    """Not a badge, damaged, or forged."""

    reason: str


Decision = Admitted | NoMatch | Ambiguous | LowQuality | NoFace | NotOnRoster | Revoked | BadBadge


@dataclass(frozen=True, slots=True)
class Sample:
    """What one frame gave: an embedding, or the reason why not. Neither: nobody was in it."""

    probe: Embedding | None = None
    fault: Fault | None = None

    @property
    def inferences(self) -> int:
        """How many networks ran for it: detector, then landmarks, then embedder."""
        return 1 + (self.probe is not None or self.fault is not None) + (self.probe is not None)


def decide(samples: Sequence[Sample], gallery: Gallery, thresholds: Thresholds = DEFAULT) -> Decision:
    """Decide one walk-up from all of its samples. Pure; the order of samples does not matter.

    1. No good sample: say why. 2. The good ones must show one person. 3. Their fused embedding must be near
    enough to a member, 4. and clearly nearer than to any other.
    """
    probes = [sample.probe for sample in samples if sample.probe is not None]
    if not probes:
        reasons = Counter(sample.fault for sample in samples if sample.fault is not None)
        return LowQuality(reasons.most_common(1)[0][0]) if reasons else NoFace()
    if least_similarity(probes) < thresholds.same_person_min:
        return Ambiguous()
    fused = fuse(probes)
    found = compare(fused, gallery)
    if found.best is None or found.best.score < thresholds.match_min:
        return NoMatch(found.best.score if found.best else -1.0)
    if found.runner_up is not None and found.best.score - found.runner_up.score < thresholds.margin_min:
        return Ambiguous()
    return Admitted(found.best.member, "face", found.best.score)


def enough(samples: Sequence[Sample], thresholds: Thresholds = DEFAULT) -> bool:
    """Whether a track need not wait for more frames: enough good probes."""
    return sum(sample.probe is not None for sample in samples) >= thresholds.probes_min
