"""A secret question over the API from its preparation to its protocol, with papers that officers sign."""

import pytest

from ballot.documents.bodies import Bind
from fleet.secret.rules import LIFE, Step, next_state, papers_due
from tests.ballot.board.election import ABSTAIN, CONGRESS, HALL, NO, YES, Unit
from tests.fleet.hall_under_test import ok, refused
from tests.fleet.secret.congress import QUESTION, SITTING, Congress, SecretHall
from wire.voting import ContestChanged, ContestNotice, DocumentPage, Terms

pytestmark = pytest.mark.slow


def test_a_secret_question_goes_from_its_preparation_to_a_certified_result(hall: SecretHall) -> None:
    congress = Congress(hall).opened()
    congress.vote(YES, YES, NO, ABSTAIN)
    congress.closed().ended()
    tally = congress.tallied()
    assert ok(congress.share(tally, 1), 201)["kind"] == "share/1"
    refused(congress.browser.get(congress.path("/result")), 409, "no-result")
    ok(congress.share(tally, 3), 201)
    result = ok(congress.browser.get(congress.path("/result")))

    assert result["counts"] == [2, 1, 1]
    assert (result["outcome"], result["counted"], result["trustees"]) == ("carried", 4, [1, 3])
    assert [option["label"] for option in result["options"]] == ["Tán thành", "Không", "Không ý kiến"]
    assert congress.seen()["due"][0]["kind"] == "result/1"
    ok(congress.hand_in(congress.result_body(), ("board-1", "board-2")), 201)
    congress.follow()
    assert congress.seen()["state"] == "certified"
    assert congress.election.board.contests[congress.contest].course.state == "certified"
    assert congress.election.board.contests[congress.contest].course.results
    assert congress.seen()["with_key"] == 0, "which unit had which key is forgotten"


def test_its_rule_is_in_the_log_as_secret_before_it_opens(hall: SecretHall) -> None:
    congress = Congress(hall)
    terms = [body for body in hall.desk_bodies() if isinstance(body, Terms)]
    changes = [body for body in hall.desk_bodies() if isinstance(body, ContestChanged)]

    assert [(each.question, each.secret, each.reveal_s) for each in terms] == [(QUESTION, True, 0)]
    assert [(each.contest, each.state) for each in changes] == [(congress.contest, "prepared")]


def test_the_commission_gets_every_seat_with_the_key_of_its_unit(hall: SecretHall) -> None:
    congress = Congress(hall)
    text = congress.browser.get(congress.path("/session-keys")).text

    from officers.commission.seats import seats_in

    seats = seats_in(text.encode(), "list", hall.random)
    assert sorted(each.seat for each in seats) == ["A1", "A2", "A3", "A4"]
    assert {each.key for each in seats} == {unit.raw_key for unit in congress.election.units}


def test_seats_whose_unit_has_no_key_yet_are_named(hall: SecretHall) -> None:
    congress = Congress(hall)
    technician = hall.client("technician")
    hall.register(technician, "keypad-9")
    ok(
        congress.browser.put(
            f"/api/sittings/{SITTING}/seats/keypad-9", json={"member": congress.members[1], "seat": "A2"}
        )
    )

    assert congress.seen()["without_key"] == ["A2"]


def test_papers_go_down_to_the_units_as_they_were_signed(hall: SecretHall) -> None:
    congress = Congress(hall).opened()
    told = [row for row in _told(hall) if isinstance(row[1], DocumentPage)]

    assert [(audience, page.document_kind) for audience, page in told] == [
        ("all", "key-record/1"),
        ("all", "roll/1"),
        ("all", "manifest/1"),
    ]
    notices = [body for _, body in _told(hall) if isinstance(body, ContestNotice)]
    assert [(each.state, each.contest) for each in notices] == [("open", congress.contest)]


def test_each_unit_is_told_its_row_and_no_other_is(hall: SecretHall) -> None:
    congress = Congress(hall).opened()
    entries = {audience: body for audience, body in _told(hall) if body.kind == "roll-entry/1"}

    assert sorted(entries) == [f"keypad-{number}" for number in range(1, 5)]
    for number, unit in enumerate(congress.election.units, start=1):
        assert unit.raw_key in entries[f"keypad-{number}"].row
        path = entries[f"keypad-{number}"].path
        roll = congress.election.rows.roll(CONGRESS)
        steps = [path[at : at + 32] for at in range(0, len(path), 32)]
        entry = entries[f"keypad-{number}"]
        assert roll.row(entry.row, entry.index, steps).voter == unit.voter


