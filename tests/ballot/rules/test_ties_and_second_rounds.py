"""A machine decides no tie: it says who is tied, for how many seats, and who decides."""

from dataclasses import replace

import pytest

from ballot.rules.counted import ListCount, Marks, MotionCount
from ballot.rules.decide import decide
from ballot.rules.facts import Facts
from ballot.rules.outcome import Verdict, following
from ballot.rules.presets import preset
from ballot.rules.refusals import RuleRefused
from ballot.rules.rule import Base, Elect, Rule, SecondRound, Tie
from ballot.rules.sums import Step

RULE = Rule("tie", Elect.TOP, Base.VALID, 1, 4, seats=3)
FACTS = Facts(60)
TIED = ListCount(50, tuple(map(Marks, (30, 20, 40, 20, 20, 5))))
"""3 and 1 are ahead; 2, 4 and 5 have equal votes for the third seat; 6 has no majority."""
BY_ORDER = [Tie.SENIORITY, Tie.PRESIDIUM, Tie.LOT]


def test_without_a_rule_for_ties_those_tied_are_named_and_not_elected() -> None:
    outcome = decide(RULE, FACTS, TIED)
    assert outcome.text == "elected elected=3,1 tied=2,4,5 left=1"
    assert outcome.not_elected == (2, 4, 5, 6)


@pytest.mark.parametrize("tie", BY_ORDER)
def test_until_people_have_decided_a_tie_stays_one(tie: Tie) -> None:
    outcome = decide(replace(RULE, tie=tie), FACTS, TIED)
    assert outcome.text == f"tie elected=3,1 tied=2,4,5 left=1 by={tie}"
    assert outcome.not_elected == (6,)
    assert outcome.candidates == ()
    assert following(RULE, outcome) is None
    last = outcome.sums[-1]
    assert (last.step, last.text) == (Step.TIE, "3 − 2 = 1")
    assert "2, 4, 5" in last.vi


@pytest.mark.parametrize("tie", BY_ORDER)
@pytest.mark.parametrize(("order", "seated"), [((5, 2, 4), 5), ((6, 4, 3, 1, 5, 2), 4)])
def test_the_order_that_people_gave_decides_and_is_printed(
    tie: Tie, order: tuple[int, ...], seated: int
) -> None:
    outcome = decide(replace(RULE, tie=tie), FACTS, TIED, order)
    assert outcome.text == f"elected elected=3,1,{seated}"
    assert outcome.sums[-1].step is Step.ORDER
    assert outcome.sums[-1].holds
    assert f"no. {seated} " in outcome.sums[-1].en


@pytest.mark.parametrize("order", [(2, 4), (), (2, 4, 6)])
def test_an_order_that_lacks_one_of_those_tied_is_refused(order: tuple[int, ...]) -> None:
    with pytest.raises(RuleRefused, match="lacks no") as refused:
        decide(replace(RULE, tie=Tie.SENIORITY), FACTS, TIED, order)
    assert refused.value.refusals[0].code == "order-incomplete"


def test_an_order_with_somebody_twice_is_refused() -> None:
    with pytest.raises(RuleRefused, match="twice"):
        decide(replace(RULE, tie=Tie.SENIORITY), FACTS, TIED, (2, 4, 5, 2))


@pytest.mark.parametrize("tie", [Tie.NONE, Tie.REBALLOT])
def test_an_order_that_the_rule_does_not_ask_for_is_refused(tie: Tie) -> None:
    with pytest.raises(RuleRefused, match="remove the order"):
        decide(replace(RULE, tie=tie), FACTS, TIED, (2, 4, 5))


def test_an_order_changes_nothing_where_nobody_is_tied() -> None:
    clear = ListCount(50, tuple(map(Marks, (30, 21, 40, 20, 20, 5))))
    rule = replace(RULE, tie=Tie.SENIORITY)
    assert decide(rule, FACTS, clear, (5, 4, 2)) == decide(rule, FACTS, clear)
    assert decide(rule, FACTS, clear).elected == (3, 1, 2)


def test_a_new_ballot_among_those_tied_is_a_question_for_the_seats_left() -> None:
    rule = replace(RULE, tie=Tie.REBALLOT, surplus_percent_max=30)
    outcome = decide(rule, FACTS, TIED)
    assert outcome.text == "tie elected=3,1 tied=2,4,5 next=2,4,5 left=1 by=reballot"
    again = following(rule, outcome)
    assert again == replace(rule, seats=1, surplus_percent_max=None)
    assert again is not None
    assert decide(again, FACTS, ListCount(50, (Marks(10), Marks(25), Marks(15)))).elected == (2,)


