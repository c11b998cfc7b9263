"""The usher's page: what it is made of, and that it has a word for whatever the server may say."""

import re
from importlib.resources import files

import pytest

from fleet.dashboard.words import WORDS
from fleet.lane.rules import REASONS, Outcome
from tests.fleet.hall_under_test import HallUnderTest, members_of

STATIC = files("fleet.dashboard") / "static"
SCRIPTS = ("usher.js", "lane_gate.js", "lane_search.js", "lane_tap.js", "server.js")


def text(name: str) -> str:
    return (STATIC / name).read_text()


def test_it_runs_no_script_and_no_style_of_its_own_and_loads_nothing_from_elsewhere(
    hall: HallUnderTest,
) -> None:
    answer = hall.client("usher").get("/usher")
    assert answer.status_code == 200
    assert "default-src 'none'; script-src 'self'" in answer.headers["content-security-policy"]
    assert not re.search(r"<script(?![^>]*(src=|type=\"application/json\"))", answer.text)
    assert not re.search(r"\son[a-z]+=|<style|\sstyle=|javascript:", answer.text)
    for address in re.findall(r'(?:src|href)="([^"]+)"', answer.text):
        assert address.startswith(("/static/", "#")), address


def test_scripts_import_only_what_is_served(hall: HallUnderTest) -> None:
    browser = hall.client()
    for name in SCRIPTS:
        for address in re.findall(r'from "\./([^"]+)"', text(name)):
            assert browser.get(f"/static/{address}").status_code == 200, address


def test_every_reason_is_a_button_in_both_languages(hall: HallUnderTest) -> None:
    page = hall.client("usher").get("/usher").text
    assert re.findall(r'data-reason="([\w-]+)"', page) == list(REASONS)
    for reason in REASONS:
        vi, en = WORDS[reason]
        assert f'<span lang="vi">{vi}</span><span lang="en">{en}</span>' in page


def test_whatever_became_of_a_tap_has_a_word_and_a_sign() -> None:
    states = {*(outcome.value for outcome in Outcome), "sending", "not-admitted"}
    assert states <= WORDS.keys()
    signs = re.search(r"SIGNS = \{([^}]*)\}", text("lane_tap.js"))
    assert signs is not None
    assert set(re.findall(r'([\w-]+)"?: "', signs[1])) == states
    for state in Outcome:
        assert state is Outcome.PENDING or f'[data-state="{state}"]' in text("usher.css")


def test_every_refusal_that_the_page_says_in_its_own_words_has_them() -> None:
    said = set(re.findall(r'"(say-[\w-]+)"', text("lane_tap.js")))
    assert said == {f"say-{code}" for code in ("gate-silent", "no-sitting", "member-withdrawn", "not-found")}
    assert said <= WORDS.keys()
    assert {"present", "left", "absent"} <= WORDS.keys()


def test_the_page_itself_holds_no_name_and_puts_none_in_an_address(hall: HallUnderTest) -> None:
    members_of(hall, hall.client("secretariat"), ["Quách Tỉnh"])
    assert "Quách" not in hall.client("usher").get("/usher").text
    for name in SCRIPTS:
        for address in re.findall(r'ask\("(?:GET|POST)", ([`"][^`"]+[`"])', text(name)):
            assert "?" not in address, address
            assert not re.search(r"\$\{.*(name|typed|note|seat)", address), address


def test_nothing_to_touch_is_smaller_than_a_thumb() -> None:
    sizes = [float(size) for size in re.findall(r"min-height: ([\d.]+)rem", text("usher.css"))]
    assert sizes
    assert min(sizes) * 16 >= 48
    assert re.search(r"\.usher button \{ min-height: 3rem; \}", text("usher.css"))


@pytest.mark.parametrize(("role", "led"), [("usher", True), ("secretariat", True), ("staff", False)])
def test_the_live_page_leads_there_those_who_may(hall: HallUnderTest, role: str, led: bool) -> None:
    browser = hall.client(role)
    assert ('href="/usher"' in browser.get("/").text) is led
    assert (browser.get("/usher").status_code == 200) is led


def test_who_is_not_signed_in_is_led_to_the_sign_in_page(hall: HallUnderTest) -> None:
    assert str(hall.client().get("/usher").url).endswith("/sign-in")
