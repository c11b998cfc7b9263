"""One admission at a jammed turnstile: for whom it is, and when it is over. The shell without a gate."""

import pytest

from edge.rollcall_gate.adapters.simulated_door import SimulatedDoor
from edge.rollcall_gate.door.doorway import Doorway
from edge.rollcall_gate.door.passage import Effect
from edge.rollcall_gate.ports import Crossing


class Turnstile:
    """A doorway over a simulated door; `done` is what its maker was told."""

    def __init__(self, *, counts: bool = True) -> None:
        self.now_ms = 0
        self.done: list[Effect] = []
        self.doorway = Doorway(
            SimulatedDoor(),
            counts=counts,
            now_ms=lambda: self.now_ms,
            act=self.done.append,
            failed=lambda _: pytest.fail("the door answers"),
        )
        self.doorway.start()

    def wait(self, ms: int) -> None:
        self.now_ms += ms
        self.doorway.tick()


def test_one_at_a_time_is_handed_past() -> None:
    lane = Turnstile()
    lane.doorway.jam(True)
    assert lane.doorway.may_admit
    assert lane.doorway.admit()
    assert not lane.doorway.may_admit
    assert not lane.doorway.admit()
    lane.doorway.crossed(Crossing.FORWARD)
    assert lane.doorway.may_admit
    assert lane.done == [Effect.ALARM_JAM, Effect.RECORD_PASSAGE]


def test_who_is_not_handed_past_within_the_time_of_a_passage_is_dropped_once() -> None:
    lane = Turnstile()
    lane.doorway.jam(True)
    lane.wait(60_000)
    assert lane.doorway.admit()
    lane.wait(14_999)
    assert lane.doorway.pending
    lane.wait(1)
    assert lane.doorway.may_admit
    lane.wait(60_000)
    assert lane.done == [Effect.ALARM_JAM, Effect.DROP_ADMISSION]


def test_after_the_record_nothing_is_left_to_drop() -> None:
    lane = Turnstile()
    lane.doorway.jam(True)
    assert lane.doorway.admit()
    lane.doorway.crossed(Crossing.FORWARD)
    lane.wait(60_000)
    assert lane.done == [Effect.ALARM_JAM, Effect.RECORD_PASSAGE]


def test_who_was_admitted_before_the_jam_has_the_same_time() -> None:
    lane = Turnstile()
    assert lane.doorway.admit()
    lane.wait(5_000)
    lane.doorway.jam(True)
    lane.wait(14_999)
    assert lane.done == [Effect.ALARM_JAM]
    lane.wait(1)
    assert lane.done == [Effect.ALARM_JAM, Effect.DROP_ADMISSION]


def test_without_beams_every_admission_is_a_passage_also_one_from_before_the_jam() -> None:
    lane = Turnstile(counts=False)
    assert lane.doorway.admit()
    lane.doorway.jam(True)
    lane.wait(15_000)
    for _ in range(2):
        assert lane.doorway.records_at_once
        assert lane.doorway.admit()
        assert not lane.doorway.pending
    lane.wait(60_000)
    assert lane.done == [Effect.ALARM_JAM, *[Effect.RECORD_PASSAGE] * 3]
