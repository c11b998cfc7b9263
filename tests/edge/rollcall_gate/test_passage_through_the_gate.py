"""What people do in the doorway, by way of the senses: who is counted, and what is alarmed about."""

from typing import Any

import pytest

from edge.rollcall_gate.app import organs_of
from edge.rollcall_gate.ports import Crossing
from edge.rollcall_gate.senses import Senses
from tests.edge.rollcall_gate.rig import SITTING, Rig
from tests.edge.rollcall_gate.synthetic import member
from wire.records import Passage


class Doorway(Rig):
    """A rig whose senses are the real ones."""

    def __post_init__(self) -> None:
        super().__post_init__()
        nothing: Any = None
        self.senses = Senses(
            organs_of(self.simulated.hardware), nothing, self.gate, lambda what: what(), lambda: None
        )
        self.open_sitting()

    def look(self) -> None:
        self.senses.round()

    def looks(self, times: int = 9) -> None:
        """A door is told shut only when it has looked so for some looks."""
        for _ in range(times):
            self.look()

    def admit(self, who: int = 1) -> None:
        self.badge(member(who), serial=who)
        assert self.seen["method"] == "badge"

    def went_in(self) -> list[int]:
        return [passage.member[0] for passage in self.passages()]


@pytest.fixture
def gate() -> Doorway:
    return Doorway()


def pass_through(gate: Doorway, people: int = 1, way: Crossing = Crossing.FORWARD) -> None:
    assert gate.door.pass_through(people, way)
    gate.looks()


# -- tailgating, wrong way ------------------------------------------------------------------------------


def test_who_slips_in_behind_an_admitted_one_is_alarmed_about_and_not_counted(gate: Doorway) -> None:
    gate.admit()
    pass_through(gate, people=2)
    assert gate.went_in() == [1]
    assert gate.alarms() == ["tailgating"]
    assert gate.door.locked


def test_two_who_are_admitted_one_after_the_other_are_no_tailgaters(gate: Doorway) -> None:
    for who in (1, 2):
        gate.admit(who)
        pass_through(gate)
    assert gate.went_in() == [1, 2]
    assert gate.alarms() == []


def test_who_comes_out_against_the_lane_is_told_so_and_the_one_who_waits_still_goes_in(gate: Doorway) -> None:
    gate.admit()
    gate.door.push()
    gate.look()
    gate.sensor.cross(Crossing.BACKWARD)
    gate.look()
    assert gate.alarms() == ["wrong-direction"]
    assert gate.went_in() == []
    gate.door.let_go(people=1)
    gate.looks()
    assert gate.went_in() == [1]


def test_who_waits_while_somebody_comes_out_and_the_door_falls_shut_still_goes_in(gate: Doorway) -> None:
    gate.admit()
    pass_through(gate, way=Crossing.BACKWARD)
    assert gate.seen["state"] == "released"
    assert not gate.door.locked
    gate.wait(5_000)
    pass_through(gate)
    assert gate.went_in() == [1]
    assert gate.alarms() == ["wrong-direction"]
    assert gate.door.locked


def test_who_does_not_go_in_after_somebody_came_out_is_not_counted(gate: Doorway) -> None:
    gate.admit()
    pass_through(gate, way=Crossing.BACKWARD)
    gate.wait(6_000)
    assert gate.door.locked
    assert gate.went_in() == []


def test_the_wrong_way_is_said_on_the_display(gate: Doorway) -> None:
    gate.sensor.cross(Crossing.BACKWARD)
    gate.look()
    assert gate.display.lines == ("This lane is one way.", "Please turn back.")
    assert gate.alarms() == ["wrong-direction"]
    gate.wait(4_000)
    assert gate.seen["view"] == "ready"


def test_who_climbs_over_a_locked_gate_is_alarmed_about(gate: Doorway) -> None:
    gate.sensor.cross()
    gate.look()
    assert gate.alarms() == ["door-forced"]
    assert gate.went_in() == []


def test_who_thinks_better_of_it_is_not_counted_and_comes_again(gate: Doorway) -> None:
    gate.admit()
    pass_through(gate, people=0)
    assert (gate.went_in(), gate.alarms()) == ([], [])
    assert gate.door.locked
    gate.wait(5_000)
    gate.admit()
    pass_through(gate)
    assert gate.went_in() == [1]


# -- jam, fire ------------------------------------------------------------------------------------------


