"""A question from its preparation to its certified result, driven through the API as the secretariat does."""

import pytest
from starlette.testclient import TestClient

from fleet.votes import acts
from fleet.votes import store as votes
from tests.fleet.hall_under_test import HallUnderTest, ok, refused
from tests.fleet.votes.assembly import QUESTION, SITTING, Assembly
from wire.records import OpenBallot, QuestionChanged, RollPage, SittingChanged

pytestmark = pytest.mark.slow


@pytest.fixture
def assembly(any_hall: HallUnderTest) -> Assembly:
    return Assembly(any_hall)


def test_from_opening_to_the_signed_result(assembly: Assembly) -> None:
    assembly.open_sitting()
    assembly.enter(1, 2, 3)
    assembly.prepare()
    assert assembly.step("open")["state"] == "open"
    assembly.press(1, "yes")
    assembly.press(2, "no")
    assembly.press(2, "yes")
    assembly.press(3, "abstain")
    asked = ok(assembly.chair.get("/api/questions/q1"))
    assert (asked["voted"], asked["seated"], asked["missing"]) == (3, 4, [])
    closed = assembly.step("close")
    assert closed["state"] == "closed"
    result = ok(assembly.chair.get("/api/questions/q1/result"))
    assert (result["yes"], result["no"], result["abstain"], result["cast"]) == (2, 0, 1, 3)
    assert (result["outcome"], result["present"], result["summoned"]) == ("carried", 3, 4)
    choices = sorted((row["seat"], row["name"], row["choice"]) for row in result["choices"])
    assert choices == [
        ("A1", "Lan", "yes"), ("A2", "Minh", "yes"), ("A3", "Nga", "abstain"),
    ]  # fmt: skip
    assert [(row["seat"], row["why"]) for row in result["uncounted"]] == [("A2", "superseded")]
    assert assembly.step("certify")["state"] == "certified"
    states = [body.state for body in assembly.hall.desk_bodies() if isinstance(body, QuestionChanged)]
    assert states == ["prepared", "open", "closed", "certified"]


def test_while_open_nobody_is_told_more_than_the_turnout(assembly: Assembly) -> None:
    assembly.open_sitting()
    assembly.prepare()
    assembly.step("open")
    assembly.press(1, "yes")
    refused(assembly.chair.get("/api/questions/q1/result"), 409, "no-result")
    shown = assembly.chair.get("/api/board").text
    assert ok(assembly.chair.get("/api/board"))["question"]["voted"] == 1
    for told in (shown, assembly.chair.get("/api/questions/q1").text):
        assert "yes" not in told
        assert '"result":null' in told or "result" not in told


def test_opening_names_the_seats_that_are_not_ready_and_changes_nothing(assembly: Assembly) -> None:
    assembly.open_sitting()
    assembly.prepare()
    assembly.hall.clock.step(20_000)
    assembly.hall.alive("keypad-1", "keypad-3")
    answer = assembly.chair.post("/api/questions/q1/open", json={})
    assert "A2, A4" in refused(answer, 409, "seats-missing")
    assert answer.json()["seats"] == ["A2", "A4"]
    assert ok(assembly.chair.get("/api/questions/q1"))["state"] == "prepared"
    assert assembly.step("open", accept_missing=True)["state"] == "open"


def test_closing_names_the_seats_that_went_silent(assembly: Assembly) -> None:
    assembly.open_sitting()
    assembly.prepare()
    assembly.step("open")
    assembly.hall.clock.step(16_000)
    assembly.hall.alive("keypad-1", "keypad-2", "keypad-3")
    answer = assembly.chair.post("/api/questions/q1/close", json={})
    refused(answer, 409, "seats-missing")
    assert answer.json()["seats"] == ["A4"]
    assert assembly.step("close", accept_missing=True)["state"] == "closed"


def test_a_close_that_is_not_in_the_log_yet_is_said_to_be_closing(assembly: Assembly) -> None:
    assembly.open_sitting()
    assembly.prepare()
    assembly.step("open")
    assembly.hall.ingest_runs = False
    answer = assembly.chair.post("/api/questions/q1/close", json={"accept_missing": True})
    assert (answer.status_code, answer.json()["state"]) == (202, "closing")
    assert 4.9 <= sum(assembly.hall.waited) <= 5.1
    refused(assembly.chair.post("/api/questions/q1/certify", json={}), 409, "wrong-state")
    refused(assembly.chair.post("/api/sittings/s1/close", json={}), 409, "question-open")
    assert "closing" in refused(assembly.chair.get("/api/questions/q1/result"), 409, "no-result")
    assembly.press(1, "yes")  # the desk's close becomes a leaf first
    assembly.hall.alive()
    with assembly.hall.office.look() as connection:
        assert [question.question for question in votes.closing(connection)] == ["q1"]
    assert acts.complete(assembly.hall.office) == ["q1"]
    result = ok(assembly.chair.get("/api/questions/q1/result"))
    assert (result["cast"], [row["why"] for row in result["uncounted"]]) == (0, ["late"])


