"""Scores and time -> a Decision about one person. Expected outcomes are values, never exceptions."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from edge.rollcall_gate.eyes.embed import fuse
from edge.rollcall_gate.eyes.quality import Fault
from edge.rollcall_gate.frames import Embedding
from edge.rollcall_gate.who.compare import compare, least_similarity
from edge.rollcall_gate.who.gallery import Gallery
from wire.ids import MemberRef

Method = Literal["face", "badge", "pin", "usher"]


@dataclass(frozen=True, slots=True)
class Thresholds:
    """When a comparison is a match. Cosines of SFace embeddings, each -1..1.

    match_min: where one stranger in a hundred passed in an early open-set trial (models/cards/embedder.md
        says on whom, and what passes with the files of today). Smaller rosters and fused references lower it.
    margin_min: the runner-up must be this much further away; people that close are for a human to tell apart.
    verify_min: the same for one claimed member: with a badge there is one comparison, not thousands
        (models/cards/embedder.md: FMR 0.1 % all against all).
    same_person_min: fused probes must agree at least so much, or two people stood before the camera.
    probes_min, decide_within_ms: a track is decided with so many good probes, or with fewer when time is up.
    """

    match_min: float = 0.49
    margin_min: float = 0.08
    verify_min: float = 0.38
    same_person_min: float = 0.35
    probes_min: int = 3
    decide_within_ms: int = 3000


DEFAULT: Final = Thresholds()
QUALITY_GOOD: Final = 0.5
"""Looks of this quality are not waited upon for better ones."""
PATIENCE_MS: Final = 1_000
"""How long better looks are hoped for, from the first face on."""


@dataclass(frozen=True, slots=True)
class Admitted:
    """A match, a genuine badge or PIN, or an usher's word: the door may open. `score` is of a face alone."""

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
class AttackSuspected:
    """A picture of a face rather than a person, as far as the gate can tell. Said to nobody as such: a human
    looks."""


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


@dataclass(frozen=True, slots=True)
class AlreadyInside:
    """A genuine badge or PIN that opened this gate a moment ago: it may have been handed back."""


@dataclass(frozen=True, slots=True)
class NotTheBearer:
    """1:1: the face is not near enough to the member whose badge it is."""


@dataclass(frozen=True, slots=True)
class WrongPin:
    """No badge has this number, or another PIN goes with it; which of the two is not said."""


@dataclass(frozen=True, slots=True)
class PinLocked:
    """Too many wrong PINs; the pad is asleep for `wait_s` more seconds. Badge and usher are not."""

    wait_s: int


Decision = (
    Admitted
    | NoMatch
    | Ambiguous
    | AttackSuspected
    | LowQuality
    | NoFace
    | NotOnRoster
    | Revoked
    | BadBadge
    | AlreadyInside
    | NotTheBearer
    | WrongPin
    | PinLocked
)


@dataclass(frozen=True, slots=True)
class Sample:
    """What one frame gave: an embedding, or the reason why not. Neither, and no track: nobody was in it.

    track: number of the person it shows, new for everybody who steps up. quality: 0..1 (quality.py).
    bona_fide: how surely it shows a person, 0..1; None when it was not looked at. eye_openness, yaw: of the
    face, for the active challenge (landmarks.eye_openness, quality.turn). company: how many others stand as
    near. A face of which nothing new was seen (a repeated frame) has neither probe nor fault.
    """

    probe: Embedding | None = None
    fault: Fault | None = None
    track: int | None = None
    quality: float = 1.0
    bona_fide: float | None = None
    eye_openness: float | None = None
    yaw: float | None = None
    company: int = 0

    @property
    def somebody(self) -> bool:
        """Whether a face was in the frame."""
        return self.probe is not None or self.fault is not None or self.track is not None

    @property
    def inferences(self) -> int:
        """How many networks ran for it: detector, then landmarks, then embedder and PAD."""
        return 1 + self.somebody + (self.probe is not None) + (self.bona_fide is not None)


def decide(samples: Sequence[Sample], gallery: Gallery, thresholds: Thresholds = DEFAULT) -> Decision:
    """Decide one walk-up from all of its samples. Pure; the order of samples does not matter.

    1. No good sample: say why. 2. The good ones must show one person. 3. The fused embedding of the best must
    be near enough to a member, 4. and clearly nearer than to any other.
    """
    fused = fused_probe(samples, thresholds)
    if not isinstance(fused, Embedding):
        return fused
    found = compare(fused, gallery)
    if found.best is None or found.best.score < thresholds.match_min:
        return NoMatch(found.best.score if found.best else -1.0)
    if found.runner_up is not None and found.best.score - found.runner_up.score < thresholds.margin_min:
        return Ambiguous()
    return Admitted(found.best.member, "face", found.best.score)


def decide_claim(
    samples: Sequence[Sample], claimed: Admitted, gallery: Gallery, thresholds: Thresholds = DEFAULT
) -> Decision:
    """1:1: is this the member whose badge was shown, or whose PIN was typed? Pure.

    Raises KeyError when they have no reference.
    """
    fused = fused_probe(samples, thresholds)
    if not isinstance(fused, Embedding):
        return fused
    score = gallery.score(fused, claimed.member)
    return replace(claimed, score=score) if score >= thresholds.verify_min else NotTheBearer()


def fused_probe(
    samples: Sequence[Sample], thresholds: Thresholds = DEFAULT
) -> Embedding | LowQuality | NoFace | Ambiguous:
    """The best looks at one person as one embedding; or why there is none."""
    good = sorted((s for s in samples if s.probe is not None), key=lambda s: s.quality, reverse=True)
    probes = [sample.probe for sample in good if sample.probe is not None]
    if not probes:
        reasons = Counter(sample.fault for sample in samples if sample.fault is not None)
        return LowQuality(reasons.most_common(1)[0][0]) if reasons else NoFace()
    if least_similarity(probes) < thresholds.same_person_min:
        return Ambiguous()
    return fuse(probes[: max(3, thresholds.probes_min)])


def enough(samples: Sequence[Sample], elapsed_ms: int, thresholds: Thresholds = DEFAULT) -> bool:
    """Whether a track need not wait for more frames: enough good probes, or nothing better is coming."""
    best = sorted((s.quality for s in samples if s.probe is not None), reverse=True)
    if len(best) < thresholds.probes_min:
        return False
    return best[thresholds.probes_min - 1] >= QUALITY_GOOD or elapsed_ms >= PATIENCE_MS
