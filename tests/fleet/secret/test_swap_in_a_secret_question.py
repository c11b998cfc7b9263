"""A keypad dies in a secret question: the fleet moves the seat, and binds nothing in the vote by itself."""

import json
import shlex
from pathlib import Path

import pytest

from ballot.documents.bodies import Bind
from officers.commission.commands import run_bind
from officers.errors import OfficerError
from tests.fleet.hall_under_test import ok
from tests.fleet.secret.congress import Congress, SecretHall

pytestmark = pytest.mark.slow


def swapped(congress: Congress) -> dict[str, list[str]]:
    technician = congress.hall.client("technician")
    congress.hall.register(technician, "keypad-9")
    body = {"dead": "keypad-1", "spare": "keypad-9", "reason": "dark"}
    told: dict[str, list[str]] = ok(technician.post("/api/swap", json=body))
    return told


def test_the_commission_is_told_the_very_command_and_the_vote_waits_for_its_signature(
    hall: SecretHall,
) -> None:
    congress = Congress(hall).opened()
    congress.vote([1, 0, 0])
    told = swapped(congress)
    assert (told["question"], told["voted"]) == (None, None)
    (vi,), (en,) = told["notes_vi"], told["notes_en"]
    for words in (vi, en):
        assert (
            f"--contest {congress.contest.hex()} --device keypad-1 --key KEY --new-device keypad-9" in words
        )
        assert congress.election.units[0].raw_key.hex() not in words, (
            "whose key that is, the commission knows alone"
        )
    congress.follow()
    kinds = {paper["kind"] for paper in ok(congress.browser.get(congress.path()))["papers"]}
    assert Bind.kind not in kinds
    assert ok(congress.browser.get(congress.path()))["cast"] == 1, "what the old unit cast goes on counting"


def test_the_command_that_is_told_is_one_that_the_commission_can_type(
    hall: SecretHall, tmp_path: Path
) -> None:
    congress = Congress(hall).opened()
    (words,) = swapped(congress)["notes_en"]
    command = shlex.split(words.partition("then run: ")[2])
    assert command[:3] == ["hallward", "officer", "bind"]
    typed = {"FOLDER": str(tmp_path / "none"), "FILE": str(tmp_path / "bind"), "KEY": "11" * 32}
    with pytest.raises(OfficerError):  # there is no such folder; a word that is unknown would end the program
        run_bind([typed.get(word, word) for word in command[3:]])


def test_of_the_question_a_swap_changes_nothing_but_whose_key_is_missing(hall: SecretHall) -> None:
    congress = Congress(hall).opened()
    before = ok(congress.browser.get(congress.path()))
    swapped(congress)
    congress.follow()
    after = ok(congress.browser.get(congress.path()))
    assert after == {**before, "with_key": before["with_key"] - 1, "without_key": ["A1"]}


def test_before_the_roll_is_signed_the_list_of_keys_names_the_new_unit(hall: SecretHall) -> None:
    congress = Congress(hall)
    assert swapped(congress)["notes_en"] == []
    congress.say_key(1, device="keypad-9", key=bytes(31) + b"\x09")
    rows = [
        json.loads(line) for line in congress.browser.get(congress.path("/session-keys")).text.splitlines()
    ]
    assert [row["device"] for row in rows if row["seat"] == "A1"] == ["keypad-9"]