def test_while_the_close_is_not_in_the_log_nobody_counts_in_vain(
    assembly: Assembly, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is asked twenty times a second, just when ingest needs the machine."""
    assembly.open_sitting()
    assembly.prepare()
    assembly.step("open")
    assembly.press(1, "yes")
    assembly.hall.ingest_runs = False

    def counted(*_: object) -> None:
        raise AssertionError("every ballot verified for nothing")

    with monkeypatch.context() as patched:
        patched.setattr(acts, "count", counted)
        answer = assembly.chair.post("/api/questions/q1/close", json={"accept_missing": True})
        assert answer.status_code == 202
    assembly.hall.append()
    assert acts.complete(assembly.hall.office) == ["q1"]


def test_a_ballot_while_held_does_not_count_and_is_not_in_the_turnout(assembly: Assembly) -> None:
    assembly.open_sitting()
    assembly.prepare()
    assembly.step("open")
    assembly.press(1, "yes")
    assembly.step("hold")
    assembly.press(2, "yes")
    assert ok(assembly.chair.get("/api/questions/q1"))["voted"] == 1
    assembly.step("resume")
    assembly.press(3, "no")
    assembly.step("close")
    result = ok(assembly.chair.get("/api/questions/q1/result"))
    assert (result["yes"], result["no"]) == (1, 1)
    assert [(row["seat"], row["why"]) for row in result["uncounted"]] == [("A2", "held")]


def test_a_result_does_not_change_after_it_is_frozen(assembly: Assembly) -> None:
    assembly.open_sitting()
    assembly.enter(1, 2)
    assembly.prepare()
    assembly.step("open")
    assembly.press(1, "yes")
    assembly.step("close")
    before = ok(assembly.chair.get("/api/questions/q1/result"))
    assembly.press(2, "no")
    assembly.enter(3, 4)
    assert ok(assembly.chair.get("/api/questions/q1/result")) == before


def test_no_quorum_is_the_outcome_whatever_the_votes_say(assembly: Assembly) -> None:
    assembly.open_sitting()
    assembly.enter(1)
    assembly.prepare()
    assembly.step("open")
    for number in range(1, 5):
        assembly.press(number, "yes")
    assembly.step("close")
    assert ok(assembly.chair.get("/api/questions/q1/result"))["outcome"] == "no-quorum"


@pytest.mark.parametrize("which", ["hold", "resume", "close", "certify"])
def test_steps_out_of_turn_are_refused_in_words(assembly: Assembly, which: str) -> None:
    assembly.open_sitting()
    assembly.prepare()
    sentence = refused(assembly.chair.post(f"/api/questions/q1/{which}", json={}), 409, "wrong-state")
    assert "prepared" in sentence


def test_one_question_at_a_time(assembly: Assembly) -> None:
    assembly.open_sitting()
    assembly.prepare()
    assembly.prepare("q2")
    assembly.step("open")
    refused(assembly.chair.post("/api/questions/q2/open", json={}), 409, "another-open")


def test_no_ballot_before_the_sitting_is_open(assembly: Assembly) -> None:
    assembly.prepare()
    refused(assembly.chair.post("/api/questions/q1/open", json={}), 409, "sitting-not-open")


def test_the_log_learns_roll_before_opening_and_seats_as_they_are(assembly: Assembly) -> None:
    assembly.open_sitting()
    bodies = [b for b in assembly.hall.desk_bodies() if isinstance(b, RollPage | SittingChanged)]
    assert [type(body) for body in bodies] == [RollPage, SittingChanged]
    page = bodies[0]
    assert isinstance(page, RollPage)
    assert dict(page.rows) == {assembly.member(number): f"keypad-{number}" for number in range(1, 5)}


def test_a_swapped_keypad_speaks_for_its_new_member_only(assembly: Assembly) -> None:
    technician: TestClient = assembly.hall.client("technician")
    assembly.hall.register(technician, "spare-1")
    assembly.hall.alive()
    assembly.open_sitting()
    assembly.prepare(revote=False)
    assembly.step("open")
    ok(technician.put("/api/sittings/s1/seats/spare-1", json={"member": assembly.members[1]}))
    assembly.hall.append(("keypad-2", OpenBallot(SITTING, QUESTION, assembly.member(2), "no")))
    assembly.hall.append(("spare-1", OpenBallot(SITTING, QUESTION, assembly.member(2), "yes")))
    assembly.step("close")
    result = ok(assembly.chair.get("/api/questions/q1/result"))
    assert [(row["device"], row["choice"]) for row in result["choices"]] == [("spare-1", "yes")]
    assert [(row["device"], row["why"]) for row in result["uncounted"]] == [("keypad-2", "not-seated")]


def test_after_a_withdrawal_the_list_has_no_name_and_the_numbers_stay(assembly: Assembly) -> None:
    assembly.open_sitting()
    assembly.prepare()
    assembly.step("open")
    assembly.press(1, "yes")
    assembly.step("close")
    ok(assembly.chair.delete(f"/api/members/{assembly.members[0]}"))
    result = ok(assembly.chair.get("/api/questions/q1/result"))
    assert (result["yes"], result["choices"][0]["name"]) == (1, None)


def test_two_who_count_at_the_same_moment_freeze_one_result_with_one_line(assembly: Assembly) -> None:
    assembly.open_sitting()
    assembly.prepare()
    assembly.step("open")
    assembly.hall.ingest_runs = False
    assembly.chair.post("/api/questions/q1/close", json={"accept_missing": True})
    assembly.hall.append()
    with assembly.hall.office.look() as connection:
        (waiting,) = votes.closing(connection)
    assert [acts._complete(assembly.hall.office, waiting) for _ in range(2)] == [True, False]
    lines = ok(assembly.hall.client("auditor").get("/api/audit"))
    assert [line["action"] for line in lines].count("question.counted") == 1
