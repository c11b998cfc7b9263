"""Two beams: who went through and which way, whatever the receivers flutter."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.rollcall_gate.door.beams import STUCK_MS, Beam, BeamEdge, Lane, observe, stuck
from edge.rollcall_gate.ports import Crossing

FORWARD, BACKWARD = Crossing.FORWARD, Crossing.BACKWARD
IN = ["a", "ab", "b", ""]
OUT = ["b", "ab", "a", ""]
CLOSE_BEHIND = ["a", "ab", "b", "ab", "a", "ab", "b", ""]
MIRROR = {"": "", "a": "b", "b": "a", "ab": "ab"}


def seen(path: Iterable[str], lane: Lane | None = None, first: Beam = Beam.A) -> list[Crossing]:
    """path: which beams are broken, moment by moment. first: whose edge is told first when both change."""
    lane, through = lane or Lane(), []
    for at_ms, moment in enumerate(path):
        for beam in sorted(Beam, key=lambda beam: beam is not first):
            stepped = observe(lane, BeamEdge(beam, beam in moment, at_ms))
            lane = stepped.lane
            through += stepped.crossings
    return through


@pytest.mark.parametrize(
    ("path", "through"),
    [
        (IN, [FORWARD]),
        (OUT, [BACKWARD]),
        (IN + IN, [FORWARD, FORWARD]),
        (IN + OUT, [FORWARD, BACKWARD]),
        (CLOSE_BEHIND, [FORWARD, FORWARD]),
        (["a", "ab", "b", "ab", "a", *CLOSE_BEHIND[1:]], [FORWARD] * 3),
        ([MIRROR[moment] for moment in CLOSE_BEHIND], [BACKWARD, BACKWARD]),
    ],
)
def test_the_order_of_the_beams_tells_how_many_and_which_way(
    path: list[str], through: list[Crossing]
) -> None:
    assert seen(path) == through


@pytest.mark.parametrize(
    "path",
    [
        ["a", ""],  # looks in
        ["b", ""],
        ["a", "ab", "a", ""],  # turns round in the middle
        ["b", "ab", "b", ""],
        ["a", "ab", "b", "ab", "a", ""],  # turns round at the far end
        ["a", "", "b", ""],  # a hand on this side, then one on the other
    ],
)
def test_who_turns_round_went_nowhere(path: list[str]) -> None:
    assert seen(path) == []


def test_nobody_is_told_before_the_lane_is_clear() -> None:
    assert seen(IN[:-1]) == []


@pytest.mark.parametrize("first", Beam)
@pytest.mark.parametrize("began", ["a", "b", "ab"])
@pytest.mark.parametrize("ends", [["ab", "a", ""], ["ab", "b", ""]])
def test_who_stood_in_the_beams_before_the_gate_looked_came_from_nowhere(
    began: str, ends: list[str], first: Beam
) -> None:
    assert seen([*ends, *IN], Lane(dict.fromkeys(map(Beam, began), 0)), first) == [FORWARD]


def flutter(path: list[str], counts: list[int]) -> list[str]:
    """Each change bounces so many times before it holds."""
    moments, before = [], ""
    for moment, count in zip(path, counts, strict=False):
        moments += [moment, before] * count + [moment]
        before = moment
    return moments


@given(
    st.lists(st.sampled_from(["in", "out"]), max_size=6),
    st.lists(st.integers(0, 4), min_size=24, max_size=24),
)
def test_bouncing_receivers_count_nobody_twice_and_lose_nobody(people: list[str], bounces: list[int]) -> None:
    path = [moment for way in people for moment in (IN if way == "in" else OUT)]
    assert seen(flutter(path, bounces)) == [FORWARD if way == "in" else BACKWARD for way in people]


@given(st.lists(st.sampled_from(["", "a", "b", "ab"]), max_size=80))
def test_whatever_the_receivers_say_the_lane_mirrors_and_recovers(path: list[str]) -> None:
    ahead = seen([*path, "", *IN])
    mirrored = seen([MIRROR[moment] for moment in [*path, "", *IN]], first=Beam.B)
    assert mirrored == [BACKWARD if way is FORWARD else FORWARD for way in ahead]
    assert ahead[-1] is FORWARD


@given(st.lists(st.sampled_from(["", "a", "b", "ab"]), max_size=80))
def test_nobody_is_through_without_having_broken_both_beams_and_left_the_other_way(path: list[str]) -> None:
    way_out = sum("b" in moment for moment in path)
    assert len(seen([*path, ""])) <= way_out


def test_a_beam_that_stays_broken_is_a_fault_and_a_person_who_stands_there_is_not() -> None:
    lane = observe(Lane(), BeamEdge(Beam.A, True, 1_000)).lane
    assert not stuck(lane, 1_000 + STUCK_MS - 1)
    assert stuck(lane, 1_000 + STUCK_MS) == {Beam.A}
    cleared = observe(lane, BeamEdge(Beam.A, False, 90_000)).lane
    assert not stuck(cleared, 10**9)


@pytest.mark.parametrize("beam", Beam)
def test_each_beam_is_timed_by_itself_whatever_the_other_sees(beam: Beam) -> None:
    other = Beam.B if beam is Beam.A else Beam.A
    lane = observe(Lane(), BeamEdge(beam, True, 0)).lane
    for at_ms in range(5_000, STUCK_MS, 5_000):
        for is_broken in (True, False):
            stepped = observe(lane, BeamEdge(other, is_broken, at_ms))
            lane = stepped.lane
            assert stepped.crossings == ()
        assert not stuck(lane, at_ms)
    assert stuck(lane, STUCK_MS) == {beam}


def test_who_walked_in_while_a_beam_was_stuck_is_not_told_of_when_it_is_mended() -> None:
    lane = Lane({Beam.B: 0})
    for beam, is_broken, at_ms in (
        (Beam.A, True, STUCK_MS),
        (Beam.B, False, STUCK_MS + 100),
        (Beam.A, False, STUCK_MS + 200),
    ):
        stepped = observe(lane, BeamEdge(beam, is_broken, at_ms))
        lane = stepped.lane
        assert stepped.crossings == ()
    assert seen(IN, lane) == [FORWARD]


def test_the_beams_are_trusted_again_only_once_both_are_clear() -> None:
    lane = Lane({Beam.B: 0, Beam.A: STUCK_MS - 500})
    assert stuck(lane, STUCK_MS) == {Beam.B}, "the fault is that of the dirty one, not of who walks by"
    lane = observe(lane, BeamEdge(Beam.B, False, STUCK_MS)).lane
    assert stuck(lane, STUCK_MS + 1) == {Beam.A}
    lane = observe(lane, BeamEdge(Beam.A, False, STUCK_MS + 2)).lane
    assert not stuck(lane, 10**9)


def test_saying_it_again_does_not_make_a_stuck_beam_younger() -> None:
    lane = observe(Lane(), BeamEdge(Beam.A, True, 0)).lane
    again = observe(lane, BeamEdge(Beam.A, True, STUCK_MS - 1)).lane
    assert stuck(again, STUCK_MS)
