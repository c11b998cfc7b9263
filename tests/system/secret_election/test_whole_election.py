"""A whole secret election with real processes: fleet, broker, keypads, officers and a witness; without kills
on mosquitto, with them on nats-server. At its end the numbers are what people pressed, and a stranger's
program says so."""

import random
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.servers.brokers import require
from tests.system.secret_election.course import RECORDED, Course
from tests.system.secret_election.faults import Faults
from tests.system.secret_election.hall import ElectionHall
from tests.system.secret_election.people import plan
from tests.system.secret_election.record import Said, said_by_key

SEED = 7
EXTRA = ("spare-1", "late-1")
pytestmark = pytest.mark.timeout(900)


@contextmanager
def a_hall(kind: str, *, real: int, light: int, dying: int, crowds: int, seed: int) -> Iterator[ElectionHall]:
    """It runs. What goes wrong in it is told with the fleet's last words."""
    require(kind)
    crowd = plan([f"crowd-{number:03}" for number in range(1, light + 1)], random.Random(seed), dying)
    names = [f"keypad-{number}" for number in range(1, real + 1)]
    hall = ElectionHall(kind, names, crowd, EXTRA, crowds=crowds, seed=seed)
    try:
        hall.start()
        hall.start_units()
        yield hall
    except Exception as err:
        err.add_note(hall.fleet_log()[-6000:])
        raise
    finally:
        hall.stop()


def held_to_the_end(course: Course) -> None:
    """From the close on: ends, dispositions, tally, shares, result; then everything is looked at."""
    hall = course.hall
    course.close()
    course.until_in_the_record()
    course.count()
    export = hall.export("end")
    said = course.verified(export)
    course.watch.lap("the independent verifier")
    hall.audited_election(export)
    course.watch.lap("the audit")

    assert course.result["counts"] == course.pressed()
    assert f"{course.result['counted']}" in said
    nobody_was_told_what_is_not_so(course, said_by_key(export, course.papers))
    took_s = course.watch.since("the chair closes")
    print(f"{took_s:8.1f} s  in all, from the close; held {course.holds} times")  # noqa: T201  # as the laps


def nobody_was_told_what_is_not_so(course: Course, said: dict[str, Said]) -> None:
    """Every screen that ever said `recorded` has its leaf, every code that was shown its ballot, and nobody
    has two votes."""
    units = {name: said[key] for name, key in course.units.items() if key in said}
    rows = {row["name"]: row for row in course.hall.report()}
    people = {name: (set(row["seen"]), row["codes"]) for name, row in rows.items()}
    people |= {name: (seat.voter.seen, seat.voter.codes) for name, seat in course.seats.items()}
    assert len(units) == len(people) == len(course.hall.with_seats) + len(EXTRA)
    for name, (seen, codes) in people.items():
        assert units[name].casts == (1 if seen & RECORDED else 0), name
        assert set(codes) <= units[name].codes, name
    assert all(rows[name]["starts"] > 1 for name in course.hall.crowd.cuts)
    checked = [name for name, wishes in course.hall.crowd.wishes.items() if len(wishes) > 1]
    assert sum(units[name].checks > 0 for name in checked) == len(checked) - len(course.hall.crowd.cuts)


def test_an_election_of_a_small_hall_in_which_nobody_dies() -> None:
    with a_hall("mosquitto", real=4, light=20, dying=0, crowds=1, seed=SEED) as hall:
        course = Course(hall, SEED, one_dies=False)
        course.prepare()
        course.open()
        course.vote(within_s=4.0)
        held_to_the_end(course)


def test_five_hundred_keypads_vote_while_everything_is_killed_in_turn() -> None:
    within_s = 40.0
    with a_hall("nats", real=8, light=492, dying=4, crowds=6, seed=SEED) as hall:
        course = Course(hall, SEED)
        course.prepare()
        course.open()
        faults = Faults(hall, hall.real[2:], within_s, SEED)
        course.vote(within_s, faults)
        assert set(faults.done) >= {"ingest", "broker", "api"}
        held_to_the_end(course)