def test_the_counter_rises_with_every_notice(hall: SecretHall) -> None:
    congress = Congress(hall).opened()
    before = _notice(hall).counter
    congress.step("hold")
    held = _notice(hall).counter
    congress.step("announce")

    assert before < held < _notice(hall).counter


def test_while_it_runs_the_api_says_how_many_have_voted_and_never_who(hall: SecretHall) -> None:
    congress = Congress(hall).opened()
    congress.vote(YES, NO)
    seen = congress.seen()

    assert (seen["cast"], seen["enabled"], seen["state"]) == (2, 4, "open")
    assert not {unit.voter.hex() for unit in congress.election.units} & set(str(seen).split("'"))
    refused(congress.browser.get(congress.path("/ends")), 409, "not-yet-closed")


def test_units_that_are_not_ready_after_the_opening_are_named_by_seat(hall: SecretHall) -> None:
    congress = Congress(hall).opened()
    for unit in congress.election.units[:3]:
        unit.ready()

    assert congress.seen()["not_ready"] == ["A4"]


def test_it_can_be_held_and_resumed_and_closed_while_held(hall: SecretHall) -> None:
    congress = Congress(hall).opened()
    ok(congress.step("hold"))
    assert congress.seen()["state"] == "held"
    ok(congress.step("resume"))
    ok(congress.step("hold"))
    congress.closed()

    assert congress.seen()["state"] == "closed"


def test_a_swapped_unit_is_bound_by_the_commission_and_told_so(hall: SecretHall) -> None:
    congress = Congress(hall).opened()
    technician = hall.client("technician")
    hall.register(technician, "keypad-9")
    old = congress.election.units[0]
    fresh = Unit(congress.election, old.voter, 1)
    congress.say_key(0, fresh.raw_key, "keypad-9")
    bind = Bind(CONGRESS, congress.contest, old.voter, 1, fresh.raw_key, "hỏng màn hình")
    ok(congress.hand_in(bind), 201)
    congress.follow()
    congress.election.units[0] = fresh
    congress.vote(YES, YES, YES, NO)
    told = {
        audience
        for audience, body in _told(hall)
        if isinstance(body, DocumentPage) and body.document_kind == "bind/1"
    }

    assert told == {"keypad-1", "keypad-9"}
    assert congress.seen()["cast"] == 4


def test_every_paper_can_be_fetched_as_it_stands(hall: SecretHall) -> None:
    congress = Congress(hall).ready_to_open()
    for paper in congress.seen()["papers"]:
        data = congress.browser.get(f"/api/documents/{paper['hash']}").content
        assert congress.upload(data).json()["hash"] == paper["hash"]
    assert len(congress.seen()["papers"]) == 4


def test_the_papers_it_waits_for_are_those_of_its_state() -> None:
    assert papers_due("prepared", ["key-record/1"], 0, 2) == ["roll/1", "roll-rows/1", "manifest/1"]
    assert papers_due("tallied", ["tally/1"], 1, 2) == ["share/1"]
    assert papers_due("tallied", ["tally/1", "share/1"], 2, 2) == ["result/1"]
    assert papers_due("cancelled", [], 0, 2) == []


def test_no_step_of_the_secretariat_closes_or_reopens_it() -> None:
    assert set(LIFE.values()) == {"open", "held"}
    assert next_state("closed", Step.OPEN) is None


def _told(hall: SecretHall) -> list[tuple[str, object]]:
    from sqlalchemy import select

    from fleet.db import reading
    from fleet.tables import downlink
    from wire.down import parse_down
    from wire.envelope import Purpose, verify
    from wire.ids import DESK, DeviceId

    with reading(hall.engine) as connection:
        rows = connection.execute(select(downlink).order_by(downlink.c.audience, downlink.c.page)).all()
    key = hall.office.desk.signer.public_key
    return [
        (
            row.audience,
            parse_down(
                verify(row.envelope, Purpose.DOWN, DESK, key), HALL, DeviceId(row.audience), now_ms=0
            ).body,
        )
        for row in rows
    ]


def _notice(hall: SecretHall) -> ContestNotice:
    return next(body for _, body in _told(hall) if isinstance(body, ContestNotice))


def test_of_two_that_are_prepared_the_one_that_is_announced_is_on_show(hall: SecretHall) -> None:
    congress = Congress(hall)
    asked = {"question": "q2", "text": "Khác?", "preset": "simple-majority"}
    path = f"/api/sittings/{SITTING}/secret-questions"
    ok(congress.browser.post(path, json=asked), 201)
    assert _notice(hall).question == "q2"
    hall.clock.step(1000)
    ok(congress.step("announce"))

    assert _notice(hall).question == QUESTION
    assert [each["question"] for each in ok(congress.browser.get("/api/contests"))] == [QUESTION, "q2"]
