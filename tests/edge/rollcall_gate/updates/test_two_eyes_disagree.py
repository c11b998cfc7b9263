"""What counts as agreement before the door, and when a shadow run is over. On glances made of numbers."""

import threading
from dataclasses import replace

import numpy as np
import pytest

from edge.device.errors import UpdateRefused
from edge.rollcall_gate.frames import EmbedderId, Embedding, FaceBox, Frame, Pixels
from edge.rollcall_gate.trial import shadow as shadow_run
from edge.rollcall_gate.trial.agreement import Glance, Pair, Rules, Tally, agree
from edge.rollcall_gate.trial.shadow import Eyes, ShadowRun, Sides
from edge.rollcall_gate.who.presentation import UNCALIBRATED, PadThresholds, Presentation
from tests.edge.rollcall_gate.synthetic import EMBEDDER, at_angle
from tests.edge.rollcall_gate.updates.a_gate import Warming
from tests.edge.rollcall_gate.updates.glances import face
from tests.servers.waiting import wait_until

OTHER = EmbedderId(bytes(32), EMBEDDER.runtime)
RULES = Rules(frames=100, every=1, deadline_ms=60_000)
PICTURE: Pixels = np.zeros((48, 64, 3), np.uint8)


def saw(
    box: FaceBox | None = None,
    probe: Embedding | None = None,
    score: float | None = 0.9,
    verdict: Presentation = Presentation.BONA_FIDE,
) -> Glance:
    return Glance(0, box or face(), verdict, score, at_angle(0) if probe is None else probe)


NOBODY = Glance(0)


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        (NOBODY, NOBODY, True),
        (saw(), NOBODY, False),
        (NOBODY, saw(), False),
        (saw(), saw(face(left=14)), True),
        (saw(), saw(face(left=35)), False),
        (saw(), saw(face(side=15)), False),
        (saw(), saw(score=0.1, verdict=Presentation.ATTACK), False),
        (saw(score=0.51), saw(score=0.49, verdict=Presentation.DOUBT), True),
        (saw(score=None, verdict=Presentation.NOT_LOOKED_AT), saw(), True),
        (saw(), saw(score=None, verdict=Presentation.NOT_LOOKED_AT), False),
        (saw(), saw(probe=at_angle(5)), True),
        (saw(), saw(probe=at_angle(15)), False),
        (saw(), replace(saw(), probe=None), False),
        (replace(saw(), probe=None), replace(saw(), probe=None), True),
    ],
)
def test_what_counts_for_the_door(before: Glance, after: Glance, same: bool) -> None:
    assert agree(Pair(before, after), None, RULES) is same


def of_other(degrees: float) -> Glance:
    return saw(probe=at_angle(degrees, embedder=OTHER))


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        ((0, 10), (50, 55), True),
        ((0, 90), (0, 90), True),
        ((0, 10), (0, 90), False),
        ((0, 90), (5, 5), False),
    ],
)
def test_another_embedder_is_asked_by_itself_and_never_held_against_this_one(
    before: tuple[float, float], after: tuple[float, float], same: bool
) -> None:
    """Each pair: where one embedder saw the first face, and the second one."""
    first = Pair(saw(probe=at_angle(before[0])), of_other(after[0]))
    second = Pair(saw(probe=at_angle(before[1])), of_other(after[1]))
    assert agree(first, None, RULES)
    assert agree(second, first, RULES) is same


# -- enough --------------------------------------------------------------------------------------------------


def tally(agreeing: int, disagreeing: int, *, took_s: tuple[float, float] = (0.01, 0.01)) -> Tally:
    found = Tally()
    for pair in [Pair(saw(), saw())] * agreeing + [Pair(saw(), NOBODY)] * disagreeing:
        found.add(pair, took_s, None, RULES)
    return found


def test_it_is_stopped_when_it_can_no_longer_pass_and_not_before() -> None:
    assert tally(0, 2).cause(RULES, over=False) == ""
    assert tally(0, 3).cause(RULES, over=False) == "disagrees"
    assert tally(98, 2).cause(RULES, over=True) == ""
    assert tally(98, 1).cause(RULES, over=True) == "unseen"
    assert tally(10, 1).cause(RULES, over=True) == "disagrees"


def test_time_is_judged_at_the_end_and_only_by_enough_looks() -> None:
    slow = (0.010, 0.0131)
    assert tally(50, 0, took_s=slow).cause(RULES, over=False) == ""
    assert tally(50, 0, took_s=slow).cause(RULES, over=True) == "latency"
    assert tally(9, 0, took_s=slow).cause(RULES, over=True) == "unseen"
    assert tally(100, 0, took_s=(0.010, 0.0129)).cause(RULES, over=True) == ""


def test_an_empty_lane_counts_for_time_alone() -> None:
    found = Tally()
    for _ in range(20):
        found.add(Pair(NOBODY, NOBODY), (0.002, 0.004), None, RULES)
    assert found.readings() == {
        "frames": 0,
        "agree-ppm": 1_000_000,
        "latency-before-us": 2000,
        "latency-after-us": 4000,
    }
    assert found.cause(RULES, over=True) == "latency"


