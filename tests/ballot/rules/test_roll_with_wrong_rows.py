"""Who counts in the base: every delegate by their standing, and what a roll cannot say."""

from dataclasses import replace

import pytest

from ballot.rules.counted import ListCount, Marks, MotionCount
from ballot.rules.decide import decide
from ballot.rules.facts import EXCLUDED, STANDING, Facts, Standing, from_roll, in_base
from ballot.rules.presets import preset
from ballot.rules.refusals import CountRefused, Refused
from ballot.rules.rule import Base

ROWS = [
    ("an", "member"), ("binh", "exempt-present"), ("chi", "exempt-absent"), ("dung", "transferred"),
    ("em", "suspended"), ("giang", "absent-whole"), ("hoa", "recused"), ("khanh", "member"),
]  # fmt: skip


def test_a_roll_becomes_numbers_and_the_list_behind_them() -> None:
    roll = from_roll(
        ROWS,
        recused_in_base=False,
        present_at_open=["an", "binh", "hoa"],
        present_at_close=["an", "binh"],
        seats=10,
        issued=3,
    )
    assert roll.facts == Facts(8, 4, 1, 10, 3, 2, 1, 0, issued=3)
    assert [line.member for line in roll.lines if line.in_base] == ["an", "binh", "khanh"]
    assert roll.lines[1].en == "binh: exempt, but present, counted"
    assert roll.lines[3].vi == "dung: chuyển sinh hoạt tạm thời, không tính"
    assert len(roll.lines) == len(ROWS)


def test_the_list_adds_up_to_the_base() -> None:
    for recused_in_base in (True, False):
        roll = from_roll(ROWS, recused_in_base=recused_in_base)
        rule = replace(preset("vn-party-motion"), recused_in_base=recused_in_base)
        outcome = decide(rule, roll.facts, MotionCount(1, 0, 0))
        assert outcome.sums[0].text.endswith(f"= {sum(line.in_base for line in roll.lines)}")


@pytest.mark.parametrize("standing", list(Standing))
def test_the_exclusions_of_article_30_and_no_others(standing: Standing) -> None:
    """190-QĐ/TW, Art. 30: transferred, exempt and absent, suspended or prosecuted, absent throughout with a
    reason. Exempt but present counts."""
    excluded = {"transferred", "exempt-absent", "suspended", "absent-whole"}
    assert (standing in EXCLUDED) is (standing in excluded)
    assert in_base(standing, recused_in_base=True) is (standing not in excluded)
    assert all(STANDING[standing])


def test_a_roll_of_pseudonymous_entries_prints_them_in_hex() -> None:
    roll = from_roll([(bytes(16), "member")], recused_in_base=True)
    assert roll.lines[0].en == f"{'00' * 16}: summoned, counted"


def test_every_wrong_row_is_named_at_once() -> None:
    with pytest.raises(CountRefused) as refused:
        from_roll([*ROWS, ("an", "member"), ("lan", "ill"), ("mai", "")], recused_in_base=True)
    assert [refusal.code for refusal in refused.value.refusals] == [
        "listed-twice", "unknown-standing", "unknown-standing",
    ]  # fmt: skip
    assert "lan" in refused.value.refusals[1].vi


@pytest.mark.parametrize(
    ("present", "code"),
    [
        ("stranger", "present-not-summoned"),
        ("chi", "present-but-excluded"),
        ("giang", "present-but-excluded"),
    ],
)
def test_presence_that_contradicts_the_roll_is_refused(present: str, code: str) -> None:
    for moment in ("present_at_open", "present_at_close"):
        with pytest.raises(CountRefused, match=present) as refused:
            from_roll(ROWS, recused_in_base=True, **{moment: ["an", present]})  # type: ignore[arg-type]
        assert [refusal.code for refusal in refused.value.refusals] == [code]


RULE = preset("vn-party-motion")


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        (Facts(-1), "facts-malformed"),
        (Facts(True), "facts-malformed"),
        (Facts(10, excluded=8, recused=3), "more-out-than-summoned"),
        (Facts(10, excluded=1, present_at_open=10), "more-present-than-summoned"),
        (Facts(10, excluded=1, present_at_close=10), "more-present-than-summoned"),
        (Facts(10, recused=2, present_at_open=9, recused_at_open=3), "recused-present"),
        (Facts(10, recused=2, present_at_close=1, recused_at_close=2), "recused-present"),
        (Facts(7), "more-ballots-than-voters"),
        (Facts(9, excluded=1, recused=1), "more-ballots-than-voters"),
    ],
)
def test_facts_that_cannot_be_decide_nothing(facts: Facts, code: str) -> None:
    with pytest.raises(CountRefused) as refused:
        decide(RULE, facts, MotionCount(5, 2, 1))
    assert code in [refusal.code for refusal in refused.value.refusals]
    assert refused.value.code == "count-refused"


@pytest.mark.parametrize("base", [Base.PRESENT_AT_OPEN, Base.PRESENT_AT_CLOSE])
def test_a_base_that_nobody_entered_is_asked_for(base: Base) -> None:
    with pytest.raises(CountRefused, match="enter it first"):
        decide(replace(RULE, base=base), Facts(10), MotionCount(5, 2, 1))
    rule = replace(RULE, quorum_of=Base.CAST, quorum_base=Base.SEATS, quorum_num=1, quorum_den=2)
    with pytest.raises(CountRefused, match="seats of the body"):
        decide(rule, Facts(10), MotionCount(5, 2, 1))


def test_a_base_of_one_is_known() -> None:
    rule = replace(RULE, base=Base.PRESENT_AT_OPEN)
    assert decide(rule, Facts(2, present_at_open=1), MotionCount(1, 0, 0)).text == "carried"


def test_on_a_list_of_one_a_ballot_may_choose_nobody() -> None:
    rule = preset("itu-election", seats=1)
    assert decide(rule, Facts(9), ListCount(5, (Marks(2),))).text == "not-elected left=1"
    assert decide(rule, Facts(9), ListCount(5, (Marks(3),))).text == "elected elected=1"


LIST = preset("itu-election", seats=2)
EACH = preset("vn-list-without-surplus", seats=2)


@pytest.mark.parametrize(
    ("name", "count", "code"),
    [
        ("motion", ListCount(1, (Marks(1),)), "other-question"),
        ("motion", MotionCount(-1, 0, 0), "count-malformed"),
        ("motion", MotionCount(True, 0, 0), "count-malformed"),
        ("motion", MotionCount(1, 0, 0, spoilt=-1), "count-malformed"),
        ("list", MotionCount(1, 0, 0), "no-options"),
        ("list", ListCount(5, (Marks(6), Marks(0))), "votes-over-ballots"),
        ("list", ListCount(5, (Marks(5), Marks(5), Marks(1))), "marks-over-seats"),
        ("list", ListCount(5, (Marks(2), Marks(2))), "marks-under-ballots"),
        ("list", ListCount(5, (Marks(3, 1), Marks(3))), "against-on-top"),
        ("list", ListCount(5, (Marks(3), Marks(-1))), "count-malformed"),
        ("each", ListCount(5, (Marks(3, 3), Marks(1, 1))), "votes-over-ballots"),
        ("each", ListCount(5, (Marks(3, 1), Marks(1, 1)), blank=1), "blank-not-allowed"),
    ],
)
def test_counts_that_cannot_be_decide_nothing(name: str, count: MotionCount | ListCount, code: str) -> None:
    rule = {"motion": RULE, "list": LIST, "each": EACH}[name]
    with pytest.raises(Refused) as refused:
        decide(rule, Facts(20), count)
    assert code in [refusal.code for refusal in refused.value.refusals]
