"""The active challenge on synthetic meshes: heads that do what they are asked, and flat prints that cannot.

What this does not show: how the landmark network reads real lids and profiles, masks with eye holes, bent
prints, films.
"""

import itertools
from collections.abc import Iterable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.rollcall_gate.eyes.quality import Fault
from edge.rollcall_gate.frames import Floats
from edge.rollcall_gate.who.challenge import WITHIN_MS, Challenge, Outcome, Prompt, begin, observe
from edge.rollcall_gate.who.decide import Sample
from tests.edge.rollcall_gate.synthetic_face import (
    OPEN,
    SHUT,
    STRAIGHT,
    Held,
    head,
    print_of,
    sample_of,
    seen,
)

pytestmark = pytest.mark.slow

FRAME_MS = 100
LEFT = [Held(yaw=y) for y in (10, 25, 35, 20, 5, 0)]
RIGHT = [Held(yaw=-held.yaw) for held in LEFT]
BLINK = [OPEN, SHUT, SHUT, OPEN, OPEN]


def asked(prompt: Prompt, before: Iterable[Sample]) -> Challenge:
    draw = (list(Prompt).index(prompt) + 0.5) / len(Prompt)
    made = begin(draw, list(before), 0)
    assert made is not None
    assert made.prompt is prompt
    return made


def shown(challenge: Challenge, samples: Iterable[Sample]) -> Outcome | None:
    for number, sample in enumerate(samples, 1):
        challenge, outcome = observe(challenge, sample, number * FRAME_MS)
        if outcome is not None:
            return outcome
    return None


def of_head(poses: Iterable[Held], lids: float = OPEN) -> list[Sample]:
    return [sample_of(seen(head(lids), held)) for held in poses]


ACTS = {
    Prompt.TURN_LEFT: of_head(LEFT),
    Prompt.TURN_RIGHT: of_head(RIGHT),
    Prompt.BLINK: [sample_of(seen(head(lids))) for lids in BLINK],
}
BEFORE = of_head([STRAIGHT, Held(yaw=3), Held(yaw=-2, pitch=4)])


@pytest.mark.parametrize(("prompt", "act"), list(itertools.product(Prompt, Prompt)))
def test_who_does_what_was_asked_passes_and_who_does_something_else_does_not(
    prompt: Prompt, act: Prompt
) -> None:
    outcome = shown(asked(prompt, BEFORE), ACTS[act])
    assert (outcome is Outcome.PASSED) == (prompt is act)


@pytest.mark.parametrize("prompt", list(Prompt))
def test_it_works_for_somebody_small_or_tall_who_holds_their_head_askew(prompt: Prompt) -> None:
    for pitch, roll in itertools.product((-20, 0, 20), (-20, 0, 20)):
        poses = {Prompt.TURN_LEFT: LEFT, Prompt.TURN_RIGHT: RIGHT, Prompt.BLINK: [STRAIGHT] * len(BLINK)}
        lids = BLINK if prompt is Prompt.BLINK else [OPEN] * len(LEFT)
        act = [
            sample_of(seen(head(gap), Held(held.yaw, pitch, roll)))
            for held, gap in zip(poses[prompt], lids, strict=True)
        ]
        before = of_head([Held(0, pitch, roll)] * 3)
        assert shown(asked(prompt, before), act) is Outcome.PASSED, (pitch, roll)


def test_the_persons_left_is_the_right_of_the_picture() -> None:
    turned = of_head([Held(yaw=30)])[0]
    nose, straight = seen(head(), Held(yaw=30))[1, 0], seen(head())[1, 0]
    assert nose > straight
    assert turned.yaw is not None
    assert turned.yaw > 0


def test_a_head_that_turns_and_stays_there_has_not_come_back() -> None:
    challenge = asked(Prompt.TURN_LEFT, BEFORE)
    assert shown(challenge, of_head([Held(yaw=y) for y in (10, 25, 35, 35, 35)])) is None


