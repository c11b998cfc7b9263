"""The page of updates: what it is made of, whom it gives buttons, and that every state has a word."""

import inspect
import re
from collections.abc import Mapping
from importlib.resources import files
from string import Formatter

import pytest

from fleet.dashboard.rollout_words import ROLLOUT_WORDS
from fleet.dashboard.words import WORDS
from fleet.freeze import refusals as freezing
from fleet.rollout import acts, prepare, refused, routes, views
from fleet.rollout.commands import ACTS
from fleet.rollout.rules import causes, eligible, plan, refusals, saying, verbs, waves
from fleet.rollout.rules.shape import DeviceState, RolloutState
from tests.fleet.hall_under_test import HallUnderTest

STATIC = files("fleet.dashboard") / "static"
SCRIPTS = ("rollouts.js", "rollouts_parts.js", "rollouts_freeze.js")
ALL = {**WORDS, **ROLLOUT_WORDS}


def text(name: str) -> str:
    return (STATIC / name).read_text()


def test_it_runs_no_script_and_no_style_of_its_own_and_loads_nothing_from_elsewhere(
    hall: HallUnderTest,
) -> None:
    answer = hall.client("staff").get("/rollouts")
    assert answer.status_code == 200
    assert "default-src 'none'; script-src 'self'" in answer.headers["content-security-policy"]
    assert not re.search(r"<script(?![^>]*(src=|type=\"application/json\"))", answer.text)
    assert not re.search(r"\son[a-z]+=|<style|\sstyle=|javascript:", answer.text)
    for address in re.findall(r'(?:src|href)="([^"]+)"', answer.text):
        assert address.startswith(("/static/", "#")) or address == "/", address


def test_every_field_has_a_label(hall: HallUnderTest) -> None:
    page = hall.client("staff").get("/rollouts").text
    fields = set(re.findall(r'<(?:input|select|textarea)[^>]* id="([\w-]+)"', page))
    assert fields == set(re.findall(r'<label for="([\w-]+)"', page))


def test_who_makes_no_rollouts_reads_the_same_page_without_its_forms(hall: HallUnderTest) -> None:
    page = hall.client("auditor").get("/rollouts").text
    assert 'data-acts="no"' in page
    assert "<form" not in page
    lifts = hall.client("secretariat").get("/rollouts").text
    assert re.findall(r'<form id="(\w+)"', lifts) == ["lift"]


def test_the_live_page_leads_there_whoever_may_go(hall: HallUnderTest) -> None:
    assert 'href="/rollouts"' in hall.client("technician").get("/").text
    assert 'href="/rollouts"' not in hall.client("board").get("/").text


def test_scripts_import_only_what_is_served(hall: HallUnderTest) -> None:
    browser = hall.client()
    for name in SCRIPTS:
        for address in re.findall(r'from "\./([^"]+)"', text(name)):
            assert browser.get(f"/static/{address}").status_code == 200, address


@pytest.mark.parametrize(
    "keys",
    [
        {str(state) for state in RolloutState},
        {str(state) for state in DeviceState},
        {f"cause-{cause}" for cause in (*causes.RETRIABLE, *causes.NEUTRAL)},
        {f"not-{code}" for code in re.findall(r'reason\(\s*"([a-z-]+)"', inspect.getsource(eligible))}
        - {"not-frozen", "not-offline"},
        {word for name in SCRIPTS for word in re.findall(r'word\("([a-z-]+)"', text(name))},
        {f"{kind}-{step}" for kind in ("ask", "step") for step in ACTS},
        {word for name in SCRIPTS for word in re.findall(r'word: "([a-z-]+)"', text(name))},
    ],
)
def test_every_state_the_server_can_send_has_a_word(keys: set[str]) -> None:
    assert keys
    assert keys <= ALL.keys()


@pytest.mark.parametrize("table", [refusals.SAID, freezing.SAID])
def test_every_refusal_says_the_same_facts_in_both_languages(table: Mapping[str, tuple[str, str]]) -> None:
    for key, (vi, en) in table.items():
        assert vi, key
        told, said = (sorted({name for _, name, _, _ in Formatter().parse(one) if name}) for one in (vi, en))
        assert told == said, key
        assert vi != en, key


def test_every_refusal_of_the_rules_is_in_the_table_and_none_is_left_over() -> None:
    written = "".join(
        inspect.getsource(each)
        for each in (acts, eligible, plan, prepare, refused, routes, verbs, views, waves)
    )
    used = set(re.findall(r'"([a-z]+(?:-[a-z]+)*)"', written))
    assert refusals.SAID.keys() <= used


def test_a_state_of_a_rollout_has_a_word_in_refusals() -> None:
    assert all(refusals.state_word(state).vi != str(state) for state in RolloutState)


def test_waves_that_nobody_named_are_called_in_the_language_of_the_page() -> None:
    for name in plan.DEFAULT_WAVES:
        vi, en = ALL[f"wave-{name}"]
        assert en == name
        assert vi != name
    assert saying.wave_word("front row").vi == "front row"