def test_equal_votes_away_from_the_border_are_no_tie() -> None:
    count = ListCount(50, tuple(map(Marks, (30, 30, 20, 10, 10))))
    assert decide(replace(RULE, tie=Tie.LOT), FACTS, count).text == "elected elected=1,2,3"


def test_all_may_be_tied() -> None:
    count = ListCount(50, tuple(map(Marks, (30, 30, 30, 30))))
    outcome = decide(replace(RULE, tie=Tie.LOT), FACTS, count)
    assert outcome.text == "tie tied=1,2,3,4 left=3 by=lot"


ROUNDS = Rule(
    "rounds", Elect.TOP, Base.VALID, 1, 2, seats=2,
    rounds_max=3, second_round=SecondRound.TOP_M, second_round_m=2,
)  # fmt: skip
SCATTERED = ListCount(50, tuple(map(Marks, (26, 10, 20, 25, 19))))


@pytest.mark.parametrize(
    ("how", "m", "votes", "candidates"),
    [
        (SecondRound.REMAINING, 0, (26, 10, 20, 25, 19), (2, 3, 4, 5)),
        (SecondRound.TOP_M, 2, (26, 10, 20, 25, 19), (3, 4)),
        (SecondRound.TOP_M, 3, (26, 10, 20, 25, 19), (3, 4, 5)),
        (SecondRound.TOP_M, 9, (26, 10, 20, 25, 19), (2, 3, 4, 5)),
        (SecondRound.TOP_M, 2, (26, 20, 20, 25, 9), (2, 3, 4)),
        (SecondRound.TOP_M, 2, (20, 20, 20, 20, 20), (1, 2, 3, 4, 5)),
    ],
)
def test_who_stands_in_the_second_round(
    how: SecondRound, m: int, votes: tuple[int, ...], candidates: tuple[int, ...]
) -> None:
    rule = replace(ROUNDS, second_round=how, second_round_m=m)
    outcome = decide(rule, FACTS, ListCount(50, tuple(map(Marks, votes))))
    assert outcome.verdict is Verdict.SECOND_ROUND
    assert outcome.candidates == candidates
    assert outcome.sums[-1].step is Step.SECOND_ROUND


def test_a_second_round_is_a_question_with_one_round_less() -> None:
    outcome = decide(ROUNDS, FACTS, SCATTERED)
    second = following(ROUNDS, outcome)
    assert second == replace(ROUNDS, seats=1, rounds_max=2)
    third = following(second, outcome)
    last = replace(ROUNDS, seats=1, rounds_max=1, second_round=SecondRound.NONE, second_round_m=0)
    assert third == last


def test_rounds_come_to_an_end() -> None:
    rule: Rule | None = ROUNDS
    texts = []
    for votes in ((26, 10, 20, 25, 19), (25, 25), (24, 26), (20, 20)):
        if rule is None:
            break
        outcome = decide(rule, FACTS, ListCount(50, tuple(map(Marks, votes))))
        texts.append(outcome.text)
        rule = following(rule, outcome)
    first, second, last = texts
    assert first == "second-round elected=1 next=3,4 left=1"
    assert second == "second-round next=1,2 left=1"
    assert last == "elected elected=2"


def test_the_last_round_may_elect_nobody_and_says_so() -> None:
    last = replace(ROUNDS, seats=1, rounds_max=1, second_round=SecondRound.NONE, second_round_m=0)
    assert decide(last, FACTS, ListCount(50, (Marks(25), Marks(25)))).text == "not-elected left=1"


@pytest.mark.parametrize("tie", [Tie.PRESIDIUM, Tie.REBALLOT, Tie.LOT])
def test_a_motion_on_the_border_is_for_people_to_decide(tie: Tie) -> None:
    rule = replace(preset("simple-majority"), tie=tie)
    outcome = decide(rule, FACTS, MotionCount(20, 20, 5))
    assert outcome.text == f"tie by={tie}"
    assert outcome.sums[-1].text == "20 = 20"
    assert decide(rule, FACTS, MotionCount(21, 20, 5)).verdict is Verdict.CARRIED
    assert decide(rule, FACTS, MotionCount(20, 21, 5)).verdict is Verdict.NOT_CARRIED
    assert decide(rule, FACTS, MotionCount(0, 0, 5)).verdict is Verdict.NOT_CARRIED


def test_equal_votes_short_of_the_majority_are_no_tie() -> None:
    rule = replace(preset("unesco-ich"), tie=Tie.PRESIDIUM)
    assert decide(rule, FACTS, MotionCount(20, 20, 1)).verdict is Verdict.NOT_CARRIED
