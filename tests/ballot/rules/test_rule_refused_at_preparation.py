"""A rule that could decide nothing is refused before anybody votes, with a sentence and a stable code."""

from dataclasses import replace

import pytest

from ballot.rules.check import TABLE, check
from ballot.rules.counted import ListCount, Marks, MotionCount
from ballot.rules.decide import decide
from ballot.rules.facts import Facts
from ballot.rules.presets import PRESETS, preset
from ballot.rules.refusals import RuleRefused
from ballot.rules.rule import Base, Elect, Rule, SecondRound, Tie

MOTION = preset("simple-majority")
CHOICE = preset("vn-list-with-surplus", seats=10)
EACH = preset("vn-list-without-surplus", seats=3)
PLURALITY = Rule("plurality", Elect.TOP, Base.VALID, 0, 1, seats=2)
QUORUM = replace(
    MOTION, quorum_of=Base.PRESENT_AT_OPEN, quorum_base=Base.SUMMONED, quorum_num=1, quorum_den=2
)

CASES = [
    (CHOICE, 0, "no-options"),
    (replace(CHOICE, seats=0), 3, "seats-zero"),
    (CHOICE, 9, "seats-over-options"),
    (replace(EACH, seats=0), 3, "seats-zero"),
    (EACH, 2, "seats-over-options"),
    (EACH, 4, "surplus-on-each"),
    (CHOICE, 14, "surplus-over-limit"),
    (replace(CHOICE, seats=1), 2, "surplus-over-limit"),
    (replace(CHOICE, seats=45), 60, "surplus-over-limit"),
    (replace(MOTION, seats=1), 0, "seats-on-motion"),
    (replace(MOTION, base=Base.SEATS), 0, "seats-base-on-motion"),
    (replace(CHOICE, base=Base.FOR_AGAINST), 12, "for-against-on-top"),
    (replace(MOTION, den=0), 0, "den-zero"),
    (replace(CHOICE, den=0), 12, "den-zero"),
    (replace(MOTION, num=3), 0, "fraction-out-of-range"),
    (replace(MOTION, num=2, den=1), 0, "fraction-out-of-range"),
    (replace(MOTION, num=-1), 0, "fraction-out-of-range"),
    (replace(MOTION, num=2), 0, "never-reached"),
    (replace(MOTION, num=0), 0, "no-threshold"),
    (replace(QUORUM, quorum_den=0), 0, "quorum-den-zero"),
    (replace(QUORUM, quorum_num=0), 0, "quorum-out-of-range"),
    (replace(QUORUM, quorum_num=3), 0, "quorum-out-of-range"),
    (replace(QUORUM, quorum_base=Base.VALID), 0, "quorum-base"),
    (replace(QUORUM, quorum_base=Base.PRESENT_AT_OPEN), 0, "quorum-base"),
    (replace(MOTION, tie=Tie.SENIORITY), 0, "tie-on-motion"),
    (replace(MOTION, rounds_max=2), 0, "second-round-on-motion"),
    (replace(MOTION, second_round=SecondRound.REMAINING), 0, "second-round-on-motion"),
    (replace(CHOICE, rounds_max=1), 12, "second-round-without-rounds"),
    (replace(CHOICE, second_round=SecondRound.NONE), 12, "rounds-without-second-round"),
    (replace(CHOICE, second_round=SecondRound.TOP_M, second_round_m=9), 12, "second-round-too-few"),
    (replace(CHOICE, id="Not A Name"), 12, "rule-malformed"),
    (replace(CHOICE, second_round_m=3), 12, "rule-malformed"),
    (replace(QUORUM, quorum_den=None), 0, "rule-malformed"),
]


@pytest.mark.parametrize(("rule", "options_n", "code"), CASES)
def test_a_rule_that_decides_nothing_is_refused_with_its_code(rule: Rule, options_n: int, code: str) -> None:
    refusals = check(rule, options_n)
    assert [refusal.code for refusal in refusals] == [code]
    for sentence in (refusals[0].vi, refusals[0].en):
        assert sentence.endswith(".")
        assert ":" in sentence, "what is wrong, then what to do"
        assert "{" not in sentence


def test_every_refusal_of_the_table_has_a_case() -> None:
    assert {code for code, _, _, _ in TABLE} <= {code for _, _, code in CASES}


@pytest.mark.parametrize(
    ("rule", "options_n"),
    [
        (CHOICE, 10), (CHOICE, 13), (replace(CHOICE, surplus_percent_max=None), 100), (EACH, 3), (MOTION, 0),
        (PLURALITY, 5), (QUORUM, 0), (replace(CHOICE, seats=4), 5), (replace(MOTION, num=2, strict=False), 0),
    ],
)  # fmt: skip
def test_a_sound_rule_is_refused_nothing(rule: Rule, options_n: int) -> None:
    assert check(rule, options_n, secret=True) == []


def test_the_sentence_holds_the_numbers_to_correct() -> None:
    (refusal,) = check(CHOICE, 14)
    assert refusal.en == "The surplus of 4 is over 30 % of 10 (at most 3): drop names."
    assert refusal.vi.startswith("Số dư 4 người vượt quá 30 % của 10 (tối đa 3)")


def test_a_secret_vote_is_not_shown_before_its_close() -> None:
    early = replace(MOTION, reveal_s=300)
    assert check(early, 0) == []
    assert [refusal.code for refusal in check(early, 0, secret=True)] == ["reveal-in-secret"]


def test_several_faults_are_all_named() -> None:
    rule = replace(CHOICE, den=0, base=Base.FOR_AGAINST)
    assert [refusal.code for refusal in check(rule, 0)] == ["no-options", "for-against-on-top", "den-zero"]


@pytest.mark.parametrize(("rule", "options_n", "code"), CASES)
def test_a_refused_rule_decides_nothing_but_for_the_surplus(rule: Rule, options_n: int, code: str) -> None:
    if rule.elect == Elect.MOTION:
        count: MotionCount | ListCount = MotionCount(3, 2, 1)
    else:
        count = ListCount(6, tuple(Marks(6 if number < rule.seats else 0) for number in range(options_n)))
    if code == "surplus-over-limit":
        assert decide(rule, Facts(9), count).sums
        return
    with pytest.raises(RuleRefused) as refused:
        decide(rule, Facts(9), count)
    assert refused.value.code == "rule-refused"
    assert code in [refusal.code for refusal in refused.value.refusals]
    assert refused.value.refusals[0].en in refused.value.diagnostics()


def test_presets_pass_with_the_seats_they_are_given() -> None:
    for name in PRESETS:
        rule = preset(name, seats=4)
        assert check(rule, 4, secret=True) == [], name
