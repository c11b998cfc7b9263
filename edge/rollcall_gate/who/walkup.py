"""One person before the camera, from the first face to a decision, as a pure step function.

idle ------ a face ---------------> looking
looking --- enough good looks ----> decided, or challenged when a match may be a picture of one
looking --- 3 s ------------------> decided with what there is; nobody waits for a machine
looking --- somebody nearer ------> looking at them, from the beginning
looking --- nobody for 1 s -------> idle again, or decided when no look was good: they turn to the display
challenged  done, and still them -> admitted
challenged  4 s, or gone ---------> a human looks; or idle
"""

from dataclasses import dataclass, replace
from typing import Final

from edge.rollcall_gate.frames import Embedding
from edge.rollcall_gate.who import challenge
from edge.rollcall_gate.who.challenge import Challenge, Outcome, Prompt
from edge.rollcall_gate.who.compare import similarity
from edge.rollcall_gate.who.decide import (
    DEFAULT,
    Admitted,
    Ambiguous,
    AttackSuspected,
    Decision,
    NoMatch,
    Sample,
    Thresholds,
    decide,
    decide_claim,
    enough,
    fused_probe,
)
from edge.rollcall_gate.who.gallery import Gallery
from edge.rollcall_gate.who.presentation import UNCALIBRATED, PadThresholds, Presentation, judge

GONE_AFTER_MS: Final = 1_000


@dataclass(frozen=True, slots=True)
class Rules:
    """What a walk-up is decided by. claim: 1:1, who was admitted but for their face. challenges: doubt is
    asked about; without them a human looks."""

    gallery: Gallery
    thresholds: Thresholds = DEFAULT
    pad: PadThresholds = UNCALIBRATED
    challenges: bool = True
    claim: Admitted | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A match that may be a picture: what was asked, who it would be, what they looked like before."""

    challenge: Challenge
    match: Admitted
    probe: Embedding


@dataclass(frozen=True, slots=True)
class WalkUp:
    """began_ms: when the first face was seen, None while idle; seen_ms: the last one. Monotonic."""

    samples: tuple[Sample, ...] = ()
    began_ms: int | None = None
    seen_ms: int = 0
    asked: Asked | None = None

    @property
    def prompt(self) -> Prompt | None:
        return self.asked.challenge.prompt if self.asked else None

    @property
    def company(self) -> int:
        """How many others stood as near in most of the looks."""
        near = sorted(sample.company for sample in self.samples)
        return near[len(near) // 2] if near else 0


IDLE: Final = WalkUp()


@dataclass(frozen=True, slots=True)
class WalkUpStep:
    """decision is None while there is nothing to say; with one, the walk-up is idle again."""

    walkup: WalkUp
    decision: Decision | None = None
    company: int = 0


def observe(
    walkup: WalkUp, sample: Sample | None, now_ms: int, rules: Rules, draw: float = 0.0
) -> WalkUpStep:
    """Take one frame's sample, or None when time has merely passed. draw: in [0, 1), for a challenge."""
    if sample is not None and sample.somebody:
        walkup = _seen(walkup, sample, now_ms)
    if walkup.began_ms is None:
        return WalkUpStep(IDLE)
    if now_ms - walkup.seen_ms >= GONE_AFTER_MS:
        return _gone(walkup, rules)
    if walkup.asked is not None:
        return _challenged(walkup, walkup.asked, sample, now_ms, rules)
    elapsed_ms = now_ms - walkup.began_ms
    if (
        enough(walkup.samples, elapsed_ms, rules.thresholds)
        or elapsed_ms >= rules.thresholds.decide_within_ms
    ):
        return _decided(walkup, now_ms, rules, draw)
    return WalkUpStep(walkup)


def _seen(walkup: WalkUp, sample: Sample, now_ms: int) -> WalkUp:
    if walkup.samples and walkup.samples[-1].track != sample.track:
        walkup = IDLE  # somebody stepped before them: nobody is admitted on another's face
    began_ms = now_ms if walkup.began_ms is None else walkup.began_ms
    samples = walkup.samples if walkup.asked else (*walkup.samples, sample)
    return replace(walkup, samples=samples, began_ms=began_ms, seen_ms=now_ms)


def _decision(walkup: WalkUp, rules: Rules) -> Decision:
    if rules.claim is None:
        return decide(walkup.samples, rules.gallery, rules.thresholds)
    return decide_claim(walkup.samples, rules.claim, rules.gallery, rules.thresholds)


def _decided(walkup: WalkUp, now_ms: int, rules: Rules, draw: float) -> WalkUpStep:
    shown = judge(walkup.samples, rules.pad)
    if shown is Presentation.ATTACK:
        return WalkUpStep(IDLE, AttackSuspected())  # and is compared with nobody
    found = _decision(walkup, rules)
    if not isinstance(found, Admitted) or shown is not Presentation.DOUBT:
        return WalkUpStep(IDLE, found, walkup.company)
    probe = fused_probe(walkup.samples, rules.thresholds)
    begun = challenge.begin(draw, walkup.samples, now_ms) if rules.challenges else None
    if begun is None or not isinstance(probe, Embedding):
        return WalkUpStep(IDLE, AttackSuspected())
    return WalkUpStep(replace(walkup, asked=Asked(begun, found, probe)))


def _challenged(walkup: WalkUp, asked: Asked, sample: Sample | None, now_ms: int, rules: Rules) -> WalkUpStep:
    # Only looks that were compared count as acting: a face that blinks or turns must not lend itself to a
    # picture.
    look = sample if sample is not None and sample.probe is not None else None
    probe = look.probe if look is not None else None
    if probe is not None and similarity(probe, asked.probe) < rules.thresholds.same_person_min:
        return WalkUpStep(IDLE, Ambiguous())
    stepped, outcome = challenge.observe(asked.challenge, look, now_ms)
    if outcome is Outcome.FAILED:
        return WalkUpStep(IDLE, AttackSuspected())
    if outcome is Outcome.PASSED:
        known = asked.match.member in rules.gallery.members  # and was not withdrawn meanwhile
        return WalkUpStep(IDLE, asked.match if known else NoMatch(-1.0), walkup.company)
    return WalkUpStep(replace(walkup, asked=replace(asked, challenge=stepped)))


def _gone(walkup: WalkUp, rules: Rules) -> WalkUpStep:
    unfit = walkup.asked is None and all(sample.probe is None for sample in walkup.samples)
    return WalkUpStep(IDLE, _decision(walkup, rules) if unfit else None)