def test_frames_without_anybody_make_nobody_else_agree() -> None:
    found = tally(9, 1)
    for _ in range(100):
        found.add(Pair(NOBODY, NOBODY), (0.01, 0.01), None, RULES)
    assert found.readings()["agree-ppm"] == 900_000


# -- the run -------------------------------------------------------------------------------------------------


class Numbers:
    """Eyes that see what they are told."""

    def __init__(self, seen: Glance | Exception) -> None:
        self.seen = seen


@pytest.fixture
def looking(monkeypatch: pytest.MonkeyPatch) -> None:
    def glance(eyes: Numbers, frame: Frame, _: PadThresholds) -> Glance:
        if isinstance(eyes.seen, Exception):
            raise eyes.seen
        return replace(eyes.seen, captured_ms=frame.captured_ms)

    monkeypatch.setattr(shadow_run, "glance", glance)


class Hand:
    now_ms = 0


def run_of(before: Glance | Exception, after: Glance | Exception, warming: Warming, hand: Hand) -> ShadowRun:
    sides = Sides(*(Eyes(Numbers(seen), UNCALIBRATED) for seen in (before, after)))  # type: ignore[arg-type]
    return ShadowRun(sides, RULES, warming, lambda: hand.now_ms, spent_s=lambda: 0.0)


def frame(at_ms: int = 0) -> Frame:
    return Frame(PICTURE, at_ms)


@pytest.mark.usefixtures("looking")
def test_a_device_that_gets_hot_stops_it_at_once() -> None:
    warming = Warming(50_000)
    run = run_of(saw(), saw(), warming, Hand())
    run.look(frame())
    warming.temperature_mc = 60_000
    run.look(frame())
    assert run.readings() is None
    warming.temperature_mc = 60_001
    run.look(frame())
    warming.temperature_mc = 50_000
    run.look(frame())
    with pytest.raises(UpdateRefused) as refused:
        run.readings()
    assert refused.value.cause == "hot"
    assert refused.value.readings["temperature-rise-mc"] == 10_001


@pytest.mark.usefixtures("looking")
@pytest.mark.parametrize("somebody", [0, RULES.frames - 1])
def test_where_too_few_walk_by_it_ends_by_the_clock_and_nothing_has_passed(somebody: int) -> None:
    """Whatever the candidates are: on what nobody saw they cannot have agreed."""
    hand = Hand()
    run = run_of(NOBODY, NOBODY, Warming(), hand)
    run.look(frame())
    run._tally = tally(somebody, 0)
    hand.now_ms = RULES.deadline_ms - 1
    assert run.readings() is None
    hand.now_ms = RULES.deadline_ms
    with pytest.raises(UpdateRefused, match="let somebody walk through") as refused:
        run.readings()
    assert refused.value.cause == "unseen"
    assert refused.value.readings["frames"] == somebody


@pytest.mark.usefixtures("looking")
def test_where_enough_walk_by_it_has_passed_at_once() -> None:
    run = run_of(saw(), saw(), Warming(), Hand())
    for _ in range(RULES.frames - 1):
        run.look(frame())
    assert run.readings() is None
    run.look(frame())
    assert run.readings() == {"frames": RULES.frames, "agree-ppm": 1_000_000} | times(run)


def times(run: ShadowRun) -> dict[str, int]:
    return {name: value for name, value in run._tally.readings().items() if name.startswith("latency")}


@pytest.mark.usefixtures("looking")
def test_the_camera_never_waits_and_the_newest_frame_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """A look that never ends: the senses go on offering, and all but one frame are forgotten."""
    begun, end = threading.Event(), threading.Event()
    looked: list[int] = []

    def hang(_: ShadowRun, shown: Frame) -> None:
        looked.append(shown.captured_ms)
        begun.set()
        end.wait(10)

    monkeypatch.setattr(ShadowRun, "look", hang)
    run = run_of(saw(), saw(), Warming(), Hand())
    for at_ms in range(5):
        run.offer(frame(at_ms))  # nobody has looked yet: each takes the place of the one before
    run.start()
    assert begun.wait(10)
    for at_ms in range(5, 1000):
        run.offer(frame(at_ms))
    assert looked == [4]
    end.set()
    run.close()
    assert looked == [4]
    run.offer(frame(1001))
    assert run._newest is None


@pytest.mark.usefixtures("looking")
def test_networks_that_fail_at_a_frame_end_the_run_and_nothing_else() -> None:
    run = run_of(saw(), RuntimeError("a kernel died"), Warming(), Hand())
    run.start()
    run.offer(frame())
    wait_until(lambda: not run._thread.is_alive(), "its thread has ended")
    with pytest.raises(UpdateRefused) as refused:
        run.readings()
    assert refused.value.cause == "trial-crashed"
    run.close()
