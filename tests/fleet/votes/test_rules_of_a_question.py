"""The rule of a question: refused in words while it is prepared, announced in the log before it opens."""

import pytest

from ballot.rules.presets import PRESETS
from fleet.votes.terms import rule_in
from tests.fleet.hall_under_test import HallUnderTest, ok, refused
from tests.fleet.votes.assembly import QUESTION, Assembly
from wire.records import QuestionChanged
from wire.voting import ResultRecord, Terms


@pytest.fixture
def assembly(hall: HallUnderTest) -> Assembly:
    return Assembly(hall)


def test_presets_are_listed_with_their_words_and_sources(assembly: Assembly) -> None:
    listed = ok(assembly.chair.get("/api/rules"))
    assert {each["id"] for each in listed} == set(PRESETS)
    assert all(each["vi"] and each["rule_vi"] and each["source"] for each in listed)


def test_a_rule_stands_in_the_log_before_its_question(assembly: Assembly) -> None:
    prepared = assembly.prepare(preset="two-thirds", presence=True)
    assert prepared["rule"]["id"] == "two-thirds"
    assert "2/3" in prepared["rule"]["vi"]
    terms, question = assembly.hall.desk_bodies()[-2:]
    assert isinstance(terms, Terms)
    assert isinstance(question, QuestionChanged)
    assert (terms.secret, terms.presence, terms.reveal_s) == (False, True, 0)
    rule = rule_in(terms)
    assert (rule.num, rule.den, rule.quorum_num, rule.quorum_den) == (2, 3, 1, 2)  # the sitting's quorum


def test_a_client_that_knows_only_majorities_still_works(assembly: Assembly) -> None:
    prepared = assembly.prepare(majority_num=3, majority_den=5)
    assert (prepared["majority_num"], prepared["majority_den"]) == (3, 5)
    assert prepared["rule"]["id"] == "majority"


REFUSED: list[tuple[dict[str, object], str]] = [
    ({"preset": "no-such-rule"}, "unknown-preset"),
    ({"preset": "two-thirds", "majority_num": 1, "majority_den": 2}, "two-rules"),
    ({"majority_num": 1}, "bad-input"),
    ({"majority_num": 0, "majority_den": 1}, "no-threshold"),
    ({"majority_num": 3, "majority_den": 3}, "never-reached"),
    ({"rule": {"base": "valid", "num": 1, "den": 0}}, "rule-malformed"),
    ({"rule": {"base": "of-the-moon", "num": 1, "den": 2}}, "rule-malformed"),
    ({"rule": {"base": "valid", "num": 1999, "den": 3998}}, "fraction-too-fine"),
    ({"preset": "itu-election", "seats": 2, "boxes": ["box-1"]}, "no-options"),
    ({"preset": "itu-election", "seats": 2, "boxes": ["box-1"], "persons": ["An"]}, "seats-over-options"),
    ({"preset": "two-thirds", "boxes": ["box-1"], "persons": ["An"]}, "persons-on-motion"),
    ({"preset": "itu-election", "seats": 1, "persons": ["An", "Bé"]}, "bad-input"),
    ({"boxes": []}, "bad-input"),
    ({"boxes": ["box-1", "box-1"]}, "bad-input"),
]


def test_a_rule_that_can_decide_nothing_is_refused_with_a_sentence(assembly: Assembly) -> None:
    before = assembly.hall.desk_bodies()
    for asked, code in REFUSED:
        refused(assembly.ask(**asked), 422, code)
    assert assembly.hall.desk_bodies() == before


def test_the_result_shows_base_numbers_and_the_sum_and_is_signed_once(assembly: Assembly) -> None:
    assembly.open_sitting()
    assembly.enter(1, 2, 3)
    assembly.prepare(preset="half-of-all-members")
    assembly.step("open")
    for number, choice in ((1, "yes"), (2, "yes"), (3, "no")):
        assembly.press(number, choice)
    assembly.step("close")
    result = assembly.result()
    assert (result["outcome"], result["base"]) == ("not-carried", 4)
    texts = [each["text"] for each in result["sums"]]
    assert "2 × 2 = 4 = 4 × 1 = 4" in texts
    records = [body for body in assembly.hall.desk_bodies() if isinstance(body, ResultRecord)]
    assert [record.question for record in records] == [QUESTION]


def test_choices_show_before_the_close_for_as_long_as_the_rule_says(assembly: Assembly) -> None:
    assembly.open_sitting()
    assembly.enter(1)
    assembly.prepare(reveal_s=60)
    assembly.step("open")
    assembly.press(1, "yes")
    assert ok(assembly.chair.get("/api/questions/q1"))["shown"] is None
    first = assembly.chair.post("/api/questions/q1/close", json={})
    assert (first.status_code, first.json()["state"], first.json()["reveal_wait_s"]) == (202, "open", 60)
    assert first.json()["shown"] == [{"name": "Lan", "seat": "A1", "choice": "yes"}]
    sentence = refused(
        assembly.chair.post("/api/questions/q1/close", json={"accept_missing": True}), 409, "revealing"
    )
    assert "60 more seconds" in sentence
    assembly.hall.clock.step(60_000)
    assert assembly.step("close", accept_missing=True)["state"] == "closed"
