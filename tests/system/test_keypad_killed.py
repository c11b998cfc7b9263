"""kill -9 of a keypad, before and after the delegate's OK."""

from tests.system.hall import SystemHall
from tests.system.one_broker import ON_ONE_BROKER

pytestmark = ON_ONE_BROKER


def test_a_vote_that_was_stored_is_recorded_after_the_restart_and_counted_once(hall: SystemHall) -> None:
    question = hall.open_question()
    name, *others = hall.keypads
    for each in hall.keypads:
        hall.until_shows(each, "open", says=question)
    hall.press(name, "yes", "ok")
    hall.processes.kill(name)
    for other in others:
        hall.press(other, "no", "ok")
        hall.until_shows(other, "recorded")
    hall.start_keypad(name)
    hall.until_shows(name, "recorded", says=question)
    assert hall.look(name)["choice"] == "yes"
    expected = {name: "yes", **dict.fromkeys(others, "no")}
    assert hall.close_question(question) == {"choices": expected, "uncounted": []}
    hall.audited()


def test_a_choice_without_ok_is_nobodys_vote(hall: SystemHall) -> None:
    question = hall.open_question()
    name = hall.keypads[0]
    hall.until_shows(name, "open", says=question)
    hall.press(name, "yes")
    hall.until_shows(name, "chosen")
    hall.processes.kill(name)
    hall.start_keypad(name)
    hall.until_shows(name, "open", says=question)
    assert hall.close_question(question)["choices"] == {}
