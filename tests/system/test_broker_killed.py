"""kill -9 of the broker, with records and votes on their way through it."""

from tests.system.hall import SystemHall


def test_what_was_on_its_way_is_stored_once(hall: SystemHall) -> None:
    talker = hall.talker("gate-broker-killed")
    talker.say(300)
    hall.until(lambda: talker.marked > 0, "the first receipts")
    dead = hall.kill("broker")
    talker.say(300)
    hall.until_back("broker", dead)
    hall.until_drained(talker)
    talker.stop()


def test_a_vote_pressed_while_it_is_dead_is_recorded_and_counted_once(hall: SystemHall) -> None:
    question = hall.open_question()
    first, *others = hall.keypads
    hall.until_shows(first, "open", says=question)
    log = len(hall.fleet_log())
    hall.kill("broker")
    hall.press(first, "yes", "ok")
    hall.until_shows(first, "recorded")
    for name in others:
        hall.until_shows(name, "open", says=question)
    result = hall.close_question(question)
    assert result == {"choices": {first: "yes"}, "uncounted": []}
    said = hall.fleet_log()[log:]
    assert said.count("killed by SIGKILL") == 1, said
    hall.audited()
