"""A device's disk was copied: two of them sign different records with the same seq."""

import shutil

from tests.system.hall import SystemHall
from tests.system.one_broker import ON_ONE_BROKER

pytestmark = ON_ONE_BROKER


def test_the_first_stays_and_the_second_is_an_alarm_at_both_ends(hall: SystemHall) -> None:
    name = "gate-copied"
    first = hall.talker(name)
    first.say(10)
    hall.until_drained(first)
    first.stop()
    folder, copy = hall.device(name), hall.device(f"{name}-copy")
    shutil.copytree(folder, copy)
    genuine = hall.talker(name)
    genuine.say(5)
    hall.until_drained(genuine)
    stored = hall.stored(name)
    genuine.stop()
    since = len(hall.fleet_log())
    shutil.rmtree(folder)
    copy.rename(folder)
    clone = hall.talker(name)
    clone.say(2)
    hall.until(lambda: clone.last > 12, "the clone raises its alarm")
    hall.until_said(f"{name} has signed two records with seq", since)
    assert clone.marked == 10
    assert hall.stored(name) == stored
    hall.until(
        lambda: hall.rows("SELECT seq FROM records WHERE device = 'store' AND kind = 'alarm/1'"),
        "the proof is in the log",
    )
    hall.once(f"{name} has signed two records with seq", since)
    clone.stop()
    hall.audited()
