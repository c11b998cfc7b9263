"""The fleet says no in both languages, and the person before the desk reads both as they were said."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from fleet.db import database_url, open_engine
from provisioning.adapters.fleet_api import FleetApi
from provisioning.desk.fleet_words import fleet_says
from provisioning.desk.web.app import claim_app
from provisioning.errors import FleetRefused
from tests.fleet.hall_under_test import PASSWORD as FLEET_PASSWORD
from tests.fleet.hall_under_test import HallUnderTest, TestClient, hasty, made
from tests.fleet.places.floor import Floor, seat_line
from tests.fleet.rollout.served import served
from tests.provisioning.desk.conftest import DeskUnderTest
from tests.provisioning.desk.fleet_under_test import PASSWORD, FleetUnderTest

OWN = "https://desk.hall:8443"


@pytest.fixture
def phone(desk: DeskUnderTest) -> TestClient:
    client = TestClient(claim_app(desk.open()), base_url=OWN, headers={"origin": OWN})
    client.post("/api/sign-in", json={"account": "lan", "password": PASSWORD})
    return client


def test_a_no_without_vietnamese_is_said_with_the_fleets_own_sentence() -> None:
    vietnamese, english = fleet_says(FleetRefused("No more than ten.", reason="new", status=409))
    assert vietnamese == "Máy chủ hội trường từ chối: No more than ten."
    assert "No more than ten." in english


def test_the_phone_reads_the_fleets_vietnamese_sentence_and_its_english_one(
    phone: TestClient, fleet: FleetUnderTest
) -> None:
    fleet.refusal = (409, "spare-taken")
    fleet.sentence, fleet.sentence_vi = "It stands at A 2; take another.", "Nó đứng ở A 2; hãy lấy máy khác."
    answer = phone.post("/api/swap", json={"dead": "keypad-a", "spare": "keypad-b", "reason": "dead"}).json()
    assert (answer["code"], answer["vi"]) == ("spare-taken", fleet.sentence_vi)
    assert fleet.sentence in answer["en"]


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[HallUnderTest]:
    with made(hasty(open_engine(database_url(tmp_path, {})))) as hall:
        yield hall


def test_a_real_fleet_says_no_to_a_spare_in_both_languages(hall: HallUnderTest) -> None:
    floor = Floor(hall)
    floor.plan(seat_line(1), seat_line(2))
    for number in (1, 2):
        floor.register(f"keypad-{number}", place_id=f"s-{number}")
    hall.client("technician", account="lan")
    with served(hall) as url:
        fleet = FleetApi(url)
        fleet.sign_in("lan", FLEET_PASSWORD)
        with pytest.raises(FleetRefused) as refused:
            fleet.call("POST", "/api/swap", {"dead": "keypad-1", "spare": "keypad-2", "reason": "hỏng"})
    vietnamese, english = fleet_says(refused.value)
    assert refused.value.reason == "spare-taken"
    assert vietnamese == (
        "keypad-2 không phải máy dự phòng: nó đứng ở Hàng A ghế 2; hãy lấy máy khác, hoặc gỡ nó khỏi đó."
    )
    assert "keypad-2 is no spare: it stands at Hàng A ghế 2" in english


def test_what_is_typed_too_long_is_said_without_a_word_of_english(phone: TestClient) -> None:
    answer = phone.get("/api/find", params={"text": "x" * 201}).json()
    assert answer["vi"] == ("Bàn cấp phát không hiểu yêu cầu: text: chỉ được có nhiều nhất 200 ký tự.")
    assert "at most 200 characters" in answer["en"]


def test_a_fleet_that_asks_for_time_is_not_called_silent(phone: TestClient, fleet: FleetUnderTest) -> None:
    fleet.refusal = (429, "too-many")
    answer = phone.post("/api/swap", json={"dead": "keypad-a", "spare": "keypad-b", "reason": "dead"})
    assert (answer.status_code, answer.json()["code"]) == (503, "fleet-busy")