def test_eyes_that_stay_shut_have_not_blinked() -> None:
    assert shown(asked(Prompt.BLINK, BEFORE), of_head([STRAIGHT] * 5, SHUT)) is None


def test_a_nod_shuts_no_eye_and_turns_no_head() -> None:
    nod = of_head([Held(pitch=p) for p in (0, 15, 30, 15, 0, -15, -30, -15, 0)])
    for prompt in Prompt:
        assert shown(asked(prompt, BEFORE), nod) is None


# -- prints ---------------------------------------------------------------------------------------------

SWEEP = [0, 20, 40, 60, 40, 20, 0]


@pytest.mark.parametrize("distance", [25.0, 45.0, 90.0])
@pytest.mark.parametrize("prompt", list(Prompt))
def test_a_flat_print_turned_about_any_axis_passes_nothing(prompt: Prompt, distance: float) -> None:
    """Up to 60 degrees either way about the upright, the level, and every axis between them."""
    flat = print_of(head())
    before = [sample_of(seen(flat, Held(distance=distance)))] * 3
    for axis, roll, way in itertools.product(range(0, 180, 10), (-30, 0, 30), (-1, 1)):
        about = np.array([np.sin(np.radians(axis)), np.cos(np.radians(axis))]) * way
        act = [
            sample_of(seen(flat, Held(about[0] * a, about[1] * a, roll, distance=distance))) for a in SWEEP
        ]
        assert shown(asked(prompt, before), act) is None, (axis, roll, way)


ANGLE = st.floats(-60, 60)
ANY_WAY = st.builds(
    Held, ANGLE, ANGLE, st.floats(-90, 90), st.floats(-8, 8), st.floats(-8, 8), st.floats(25, 100)
)


@settings(max_examples=300)
@given(
    st.lists(ANY_WAY, min_size=3, max_size=3),
    st.lists(ANY_WAY, min_size=1, max_size=20),
    st.floats(0.5, 1.0),
    st.floats(-20, 20),
    st.sampled_from(list(Prompt)),
)
def test_a_flat_print_moved_through_space_as_one_likes_passes_nothing(
    before: list[Held], moved: list[Held], size: float, portrait: float, prompt: Prompt
) -> None:
    """Nor when it was held askew from the beginning, nor when the portrait on it looks aside."""
    photographed = (seen(head(), Held(yaw=portrait, distance=1_000)) - np.float32(320)) / np.float32(0.6)
    flat = print_of(photographed, size)
    challenge = asked(prompt, [sample_of(seen(flat, held)) for held in before])
    assert shown(challenge, [sample_of(seen(flat, held)) for held in moved]) is None


def test_a_print_bent_around_a_pipe_is_not_told_from_a_head() -> None:
    """A limit, said so that nobody relies on it: what stands out like a nose turns like one."""
    bent = print_of(head())
    radius = 4.5
    bent[:, 2] = np.sqrt(radius**2 - np.minimum(bent[:, 0] ** 2, radius**2))
    bent[[61, 291], 2] -= 2  # and rolled more tightly at the mouth
    before = [sample_of(seen(bent))] * 3
    wide = [Held(yaw=y) for y in (0, 30, 50, 60, 30, 0)]
    assert shown(asked(Prompt.TURN_LEFT, before), [sample_of(seen(bent, h)) for h in wide]) is Outcome.PASSED


# -- noise, others, time --------------------------------------------------------------------------------


def noisy(rng: np.random.Generator, mesh: Floats) -> Sample:
    """As the network reads a face that holds still: openness within a tenth of itself in 95 of 100 looks."""
    sample = sample_of(mesh)
    assert sample.eye_openness is not None
    assert sample.yaw is not None
    return Sample(
        track=1,
        eye_openness=sample.eye_openness * (1 + rng.normal(0, 0.1 / 1.96)),
        yaw=sample.yaw + rng.normal(0, 0.025 / 2),
    )


