"""The score that orders the looks at one person: more of what is good is never worse."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.rollcall_gate.eyes.quality import (
    EYE_DISTANCE_PX_GOOD,
    LUMA_GOOD,
    PORTRAIT,
    POSE_GOOD,
    PRESENCE_GOOD,
    SHARPNESS_GOOD,
    Measured,
    Pose,
    faults_of,
    quality,
)

MIDDLE = (PORTRAIT.pitch_min + PORTRAIT.pitch_max) / 2
HALF = (PORTRAIT.pitch_max - PORTRAIT.pitch_min) / 2
BEST = Measured(Pose(0.0, MIDDLE, 0.0), EYE_DISTANCE_PX_GOOD, SHARPNESS_GOOD, 128.0, PRESENCE_GOOD)


def posed(yaw: float = 0.0, pitch: float = MIDDLE, roll_deg: float = 0.0) -> Measured:
    return replace(BEST, pose=Pose(yaw, pitch, roll_deg))


AT_LIMITS = {
    "far": replace(BEST, eye_distance_px=PORTRAIT.eye_distance_px_min),
    "blurred": replace(BEST, sharpness=PORTRAIT.sharpness_min),
    "dark": replace(BEST, luma_mean=PORTRAIT.luma_mean_min),
    "bright": replace(BEST, luma_mean=PORTRAIT.luma_mean_max),
    "hidden": replace(BEST, presence=PORTRAIT.presence_min),
    "turned": posed(yaw=PORTRAIT.yaw_max),
    "turned the other way": posed(yaw=-PORTRAIT.yaw_max),
    "looking up": posed(pitch=PORTRAIT.pitch_min),
    "looking down": posed(pitch=PORTRAIT.pitch_max),
    "tilted": posed(roll_deg=PORTRAIT.roll_deg_max),
    "no picture at all": replace(BEST, sharpness=0.0),
    "no mouth below the eyes": posed(pitch=math.inf),
}


def test_a_look_that_wants_nothing_scores_one() -> None:
    assert quality(BEST) == pytest.approx(1)
    assert quality(posed(yaw=POSE_GOOD * PORTRAIT.yaw_max)) == pytest.approx(1)
    for luma in LUMA_GOOD:
        assert quality(replace(BEST, luma_mean=luma)) == pytest.approx(1)


@pytest.mark.parametrize("what", AT_LIMITS)
def test_one_part_at_its_limit_makes_the_whole_nothing(what: str) -> None:
    assert quality(AT_LIMITS[what]) == pytest.approx(0, abs=1e-3)


PARTS = {
    "eye_distance_px": (0.0, 300.0),
    "sharpness": (0.0, 3_000.0),
    "presence": (0.0, 1.0),
}


@pytest.mark.parametrize("part", PARTS)
@given(st.data())
def test_more_of_a_good_part_is_never_worse(part: str, data: st.DataObject) -> None:
    low, high = sorted(data.draw(st.lists(st.floats(*PARTS[part]), min_size=2, max_size=2)))
    assert quality(replace(BEST, **{part: low})) <= quality(replace(BEST, **{part: high}))


@given(st.sampled_from(["yaw", "pitch", "roll_deg"]), st.floats(0, 3), st.floats(0, 3), st.booleans())
def test_turning_further_away_is_never_better(axis: str, one: float, other: float, mirrored: bool) -> None:
    near, far = sorted((one, other))
    unit = {"yaw": PORTRAIT.yaw_max, "pitch": HALF, "roll_deg": PORTRAIT.roll_deg_max}[axis]
    way = -unit if mirrored else unit
    centre = MIDDLE if axis == "pitch" else 0.0
    assert quality(posed(**{axis: centre + far * way})) <= quality(posed(**{axis: centre + near * way}))


@given(st.floats(0, 255), st.floats(0, 255))
def test_light_is_best_in_the_middle(one: float, other: float) -> None:
    low, high = sorted((one, other))
    at = [quality(replace(BEST, luma_mean=luma)) for luma in (low, high)]
    if high <= LUMA_GOOD[0]:
        assert at[0] <= at[1]
    if low >= LUMA_GOOD[1]:
        assert at[0] >= at[1]


MEASURED = st.builds(
    Measured,
    st.builds(Pose, st.floats(-2, 2), st.floats(-2, 3), st.floats(-180, 180)),
    st.floats(0, 500),
    st.floats(0, 5_000),
    st.floats(0, 255),
    st.floats(0, 1),
)


@given(MEASURED)
def test_it_is_a_share_and_nothing_that_is_refused_scores_above_zero(seen: Measured) -> None:
    score = quality(seen)
    assert 0 <= score <= 1
    if faults_of(seen):
        assert score == pytest.approx(0, abs=1e-6)
