"""The broker dies while the fleet is down, with everything it had acknowledged and not yet delivered.

A mosquitto killed like this has lost 5,780 of 10,000 acknowledged messages: what a broker acknowledges counts
for nothing here.
"""

import signal

from tests.system.hall import SystemHall


def test_what_the_broker_had_acknowledged_and_lost_is_sent_again(hall: SystemHall) -> None:
    talker = hall.talker("gate-broker-and-fleet")
    talker.say(50)
    hall.until_drained(talker)
    name = hall.keypads[0]
    question = hall.open_question()
    hall.until_shows(name, "open", says=question)
    since = len(hall.fleet_log())
    hall.processes.signal("fleet", signal.SIGSTOP)  # nobody starts anything again
    hall.kill("api")
    hall.kill("ingest")
    behind = talker.runtime.counters.go_backs
    talker.say(300)
    hall.press(name, "yes", "ok")
    hall.until(lambda: talker.runtime.counters.go_backs > behind, "the broker has taken records, unanswered")
    hall.until_shows(name, "stored")
    hall.kill("broker")
    talker.say(50)
    assert talker.marked == 50
    hall.processes.signal("fleet", signal.SIGCONT)
    hall.until_drained(talker)
    hall.until_shows(name, "recorded")
    assert hall.close_question(question) == {"choices": {name: "yes"}, "uncounted": []}
    for part in ("ingest", "api"):
        hall.once(f"{part} ended (killed by SIGKILL)", since)
    hall.vote("no")
    hall.audited()
    talker.stop()


def test_a_supervisor_that_is_killed_leaves_nothing_that_stands_in_its_successors_way(
    hall: SystemHall,
) -> None:
    talker = hall.talker("gate-supervisor-killed")
    talker.say(100)
    hall.processes.kill("fleet")
    talker.say(100)
    hall.serve()
    hall.until_drained(talker)
    hall.vote("yes")
    talker.stop()
