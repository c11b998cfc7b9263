"""Who counts in the base: every delegate by their standing; and numbers that cannot be."""

from dataclasses import replace

import pytest

from ballot.rules.counted import ListCount, Marks, MotionCount
from ballot.rules.decide import decide
from ballot.rules.facts import EXCLUDED, STANDING, Facts, Standing, excluded_from, facts_of
from ballot.rules.presets import preset
from ballot.rules.refusals import CountRefused, Refused
from ballot.rules.rule import Base

STANDINGS = {
    "binh": "exempt-present", "chi": "exempt-absent", "dung": "transferred", "em": "suspended",
    "giang": "absent-whole", "hoa": "member",
}  # fmt: skip


ROLL = set(STANDINGS) | {"an", "khanh"}


def test_a_roll_becomes_numbers_and_the_reasons_behind_them() -> None:
    at_open, at_close = {"an", "binh", "hoa"}, {"an", "binh"}
    excluded = excluded_from(ROLL, STANDINGS, at_open | at_close)
    facts = facts_of(ROLL, excluded, recused={"hoa"}, at_open=at_open, at_close=at_close, seats=10, issued=3)
    assert facts == Facts(8, 4, 1, 10, 3, 2, 1, 0, issued=3)
    assert excluded == {name: STANDINGS[name] for name in ("chi", "dung", "em", "giang")}


def test_who_comes_all_the_same_is_in_the_base_again_unless_suspended() -> None:
    """190-QĐ/TW, Art. 30: exempt but present does count."""
    came = {"an", "chi", "em"}
    excluded = excluded_from(ROLL, STANDINGS, came)
    facts = facts_of(ROLL, excluded, at_open=came, at_close=came)
    assert set(excluded) == {"dung", "em", "giang"}
    assert facts.present_at_close == 2, "a suspended delegate in the hall is not present"


def test_a_reason_for_somebody_who_is_not_summoned_changes_nothing() -> None:
    assert excluded_from({"an"}, STANDINGS, set()) == {}


def test_who_is_excluded_and_recused_leaves_the_base_once() -> None:
    excluded = excluded_from(ROLL, STANDINGS, set())
    facts = facts_of(ROLL, excluded, recused={"em", "an"}, at_open=set(), at_close=set())
    assert (facts.excluded, facts.recused, facts.entitled) == (4, 1, 3)


@pytest.mark.parametrize("standing", list(Standing))
def test_the_exclusions_of_article_30_and_no_others(standing: Standing) -> None:
    """190-QĐ/TW, Art. 30: transferred, exempt and absent, suspended or prosecuted, absent throughout with a
    reason. Exempt but present counts."""
    excluded = {"transferred", "exempt-absent", "suspended", "absent-whole"}
    assert (standing in EXCLUDED) is (standing in excluded)
    assert all(STANDING[standing])


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
