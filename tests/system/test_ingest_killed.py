"""kill -9 of ingest, in the middle of what it is storing."""

from functools import partial

from tests.system.hall import SystemHall
from tests.system.talker import Talker


def test_what_it_was_storing_is_stored_once(hall: SystemHall) -> None:
    talker = hall.talker("gate-ingest-killed")
    since = len(hall.fleet_log())
    for _ in range(3):
        marked = talker.marked
        talker.say(250)
        hall.until(partial(_has_more_than, talker, marked), "some receipts")
        dead = hall.kill("ingest")
        hall.until_back("ingest", dead)
    hall.until_drained(talker)
    assert hall.fleet_log()[since:].count("ingest ended (killed by SIGKILL)") == 3
    hall.vote("yes")
    hall.audited()
    talker.stop()


def test_the_same_on_postgresql(postgres_hall: SystemHall) -> None:
    test_what_it_was_storing_is_stored_once(postgres_hall)


def _has_more_than(talker: Talker, marked: int) -> bool:
    return talker.marked > marked
