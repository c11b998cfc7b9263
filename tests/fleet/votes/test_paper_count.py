"""Ballots counted by hand: two accounts, box by box; what differs is named, and nothing is lost."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.fleet.hall_under_test import HallUnderTest, ok, refused
from tests.fleet.votes.assembly import Assembly
from wire.down import BallotNotice
from wire.voting import PaperCount

pytestmark = pytest.mark.slow

MOTION = {"issued": 4, "returned": 4, "yes": 2, "no": 1, "abstain": 1}


@pytest.fixture
def assembly(hall: HallUnderTest) -> Assembly:
    return Assembly(hall)


@pytest.fixture
def second(assembly: Assembly) -> TestClient:
    return assembly.hall.client("secretariat", account="minh")


def enter(browser: TestClient, sheet: dict[str, Any], box: str = "box-1") -> dict[str, Any]:
    found: dict[str, Any] = ok(browser.put(f"/api/questions/q1/boxes/{box}", json=sheet))
    return found


def opened(assembly: Assembly, **asked: object) -> None:
    assembly.open_sitting()
    assembly.enter(1, 2, 3, 4)
    assembly.prepare(**{"boxes": ["box-1"], **asked})
    assembly.hall.clock.step(60_000)  # no keypad is heard of: none is needed
    assembly.step("open")


def test_what_two_people_found_alike_is_signed_and_goes_through_the_same_rule(
    assembly: Assembly, second: TestClient
) -> None:
    opened(assembly)
    assert enter(assembly.chair, MOTION)["state"] == "waiting"
    assert [body for body in assembly.hall.desk_bodies() if isinstance(body, PaperCount)] == []
    agreed = enter(second, MOTION)
    assert (agreed["state"], agreed["by"]) == ("agreed", ["secretariat", "minh"])
    assembly.hall.append()
    assert assembly.step("close")["state"] == "closed"
    result = assembly.result()
    assert (result["outcome"], result["yes"], result["no"], result["abstain"]) == ("carried", 2, 1, 1)
    assert (result["paper"], result["choices"]) == (True, [])
    assert result["boxes"][0]["by"] == ["secretariat", "minh"]
    assert ok(assembly.chair.get("/api/board"))["question"]["paper"] is True


def test_papers_that_were_spoilt_and_exchanged_are_in_the_log_and_in_the_protocol(
    assembly: Assembly, second: TestClient
) -> None:
    opened(assembly)
    sheet = {**MOTION, "issued": 6, "spoilt": 2}
    enter(assembly.chair, sheet)
    enter(second, sheet)
    assembly.hall.append()
    assembly.step("close")
    (record,) = [body for body in assembly.hall.desk_bodies() if isinstance(body, PaperCount)]
    assert record.spoilt == 2
    assert assembly.result()["boxes"][0]["spoilt"] == 2
    box = assembly.chair.get("/api/questions/q1/result?format=csv").text.split("box,box-1,")[1]
    assert box.split("\r\n")[0].split(",")[2:] == ["6", "4", "4", "0", "0", "2"]


def test_differences_are_named_and_both_sheets_stay(assembly: Assembly, second: TestClient) -> None:
    opened(assembly)
    enter(assembly.chair, MOTION)
    found = enter(second, {**MOTION, "yes": 1, "no": 2})
    assert found["state"] == "different"
    assert [each["field"] for each in found["differences"]] == ["yes", "no"]
    assert "secretariat ghi 2, minh ghi 1" in found["differences"][0]["vi"]
    refused(assembly.chair.post("/api/questions/q1/close", json={}), 409, "boxes-missing")
    assert ok(assembly.chair.get("/api/questions/q1/boxes"))[0]["state"] == "different"
    assert enter(second, MOTION)["state"] == "agreed"


def test_one_account_alone_signs_nothing_however_often_it_enters(assembly: Assembly) -> None:
    opened(assembly)
    assert [enter(assembly.chair, MOTION)["state"] for _ in range(2)] == ["waiting", "waiting"]
    refused(
        assembly.chair.post("/api/questions/q1/close", json={"accept_missing": True}), 409, "boxes-missing"
    )


def test_nobody_sees_the_numbers_of_a_sheet_that_waits(assembly: Assembly, second: TestClient) -> None:
    opened(assembly)
    enter(assembly.chair, {**MOTION, "spoilt": 0, "issued": 4321})
    assert "4321" not in second.get("/api/questions/q1/boxes").text


@pytest.mark.parametrize(
    ("change", "code"),
    [({"returned": 5}, "more-returned-than-issued"), ({"yes": 3}, "sum-of-papers")],
)
def test_a_sheet_that_cannot_be_is_refused_in_words(
    assembly: Assembly, change: dict[str, int], code: str
) -> None:
    opened(assembly)
    refused(assembly.chair.put("/api/questions/q1/boxes/box-1", json={**MOTION, **change}), 422, code)


def test_a_signed_box_and_a_box_that_is_not_there_take_no_sheet(
    assembly: Assembly, second: TestClient
) -> None:
    opened(assembly)
    refused(assembly.chair.put("/api/questions/q1/boxes/box-2", json=MOTION), 404, "not-found")
    enter(assembly.chair, MOTION)
    enter(second, MOTION)
    refused(second.put("/api/questions/q1/boxes/box-1", json=MOTION), 409, "box-signed")


def test_keypads_are_told_nothing_of_a_question_counted_by_paper(assembly: Assembly) -> None:
    opened(assembly)
    refused(assembly.chair.put("/api/questions/q2/boxes/box-1", json=MOTION), 404, "not-found")
    with assembly.hall.engine.connect() as connection:
        kinds = connection.exec_driver_sql("SELECT kind FROM downlink").scalars().all()
    assert BallotNotice.kind not in kinds


def test_persons_are_elected_by_the_sum_of_all_boxes(assembly: Assembly, second: TestClient) -> None:
    opened(
        assembly,
        boxes=["box-1", "box-2"],
        persons=["Nguyễn Thị Ánh", "Lê Hữu Đức", "Trần Ước"],
        preset="itu-election",
        seats=2,
    )
    for box, marks, returned in (("box-1", [2, 1, 1], 2), ("box-2", [2, 2, 0], 2)):
        sheet = {
            "issued": 2, "returned": returned, "valid": 2, "marks": [[votes, 0] for votes in marks],
        }  # fmt: skip
        enter(assembly.chair, sheet, box)
        assert enter(second, sheet, box)["state"] == "agreed"
    assembly.hall.append()
    assembly.step("close")
    result = assembly.result()
    assert result["outcome"] == "elected"
    assert [(each["name"], each["votes"], each["elected"]) for each in result["persons"]] == [
        ("Nguyễn Thị Ánh", 4, True), ("Lê Hữu Đức", 3, True), ("Trần Ước", 1, False),
    ]  # fmt: skip


def test_numbers_that_contradict_the_roll_are_frozen_as_undecided_and_not_lost(
    assembly: Assembly, second: TestClient
) -> None:
    opened(assembly)
    many = {"issued": 9, "returned": 9, "yes": 9}
    enter(assembly.chair, many)
    enter(second, many)
    assembly.hall.append()
    assembly.step("close")
    result = assembly.result()
    assert (result["outcome"], result["yes"]) == ("undecided", 9)
    assert [each["code"] for each in result["refusals"]] == ["more-ballots-than-voters"]
