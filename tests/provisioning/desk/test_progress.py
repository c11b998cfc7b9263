"""What is done and what is left, in words, for every state a claim can be in."""

import pytest

from provisioning.desk.claims import State
from provisioning.desk.progress import hall, next_step, report, steps, story
from provisioning.desk.words import SAY
from provisioning.errors import FleetRefused
from provisioning.plan import plan_of
from tests.provisioning.desk.conftest import DeskUnderTest
from tests.provisioning.desk.fleet_under_test import FleetUnderTest, place


def test_steps_are_done_one_after_the_other_until_green(desk: DeskUnderTest, fleet: FleetUnderTest) -> None:
    fleet.plan(place("seat-1"), place("seat-2"))

    def done() -> int:
        return sum(step.is_done for step in steps(desk.claim(device), plan_of(list(fleet.places.values()))))

    device = desk.device()
    device.hello()
    assert done() == 1
    desk.place(device, "seat-1")
    assert done() == 2
    device.press()
    desk.until(device, "granted")
    assert done() == 6, "five steps, and the fleet of these tests is green at once"
    device.installed(device.grant())
    assert done() == 7
    plan = plan_of(list(fleet.places.values()))
    found = hall(plan, desk.opened.book.claims.in_force())
    assert (found.places, found.placed, found.green, found.left) == (2, 1, 1, ("Seat seat-2",))
    assert report(desk.opened.book.claims.every(), plan)[0].startswith("1/2 vị trí xanh")
    assert story(desk.claim(device), plan)[-1].endswith("nothing is left to do")


@pytest.mark.parametrize("state", [state for state in State if state is not State.REFUSED])
def test_every_state_says_what_to_do_next(desk: DeskUnderTest, state: State) -> None:
    from dataclasses import replace

    device = desk.device()
    device.hello()
    vietnamese, english = next_step(replace(desk.claim(device), state=state))
    assert vietnamese != english
    assert vietnamese


def test_a_hall_without_a_plan_says_how_to_get_one(desk: DeskUnderTest) -> None:
    assert "places import" in hall(plan_of([]), []).words[1]


def test_an_answer_that_is_no_plan_is_the_fleets_fault_in_words() -> None:
    with pytest.raises(FleetRefused, match="one release"):
        plan_of([{"place": "seat-1"}])


@pytest.mark.parametrize("key", SAY)
def test_every_sentence_has_both_languages_with_the_same_gaps(key: str) -> None:
    import re

    vietnamese, english = SAY[key]
    gaps = [set(re.findall(r"\{(\w+)\}", text)) for text in (vietnamese, english)]
    assert vietnamese
    assert english
    assert gaps[0] <= gaps[1]
