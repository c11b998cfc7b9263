"""The secretariat's page: what it is made of, whom it gives buttons, and that every state has a word."""

import re
from importlib.resources import files

import pytest

from ballot.counting import Why
from ballot.rules.outcome import Verdict
from fleet.dashboard.words import WORDS
from fleet.votes.outcomes import UNDECIDED
from fleet.votes.protocol import WHY
from fleet.votes.rules import Step
from tests.fleet.hall_under_test import HallUnderTest

STATIC = files("fleet.dashboard") / "static"
SCRIPTS = ("questions.js", "paper.js")


def text(name: str) -> str:
    return (STATIC / name).read_text()


def test_it_runs_no_script_and_no_style_of_its_own_and_loads_nothing_from_elsewhere(
    hall: HallUnderTest,
) -> None:
    answer = hall.client("secretariat").get("/questions")
    assert answer.status_code == 200
    assert "default-src 'none'; script-src 'self'" in answer.headers["content-security-policy"]
    assert not re.search(r"<script(?![^>]*(src=|type=\"application/json\"))", answer.text)
    assert not re.search(r"\son[a-z]+=|<style|\sstyle=|javascript:", answer.text)
    for address in re.findall(r'(?:src|href)="([^"]+)"', answer.text):
        assert address.startswith(("/static/", "#")) or address in ("/", "/secret"), address


def test_every_field_has_a_label(hall: HallUnderTest) -> None:
    page = hall.client("secretariat").get("/questions").text
    fields = re.findall(r'<(?:input|select|textarea)[^>]* id="([\w-]+)"', page)
    labelled = set(re.findall(r'<label for="([\w-]+)"', page))
    ticks = set(re.findall(r'<label class="tick"><input type="checkbox" id="([\w-]+)"', page))
    assert fields
    assert set(fields) == labelled | ticks


def test_an_auditor_reads_the_same_page_without_its_forms(hall: HallUnderTest) -> None:
    page = hall.client("auditor").get("/questions").text
    assert 'data-acts="no"' in page
    assert "<form" not in page


def test_the_live_page_leads_there_whoever_may_go(hall: HallUnderTest) -> None:
    assert 'href="/questions"' in hall.client("secretariat").get("/").text
    assert 'href="/questions"' not in hall.client("technician").get("/").text


def test_scripts_import_only_what_is_served(hall: HallUnderTest) -> None:
    browser = hall.client()
    for name in SCRIPTS:
        for address in re.findall(r'from "\./([^"]+)"', text(name)):
            assert browser.get(f"/static/{address}").status_code == 200, address


@pytest.mark.parametrize(
    "keys",
    [
        {f"why-{why}" for why in Why},
        {str(verdict) for verdict in Verdict} | {UNDECIDED},
        {f"do-{step}" for step in Step},
        {f"box-{state}" for state in ("empty", "waiting", "different", "agreed")},
    ],
)
def test_every_state_the_server_can_send_has_a_word(keys: set[str]) -> None:
    assert keys <= WORDS.keys()


def test_page_and_paper_give_the_same_reasons() -> None:
    assert WHY.keys() == set(Why)
    assert all(WORDS[f"why-{why}"][0] == words[0] for why, words in WHY.items())
