"""The passage table, and the same promises through the whole gate."""

import threading
from collections.abc import Callable
from itertools import product
from queue import SimpleQueue
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.rollcall_gate.adapters.simulated_camera import SimulatedCamera
from edge.rollcall_gate.adapters.simulated_door import SimulatedDoor
from edge.rollcall_gate.adapters.simulated_panel import SimulatedBadgeReader
from edge.rollcall_gate.decide import Sample
from edge.rollcall_gate.errors import ModelError
from edge.rollcall_gate.frames import Frame
from edge.rollcall_gate.passage import LOCKABLE, TABLE, TIMEOUT_MS, Effect, Event, State, step
from edge.rollcall_gate.senses import Organs, Senses
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


@given(st.lists(st.sampled_from(list(Event)), max_size=40))
def test_whatever_happens_the_bolt_never_moves_while_the_door_is_open(events: list[Event]) -> None:
    state, is_open, locked, admitted, recorded = State.SECURED, False, True, 0, 0
    for event in events:
        if (event is Event.OPENED and is_open) or (event is Event.CLOSED and not is_open):
            continue  # a contact changes, or says nothing
        is_open = event is Event.OPENED or (is_open and event is not Event.CLOSED)
        stepped = step(state, event)
        for effect in stepped.effects:
            assert not (effect is Effect.SECURE and is_open)
            locked = {Effect.SECURE: True, Effect.RELEASE: False}.get(effect, locked)
            recorded += effect is Effect.RECORD_PASSAGE
        admitted += event is Event.ADMIT and stepped.state is not state
        state = stepped.state
        assert locked <= (state in LOCKABLE or state is State.FORCED)
    assert recorded <= admitted


def test_every_pair_is_answered_and_unknown_ones_change_nothing() -> None:
    for state, event in product(State, Event):
        stepped = step(state, event)
        if (state, event) not in TABLE:
            assert (stepped.state, stepped.effects, stepped.known) == (state, (), False)


def test_every_state_that_ends_by_itself_has_a_timeout_and_no_other_does() -> None:
    assert {state for state, event in TABLE if event is Event.TIMEOUT} == set(TIMEOUT_MS)


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
    for _ in range(60):
        rig.wait(1_000)
        assert not rig.door.locked
    assert rig.seen["state"] == "held-open"
    assert rig.alarms() == ["door-held-open"]
    rig.door.let_go()
    rig.look()
    assert rig.door.locked
    assert [p.member for p in rig.passages()] == [member(1)]


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
    assert rig.seen["state"] == "passing"
    rig.door.let_go()
    rig.look()
    assert [p.method for p in rig.passages()] == ["badge"]


def test_a_cut_wire_lets_people_out_and_says_so(rig: Rig) -> None:
    rig.door.cut_wire()
    rig.badge(member(1))
    assert not rig.door.locked
    assert rig.display.lines == ("The door does not answer. Please see the usher.",)
    assert rig.alarms() == ["door-fault"]


def test_after_the_wire_is_mended_the_bolt_is_where_the_table_says(rig: Rig) -> None:
    rig.door.cut_wire()
    rig.badge(member(1))
    rig.wait(7_000)  # the release ended while nothing answered
    rig.door.mend_wire()
    rig.gate.on_door_back()
    assert rig.door.locked


def test_a_gate_that_starts_with_somebody_in_its_door_does_not_lock() -> None:
    door = SimulatedDoor()
    door.force()
    rig = Rig(door=door)
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
    assert rig.seen["state"] == "passing"
    rig.look()
    assert rig.door.locked
    assert [p.member for p in rig.passages()] == [member(1)]
    assert rig.alarms() == []


def test_a_contact_that_bounces_while_the_door_falls_shut_is_tried_again(rig: Rig) -> None:
    admit(rig)
    rig.door.push()
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
    door = SimulatedDoor()
    door.force()
    rig = Rig(door=door)
    assert rig.seen["state"] == "forced"
    door.let_go()
    no_pipeline: Any = None
    senses = Senses(
        Organs(SimulatedCamera(rig.clock.monotonic_ms), SimulatedBadgeReader(), door),
        no_pipeline,
        rig.gate,
        lambda what: what(),
    )
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

    def sample(self, frame: Frame) -> Sample:
        self.asked.set()
        raise self.err


@pytest.mark.parametrize("err", [ModelError("inference failed"), ZeroDivisionError("unforeseen")])
def test_a_network_that_fails_does_not_stop_the_watch_over_the_door(rig: Rig, err: Exception) -> None:
    done: SimpleQueue[Callable[[], None]] = SimpleQueue()
    broken: Any = Broken(err)
    senses = Senses(Organs(Standing(), SimulatedBadgeReader(), rig.door), broken, rig.gate, done.put)
    senses.start()
    try:
        assert broken.asked.wait(20)
        rig.badge(member(1))
        rig.door.pass_through()
        while not rig.passages():
            done.get(timeout=20)()
    finally:
        senses.close()
    assert [p.member for p in rig.passages()] == [member(1)]
    assert ("camera-fault" in rig.alarms()) == isinstance(err, ModelError)
