"""What the passage table promises (test_passage_table.py), through the whole gate."""

import threading
from collections.abc import Callable
from dataclasses import replace
from queue import SimpleQueue
from typing import Any

import numpy as np
import pytest

from edge.rollcall_gate.app import organs_of
from edge.rollcall_gate.errors import ModelError
from edge.rollcall_gate.eyes.lookout import Lookout
from edge.rollcall_gate.eyes.track import EVERYWHERE
from edge.rollcall_gate.frames import FaceBox, Frame
from edge.rollcall_gate.senses import Senses
from edge.rollcall_gate.who.decide import Sample
from tests.edge.rollcall_gate.rig import Rig
from tests.edge.rollcall_gate.synthetic import at_angle, member


@pytest.fixture
def rig() -> Rig:
    made = Rig()
    made.enrol((member(1), 0, at_angle(0)))
    made.open_sitting()
    return made


def admit(rig: Rig) -> None:
    rig.walk(*[Sample(probe=at_angle(1))] * 3)
    assert rig.seen["state"] == "released"


def test_who_does_not_enter_is_not_counted_and_the_door_is_secured(rig: Rig) -> None:
    admit(rig)
    rig.wait(6_000)
    assert rig.door.locked
    assert rig.passages() == []
    assert not rig.go_through()


def test_who_stands_in_the_door_is_never_locked_onto(rig: Rig) -> None:
    admit(rig)
    rig.door.push()
    rig.look()
    for _ in range(40):
        rig.wait(1_000)
        assert not rig.door.locked
    assert rig.seen["state"] == "held-open"
    assert rig.alarms() == ["door-held-open"]
    rig.door.let_go(people=1)
    rig.look()
    rig.look()
    assert rig.door.locked
    assert [p.member for p in rig.passages()] == [member(1)]


def test_who_stood_in_the_door_too_long_is_not_locked_onto_and_goes_in_as_nobody(rig: Rig) -> None:
    admit(rig)
    rig.door.push()
    rig.look()
    for _ in range(120):
        rig.wait(1_000)
        assert not rig.door.locked
    assert rig.seen["state"] == "forced"
    rig.door.let_go(people=1)
    rig.look()
    rig.look()
    assert rig.door.locked
    assert rig.passages() == []
    assert rig.alarms() == ["door-held-open", "tailgating"]


def test_a_forced_door_raises_an_alarm_and_counts_nobody(rig: Rig) -> None:
    rig.door.force()
    rig.look()
    assert rig.alarms() == ["door-forced"]
    assert rig.display.lines == ("Please let the door fall shut.",)
    rig.door.let_go()
    rig.look()
    assert rig.door.locked
    assert rig.passages() == []


def test_a_badge_at_a_forced_door_is_counted_when_the_door_falls_shut(rig: Rig) -> None:
    rig.door.force()
    rig.look()
    rig.badge(member(1))
    assert rig.seen["state"] == "admitted-open"
    rig.door.let_go(people=1)
    rig.look()
    rig.look()
    assert [p.method for p in rig.passages()] == ["badge"]


def test_a_cut_wire_lets_people_out_and_says_so(rig: Rig) -> None:
    rig.door.cut_wire()
    rig.badge(member(1))
    assert not rig.door.locked
    assert rig.display.lines == ("Stored. Thank you.",)  # to the one; then to everybody:
    rig.wait(5_000)
    assert rig.display.lines == ("The door is out of order.", "Please see the usher.")
    assert rig.alarms() == ["door-fault"]
    assert [p.method for p in rig.passages()] == ["badge"]


def test_after_the_wire_is_mended_the_bolt_is_where_the_table_says(rig: Rig) -> None:
    rig.door.cut_wire()
    rig.badge(member(1))
    rig.wait(7_000)  # the release ended while nothing answered
    rig.door.mend_wire()
    rig.gate.on_door_back()
    assert rig.door.locked


def test_a_gate_that_starts_with_somebody_in_its_door_does_not_lock() -> None:
    rig = Rig(forced=True)
    door = rig.door
    assert not door.locked
    assert rig.seen["state"] == "forced"
    rig._was_open = True
    door.let_go()
    rig.look()
    assert door.locked
    assert rig.alarms() == []


def test_a_gate_that_starts_with_its_door_shut_secures_it() -> None:
    assert Rig().door.locked


def test_who_pushes_in_the_last_moment_is_not_locked_onto_and_is_counted(rig: Rig) -> None:
    """The release ends between the push and the senses' next look at the contact."""
    admit(rig)
    rig.door.pass_through()
    rig.wait(6_000)
    assert not rig.door.locked
    rig.look()
    assert rig.seen["state"] == "passed"
    rig.look()
    assert rig.door.locked
    assert [p.member for p in rig.passages()] == [member(1)]
    assert rig.alarms() == []


def test_a_contact_that_bounces_while_the_door_falls_shut_is_tried_again(rig: Rig) -> None:
    admit(rig)
    rig.door.push()
    rig.look()
    rig.sensor.cross()
    rig.look()
    rig.gate.on_door(False)  # the senses saw it shut; when the bolt is to go out it reads open again
    assert (rig.seen["state"], rig.door.locked) == ("secured", False)
    rig.door.let_go()
    assert not rig.door.is_open
    rig.wait(500)
    assert rig.door.locked
    assert [p.member for p in rig.passages()] == [member(1)]


def test_every_forced_opening_raises_an_alarm_but_a_fluttering_contact_does_not_fill_the_disk(
    rig: Rig,
) -> None:
    for _ in range(3):
        for _ in range(5):
            rig.door.force()
            rig.look()
            rig.door.let_go()
            rig.look()
        rig.wait(10_000)
    assert rig.alarms() == ["door-forced"] * 3


def test_a_door_that_falls_shut_before_the_first_look_does_not_stay_released() -> None:
    rig = Rig(forced=True)
    door = rig.door
    assert rig.seen["state"] == "forced"
    door.let_go()
    nothing: Any = None
    senses = Senses(organs_of(rig.simulated.hardware), nothing, rig.gate, lambda what: what(), lambda: None)
    senses.round()
    assert (rig.seen["state"], door.locked) == ("secured", True)


class Standing:
    """A camera before which somebody always stands."""

    def read(self) -> Frame:
        return Frame(np.zeros((8, 8, 3), np.uint8), 0)

    def close(self) -> None:
        """Nothing to give back."""


class Broken:
    """A pipeline that fails like a network, or like nothing that anybody foresaw."""

    def __init__(self, err: Exception) -> None:
        self.err = err
        self.asked = threading.Event()

    def faces(self, frame: Frame) -> list[FaceBox]:
        self.asked.set()
        raise self.err


@pytest.mark.parametrize("err", [ModelError("inference failed"), ZeroDivisionError("unforeseen")])
def test_a_network_that_fails_does_not_stop_the_watch_over_the_door(rig: Rig, err: Exception) -> None:
    done: SimpleQueue[Callable[[], None]] = SimpleQueue()
    broken: Any = Broken(err)
    organs = replace(organs_of(rig.simulated.hardware), camera=Standing())
    senses = Senses(organs, Lookout(broken, EVERYWHERE), rig.gate, done.put, lambda: None)
    senses.start()
    try:
        assert broken.asked.wait(20)
        rig.badge(member(1))
        rig.door.pass_through()
        while not rig.passages():
            done.get(timeout=60)()
    finally:
        senses.close()
    assert [p.member for p in rig.passages()] == [member(1)]
    assert rig.alarms() == ["camera-fault"]