def test_at_a_jam_people_are_handed_past_and_counted_and_afterwards_it_is_as_before(gate: Doorway) -> None:
    gate.admit()
    gate.door.jam()
    gate.look()
    assert gate.seen["view"] == "jammed"
    assert gate.alarms() == ["door-jammed"]
    assert not gate.door.locked
    gate.sensor.cross()
    gate.look()
    gate.admit(2)
    gate.sensor.cross()
    gate.look()
    assert gate.went_in() == [1, 2]
    gate.door.free()
    gate.look()
    assert gate.door.locked
    assert gate.seen["state"] == "secured"


def test_who_is_admitted_at_a_jam_and_goes_away_does_not_block_the_next_one(gate: Doorway) -> None:
    gate.door.jam()
    gate.look()
    gate.badge(member(1), serial=1)
    gate.wait(15_000)
    gate.sensor.cross()
    gate.look()
    assert gate.went_in() == []
    gate.badge(member(2), serial=2)
    gate.wait(14_000)
    gate.badge(member(3), serial=3)  # too soon: whoever goes now is the second
    gate.sensor.cross()
    gate.look()
    assert gate.went_in() == [2]
    gate.badge(member(4), serial=4)
    gate.sensor.cross()
    gate.look()
    assert gate.went_in() == [2, 4]


def test_who_was_admitted_before_the_jam_is_handed_past_soon_or_not_at_all(gate: Doorway) -> None:
    for who, waits_ms in ((1, 14_000), (2, 15_000)):
        gate.admit(who)
        gate.door.jam()
        gate.look()
        gate.wait(waits_ms)
        gate.sensor.cross()
        gate.look()
        gate.door.free()
        gate.look()
    assert gate.went_in() == [1]


def test_a_gate_that_starts_jammed_does_not_lock() -> None:
    gate = Doorway(at_start=lambda simulated: simulated.door.jam())
    gate.look()
    assert gate.seen["state"] == "jammed"
    assert not gate.door.locked
    assert gate.alarms() == ["door-jammed"]
    gate.door.free()
    gate.look()
    assert gate.door.locked


def test_in_a_fire_the_door_is_open_for_everybody_and_nobody_is_counted(gate: Doorway) -> None:
    gate.admit()
    gate.fire.ring()
    gate.look()
    assert gate.seen["view"] == "evacuation"
    assert not gate.door.locked
    pass_through(gate, people=3, way=Crossing.BACKWARD)
    pass_through(gate, people=1)
    gate.wait(60_000)
    assert not gate.door.locked
    assert gate.went_in() == []
    assert gate.alarms() == ["fire"]


def test_after_a_fire_the_door_is_secured_when_it_is_shut_and_nobody_is_still_admitted(gate: Doorway) -> None:
    gate.admit()
    gate.fire.ring()
    gate.look()
    gate.door.push()
    gate.look()
    gate.fire.silence()
    gate.look()
    assert not gate.door.locked
    gate.door.let_go()
    gate.looks()
    assert gate.door.locked
    assert gate.went_in() == []
    gate.wait(5_000)
    gate.admit()
    pass_through(gate)
    assert gate.went_in() == [1]


def test_a_gate_that_starts_in_a_fire_never_locks_until_it_is_over() -> None:
    gate = Doorway(at_start=lambda simulated: simulated.fire.ring())
    assert not gate.door.locked
    gate.looks()
    gate.wait(5_000)
    assert gate.seen["view"] == "evacuation"
    assert not gate.door.locked
    assert gate.alarms() == ["fire"]
    gate.fire.silence()
    gate.look()
    assert gate.door.locked


def test_a_fire_with_a_jam_ends_in_the_jam(gate: Doorway) -> None:
    gate.fire.ring()
    gate.look()
    gate.door.jam()
    gate.look()
    gate.fire.silence()
    gate.look()
    assert gate.seen["state"] == "jammed"
    assert not gate.door.locked


# -- beams that do not answer, doors without ------------------------------------------------------------


def test_beams_that_fall_silent_are_alarmed_about_and_people_are_counted_by_the_door(gate: Doorway) -> None:
    gate.sensor.cut_wire()
    gate.looks()
    assert gate.alarms() == ["sensor-fault"]
    assert gate.seen["view"] == "ready"
    gate.admit()
    assert gate.door.pass_through()
    gate.looks()
    assert gate.went_in() == [1]
    assert gate.door.locked
    gate.sensor.mend_wire()
    gate.looks()
    gate.admit(2)
    pass_through(gate, people=0)
    assert gate.went_in() == [1], "they tell again who went through"


