"""kill -9 of ingest, in the middle of what it is storing."""

from tests.system.hall import SystemHall


def test_what_it_was_storing_is_stored_once(hall: SystemHall) -> None:
    talker = hall.talker("gate-ingest-killed")
    since = len(hall.fleet_log())
    for _ in range(3):
        marked = talker.marked
        talker.say(250)
        hall.until(lambda marked=marked: talker.marked > marked, "some receipts")
        dead = hall.kill("ingest")
        hall.until_back("ingest", dead)
    hall.until_drained(talker)
    assert hall.fleet_log()[since:].count("ingest ended (killed by SIGKILL)") == 3
    hall.vote("yes")
    hall.audited()
    talker.stop()


def test_the_same_on_postgresql(postgres_hall: SystemHall) -> None:
    test_what_it_was_storing_is_stored_once(postgres_hall)
