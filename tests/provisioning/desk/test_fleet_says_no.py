"""The fleet says no in English; the person before the desk reads Vietnamese first."""

import re
from pathlib import Path

import pytest

import fleet.devices.registry
import fleet.devices.tending.commands
import fleet.places.acts
import fleet.places.swap
from provisioning.desk.fleet_words import VIETNAMESE, fleet_says
from provisioning.desk.web.app import claim_app
from provisioning.errors import FleetRefused
from tests.fleet.hall_under_test import TestClient
from tests.provisioning.desk.conftest import DeskUnderTest
from tests.provisioning.desk.fleet_under_test import PASSWORD, FleetUnderTest

OWN = "https://desk.hall:8443"
SAY_NO = (fleet.devices.registry, fleet.devices.tending.commands, fleet.places.acts, fleet.places.swap)
NOT_FROM_A_PHONE = {"bad-plan"}
"""A plan comes from the command line."""


def test_every_no_that_a_technician_can_meet_is_said_in_vietnamese() -> None:
    codes = {"not-found", "forbidden"}
    for module in SAY_NO:
        codes |= set(re.findall(r'code="([a-z-]+)"', Path(module.__file__).read_text(encoding="utf-8")))
    assert {"place-taken", "serial-exists", "wrong-role", "spare-taken"} <= codes
    assert codes - NOT_FROM_A_PHONE <= set(VIETNAMESE)


def test_a_code_that_is_new_here_is_said_with_the_fleets_own_sentence() -> None:
    vietnamese, english = fleet_says(FleetRefused("No more than ten.", reason="new", status=409))
    assert "No more than ten." in vietnamese
    assert "No more than ten." in english


@pytest.mark.parametrize("code", ["spare-taken", "wrong-role", "device-silent"])
def test_the_phone_reads_a_vietnamese_sentence_and_an_english_one(
    desk: DeskUnderTest, fleet: FleetUnderTest, code: str
) -> None:
    client = TestClient(claim_app(desk.open()), base_url=OWN, headers={"origin": OWN})
    client.post("/api/sign-in", json={"account": "lan", "password": PASSWORD})
    fleet.refusal = (409, code)
    answer = client.post("/api/swap", json={"dead": "keypad-a", "spare": "keypad-b", "reason": "dead"}).json()
    assert (answer["code"], answer["vi"]) == (code, VIETNAMESE[code])
    assert fleet.sentence in answer["en"]
    assert fleet.sentence not in answer["vi"]


def test_a_fleet_that_asks_for_time_is_not_called_silent(desk: DeskUnderTest, fleet: FleetUnderTest) -> None:
    client = TestClient(claim_app(desk.open()), base_url=OWN, headers={"origin": OWN})
    client.post("/api/sign-in", json={"account": "lan", "password": PASSWORD})
    fleet.refusal = (429, "too-many")
    answer = client.post("/api/swap", json={"dead": "keypad-a", "spare": "keypad-b", "reason": "dead"})
    assert (answer.status_code, answer.json()["code"]) == (503, "fleet-busy")
