"""Which seat spoke for which voter: shown to nobody while the vote runs, and forgotten after it."""

from typing import Any

import pytest
from sqlalchemy import select

from ballot.documents.bodies import Bind, Cancel
from fleet.db import reading
from fleet.secret.rules import next_counter
from fleet.tables import contests, downlink
from tests.ballot.board.election import ABSTAIN, CONGRESS, HALL, NO, YES, Unit
from tests.fleet.hall_under_test import ok
from tests.fleet.secret.congress import Congress, SecretHall

pytestmark = pytest.mark.slow


def test_seats_that_are_ready_are_named_to_the_secretariat_alone(hall: SecretHall) -> None:
    congress = Congress(hall).opened()
    for unit in congress.election.units[:3]:
        unit.ready()
    watcher = ok(hall.client("auditor", "staff").get(congress.path()))

    assert (watcher["not_ready"], watcher["not_ready_n"]) == ([], 1)
    assert congress.seen()["not_ready"] == ["A4"]


def test_after_the_certification_no_message_tells_which_unit_spoke_for_whom(hall: SecretHall) -> None:
    congress = Congress(hall).opened()
    _swap_the_first_unit(congress)
    congress.vote(YES, YES, NO, ABSTAIN)
    congress.closed().ended()
    tally = congress.tallied()
    ok(congress.share(tally, 1), 201)
    ok(congress.share(tally, 2), 201)
    assert _of_units(hall), "while it runs every unit is told its row"
    ok(congress.hand_in(congress.result_body(), ("board-1", "board-2")), 201)

    assert _of_units(hall) == []
    assert {(row.audience, row.kind) for row in _told(hall)} >= {("all", "contest/1"), ("all", "document/1")}


def test_after_a_cancellation_neither(hall: SecretHall) -> None:
    congress = Congress(hall).opened()
    assert _of_units(hall)
    ok(congress.hand_in(Cancel(CONGRESS, HALL, congress.contest, "sai danh sách")), 201)

    assert _of_units(hall) == []
    assert congress.seen()["with_key"] == 0


def test_what_is_forgotten_is_of_the_vote_that_is_over_alone(hall: SecretHall) -> None:
    congress = Congress(hall).opened()
    told = _of_units(hall)
    other = congress.contest[::-1]
    with hall.office.act("somebody", "test.told", "x") as act:
        from fleet.secret.telling import forget_units
        from wire.ids import ContestId

        forget_units(act, ContestId(other))

    assert _of_units(hall) == told


def test_a_notice_after_a_restore_is_above_those_before_it(hall: SecretHall) -> None:
    congress = Congress(hall).opened()
    with reading(hall.engine) as connection:
        counter = connection.execute(select(contests.c.counter)).scalar_one()

    assert counter >= hall.clock.now_ms // 1000
    assert next_counter(counter, hall.clock.now_ms) == counter + 1
    assert congress.seen()["state"] == "open"


def _swap_the_first_unit(congress: Congress) -> None:
    hall = congress.hall
    hall.register(hall.client("technician"), "keypad-9")
    old = congress.election.units[0]
    fresh = Unit(congress.election, old.voter, 1)
    congress.say_key(0, fresh.raw_key, "keypad-9")
    ok(congress.hand_in(Bind(CONGRESS, congress.contest, old.voter, 1, fresh.raw_key, "hỏng")), 201)
    congress.follow()
    congress.election.units[0] = fresh


def _of_units(hall: SecretHall) -> list[tuple[str, str]]:
    kinds = ("roll-entry/1", "document/1")
    return [(row.audience, row.kind) for row in _told(hall) if row.audience != "all" and row.kind in kinds]


def _told(hall: SecretHall) -> list[Any]:
    with reading(hall.engine) as connection:
        query = select(downlink.c.audience, downlink.c.kind).order_by(downlink.c.audience, downlink.c.kind)
        return list(connection.execute(query))


def test_the_live_page_shows_the_turnout_of_a_secret_vote_and_no_seat(hall: SecretHall) -> None:
    congress = Congress(hall).opened()
    congress.vote(YES, NO)
    hall.clock.step(1000)
    shown = ok(congress.browser.get("/api/board"))["question"]

    assert shown == {
        "question": "q1",
        "text": "Bầu chủ tịch?",
        "state": "open",
        "secret": True,
        "seated": 4,
        "voted": 2,
        "held_why": None,
        "result": None,
    }