@pytest.mark.parametrize("prompt", list(Prompt))
def test_the_noise_of_the_network_never_passes_for_a_blink_or_a_turn(prompt: Prompt) -> None:
    rng = np.random.default_rng(5)
    still = seen(head())
    for _ in range(1_000):
        challenge = asked(prompt, [noisy(rng, still) for _ in range(3)])
        assert shown(challenge, [noisy(rng, still) for _ in range(WITHIN_MS // FRAME_MS - 1)]) is None


@pytest.mark.parametrize("prompt", list(Prompt))
def test_a_blink_or_turn_is_seen_through_the_noise(prompt: Prompt) -> None:
    rng = np.random.default_rng(6)
    lids = BLINK if prompt is Prompt.BLINK else [OPEN] * len(LEFT)
    poses = {Prompt.TURN_LEFT: LEFT, Prompt.TURN_RIGHT: RIGHT, Prompt.BLINK: [STRAIGHT] * len(BLINK)}[prompt]
    for _ in range(200):
        challenge = asked(prompt, [noisy(rng, seen(head())) for _ in range(3)])
        act = [noisy(rng, seen(head(gap), held)) for gap, held in zip(lids, poses, strict=True)]
        assert shown(challenge, act) is Outcome.PASSED


@pytest.mark.parametrize("prompt", list(Prompt))
def test_what_somebody_else_does_changes_nothing(prompt: Prompt) -> None:
    challenge = asked(prompt, BEFORE)
    for number, sample in enumerate(ACTS[prompt], 1):
        other = Sample(track=2, eye_openness=sample.eye_openness, yaw=sample.yaw)
        assert observe(challenge, other, number * FRAME_MS) == (challenge, None)


@pytest.mark.parametrize("fault", sorted(Fault))
def test_a_face_in_which_nobody_could_be_recognised_answers_for_nobody(fault: Fault) -> None:
    for prompt, act in ACTS.items():
        bad = [Sample(None, fault, 1, eye_openness=s.eye_openness, yaw=s.yaw) for s in act]
        assert shown(asked(prompt, BEFORE), bad) is None


def test_a_face_turned_so_far_that_it_cannot_be_compared_lends_itself_to_no_picture() -> None:
    away = [Sample(None, Fault.TURNED_AWAY, 1, yaw=s.yaw) for s in ACTS[Prompt.TURN_LEFT][:-1]]
    act = [*away, ACTS[Prompt.TURN_LEFT][-1]]
    assert shown(asked(Prompt.TURN_LEFT, BEFORE), act) is None


def test_four_seconds_are_enough_and_then_a_human_looks() -> None:
    challenge = asked(Prompt.BLINK, BEFORE)
    assert observe(challenge, None, WITHIN_MS - 1) == (challenge, None)
    assert observe(challenge, None, WITHIN_MS)[1] is Outcome.FAILED
    late = shown(challenge, [sample_of(seen(head()))] * (WITHIN_MS // FRAME_MS - 1) + ACTS[Prompt.BLINK])
    assert late is Outcome.FAILED


def test_nobody_is_asked_whose_face_was_not_measured() -> None:
    assert begin(0.5, [Sample(fault=Fault.TOO_FAR, track=1)], 0) is None
    assert begin(0.5, [Sample(track=1, eye_openness=0.26)], 0) is None
    assert begin(0.5, [Sample(track=1, yaw=0.0)], 0) is None


@given(st.floats(0, 1, exclude_max=True))
def test_every_draw_asks_for_something(draw: float) -> None:
    made = begin(draw, BEFORE, 0)
    assert made is not None
    assert made.prompt in Prompt


def test_each_prompt_is_as_likely() -> None:
    made = [begin(n / 300, BEFORE, 0) for n in range(300)]
    assert {p: sum(m is not None and m.prompt is p for m in made) for p in Prompt} == dict.fromkeys(
        Prompt, 100
    )