def test_beams_that_fall_silent_while_somebody_stands_in_the_door_lose_nobody(gate: Doorway) -> None:
    gate.admit()
    gate.door.push()
    gate.look()
    gate.sensor.cut_wire()
    gate.look()
    gate.door.let_go(people=1)
    gate.looks()
    assert gate.went_in() == [1]


def test_beams_that_fall_silent_behind_somebody_count_them_once(gate: Doorway) -> None:
    gate.admit()
    gate.door.push()
    gate.look()
    gate.sensor.cross()
    gate.look()
    gate.sensor.cut_wire()
    gate.door.let_go()
    gate.looks()
    assert gate.went_in() == [1]
    assert gate.alarms() == ["sensor-fault"]


def test_beams_that_flutter_do_not_fill_the_disk(gate: Doorway) -> None:
    for _ in range(30):
        gate.sensor.cut_wire()
        gate.look()
        gate.sensor.mend_wire()
        gate.look()
    assert gate.alarms() == ["sensor-fault"]


def test_a_door_without_beams_counts_whoever_was_admitted_and_opened_it() -> None:
    gate = Doorway(counts=False)
    gate.admit()
    assert gate.door.pass_through()
    gate.looks()
    assert gate.went_in() == [1]
    assert gate.alarms() == []


def test_a_door_without_beams_that_is_wedged_open_counts_who_is_admitted() -> None:
    gate = Doorway(counts=False)
    gate.door.force()
    gate.look()
    for who in (1, 2, 3):
        gate.admit(who)
        gate.wait(10_000)
    assert gate.went_in() == [1, 2, 3]
    gate.admit(4)
    gate.door.let_go()
    gate.looks()
    assert gate.went_in() == [1, 2, 3, 4]
    assert gate.door.locked


# -- held open ------------------------------------------------------------------------------------------


def test_a_door_that_is_kept_open_behind_somebody_goes_on_counting(gate: Doorway) -> None:
    gate.admit()
    gate.door.push()
    gate.look()
    gate.sensor.cross()
    gate.look()
    gate.wait(10_000)
    assert gate.seen["view"] == "shut-door"
    assert gate.alarms() == ["door-held-open"]
    gate.admit(2)
    gate.sensor.cross()
    gate.look()
    assert gate.went_in() == [1, 2]
    gate.sensor.cross()
    gate.look()
    assert gate.alarms()[-1] == "tailgating"
    assert not gate.door.locked


def test_who_is_admitted_at_a_forced_door_and_goes_away_is_not_taken_for_whoever_comes_later(
    gate: Doorway,
) -> None:
    gate.door.force()
    gate.look()
    gate.admit()
    gate.wait(10_000)
    gate.wait(180_000)
    gate.sensor.cross()
    gate.look()
    assert gate.went_in() == []
    assert gate.alarms() == ["door-forced", "tailgating"]
    gate.admit(2)
    gate.sensor.cross()
    gate.look()
    assert gate.went_in() == [2]


# -- in and out -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("direction", ["in", "out"])
def test_a_record_says_which_way(direction: str) -> None:
    gate = Doorway(direction=direction)
    gate.admit()
    pass_through(gate)
    assert gate.passages() == [Passage(SITTING, member(1), direction, "badge")]


def test_who_goes_in_again_is_recorded_again_and_the_count_is_the_fleets(gate: Doorway) -> None:
    for _ in range(2):
        gate.admit()
        pass_through(gate)
        gate.wait(10_000)
    assert gate.passages() == [Passage(SITTING, member(1), "in", "badge")] * 2


def test_when_the_sitting_is_closed_under_somebody_in_the_door_they_get_out_uncounted(gate: Doorway) -> None:
    gate.admit()
    gate.door.push()
    gate.look()
    gate.close_sitting()
    gate.door.let_go(people=1)
    gate.looks()
    assert gate.went_in() == []
    assert gate.door.locked
    assert gate.seen["view"] == "no-sitting"


def test_no_alarm_of_the_doorway_names_anybody(gate: Doorway) -> None:
    gate.admit(7)
    pass_through(gate, people=2)
    gate.sensor.cross(Crossing.BACKWARD)
    gate.looks()
    rows = [row for row in gate.disk.rows.values() if b"alarm/1" in row]
    assert len(rows) == 2
    assert not any(member(7) in row for row in rows)
