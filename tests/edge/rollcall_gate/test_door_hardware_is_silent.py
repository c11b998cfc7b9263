"""The door's hardware does not answer: the lock has let go, and everybody counts unseen."""

from collections.abc import Callable

import pytest

from edge.rollcall_gate.door.doorway import Doorway
from edge.rollcall_gate.door.passage import Effect, State
from edge.rollcall_gate.errors import DoorError
from edge.rollcall_gate.who.decide import Sample
from tests.edge.rollcall_gate.rig import Rig
from tests.edge.rollcall_gate.synthetic import at_angle, member

SILENT = DoorError("the lock does not answer (test)")


@pytest.fixture
def rig() -> Rig:
    made = Rig()
    made.enrol((member(1), 0, at_angle(0)))
    made.expect((member(4), 4, "Di", "4"))
    made.open_sitting()
    return made


def fall_silent(rig: Rig) -> None:
    rig.door.cut_wire()
    rig.gate.on_door_fault(SILENT)


def went_in(rig: Rig) -> list[tuple[int, str]]:
    return [(passage.member[0], passage.method) for passage in rig.passages()]


@pytest.mark.parametrize(
    ("come", "recorded"),
    [
        (lambda rig: rig.walk(*[Sample(probe=at_angle(1))] * 3), (1, "face")),
        (lambda rig: rig.badge(member(2), serial=2), (2, "badge")),
        (lambda rig: rig.usher_admits(member(3)), (3, "usher")),
        (lambda rig: rig.pin(member(4), 4), (4, "pin")),
    ],
)
def test_whoever_is_admitted_by_any_way_in_is_counted_at_once(
    rig: Rig, come: Callable[[Rig], None], recorded: tuple[int, str]
) -> None:
    fall_silent(rig)
    come(rig)
    assert went_in(rig) == [recorded]
    rig.wait(20_000)
    rig.badge(member(9), serial=9)
    assert went_in(rig) == [recorded, (9, "badge")], "and the next one, too"
    assert not rig.door.locked


def test_who_was_admitted_just_before_walks_in_unseen_and_is_counted_once(rig: Rig) -> None:
    rig.badge(member(1))
    assert rig.seen["state"] == "released"
    for _ in range(3):
        fall_silent(rig)
        rig.wait(6_000)
        assert went_in(rig) == [(1, "badge")]
    assert rig.alarms() == ["door-fault"]


def test_when_it_answers_again_the_bolt_comes_back_and_people_are_seen_as_before(rig: Rig) -> None:
    fall_silent(rig)
    rig.badge(member(2), serial=2)
    rig.door.mend_wire()
    rig.wait(1_000)
    assert not rig.door.locked, "not before the senses have said that it answers"
    rig.gate.on_door_back()
    assert rig.door.locked
    rig.badge(member(3), serial=3)
    assert went_in(rig) == [(2, "badge")]
    assert rig.go_through()
    assert went_in(rig) == [(2, "badge"), (3, "badge")]


class OneContactSilent:
    """A door whose lock and reed answer; what its third wire says is the test's."""

    def __init__(self) -> None:
        self.locked = False

    def release(self) -> None:
        self.locked = False

    def secure(self) -> bool:
        self.locked = True
        return True

    is_open = is_jammed = False

    def close(self) -> None:
        """Nothing to give back."""


def test_a_door_of_which_a_part_is_silent_lets_go_and_does_not_lock_before_the_admitted_one() -> None:
    door, done = OneContactSilent(), list[Effect]()
    doorway = Doorway(door, counts=True, now_ms=lambda: 0, act=done.append, failed=lambda _: None)
    doorway.start()
    assert door.locked
    doorway.fault(SILENT)
    assert not door.locked, "in doubt, released"
    for _ in range(2):
        assert doorway.admit()
        assert not door.locked
        assert not doorway.pending
    assert done == [Effect.RECORD_PASSAGE] * 2
    doorway.tick()
    assert not door.locked
    doorway.back()
    assert door.locked
    assert doorway.state is State.SECURED
