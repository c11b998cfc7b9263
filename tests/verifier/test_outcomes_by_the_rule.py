"""The outcome as the verifier works it out from RULES.md, beside that of ballot/rules, which others wrote."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ballot.rules import facts as their_facts
from ballot.rules import rule as rules
from ballot.rules.counted import from_tally
from ballot.rules.decide import decide
from ballot.rules.refusals import Refused
from verifier import verify
from wire.errors import BadSchema

FRACTIONS = st.sampled_from([(1, 2), (2, 3), (4, 5), (1, 1), (0, 1), (1, 3)])
REFUSAL = "refused"


@st.composite
def rule_arrays(draw: st.DrawFn) -> list[Any]:
    """Arrays of a form that rules §1 allows, sensible or not."""
    num, den = draw(FRACTIONS)
    bases = st.sampled_from(verify.TYPES["base"].split("|"))
    quorum: list[Any] = [None] * 4
    if draw(st.integers(0, 3)) == 0:
        of = st.sampled_from(["present_at_open", "present_at_close", "cast"])
        quorum = [draw(of), draw(bases), *draw(FRACTIONS)]
    second = draw(st.sampled_from(["none", "remaining", "top_m"]))
    rounds = 1 if second == "none" else 2
    elect = draw(st.sampled_from(["motion", "each", "top"]))
    seats = 0 if elect == "motion" else draw(st.integers(1, 4))
    if elect == "motion":
        second, rounds = "none", 1
    tie = draw(st.sampled_from(["none", "reballot", "seniority", "presidium", "lot"]))
    m = draw(st.integers(1, 5)) if second == "top_m" else 0
    blank, recused = draw(st.booleans()), draw(st.booleans())
    array = ["rule/1", "r", elect, draw(bases), num, den, draw(st.booleans()), *quorum]
    return [*array, seats, blank, tie, rounds, second, m, None, recused, 0]


@st.composite
def facts_given(draw: st.DrawFn) -> list[Any]:
    """As `facts/1` holds them, sensible or not."""
    small = st.integers(0, 30)
    summoned, excluded, recused = draw(st.integers(8, 40)), draw(st.integers(0, 4)), draw(st.integers(0, 3))
    present = [draw(small), draw(small), draw(small)]
    return ["facts/1", summoned, excluded, recused, *present, draw(st.integers(0, 2)), 0, None, None]


def orders(people: int) -> st.SearchStrategy[list[int] | None]:
    some = st.lists(st.integers(1, people), max_size=people)
    return st.none() | st.permutations(range(1, people + 1)).map(list) | some


def facts_of(given: list[Any]) -> Any:
    return verify.tagged("facts/1", verify.FACTS, given)


def ours(
    rule: list[Any], given: list[Any], options: list[str], totals: list[int], counted: int, order: Any
) -> str:
    """What the verifier says."""
    try:
        known, facts = verify.rule_of(rule, options), facts_of(given)
        count = verify.count_of(known, options, totals, counted)
        verify.check_facts(known, facts, count)
        return verify.outcome(known, facts, count, order)[0]
    except verify.Bad:
        return REFUSAL


def theirs(rule: list[Any], given: list[Any], totals: list[int], counted: int, order: Any) -> str:
    """What the hall says."""
    try:
        known = rules.parse(rule)
        return decide(known, their_facts.parse(given), from_tally(known, totals, counted), order).text
    except (Refused, BadSchema):
        return REFUSAL


@settings(max_examples=400, deadline=None)
@given(
    rule_arrays(),
    facts_given(),
    st.lists(st.integers(0, 12), min_size=1, max_size=8),
    st.integers(0, 3),
    st.data(),
)
def test_both_say_the_same(
    rule: list[Any], facts: list[Any], totals: list[int], blank: int, data: st.DataObject
) -> None:
    if rule[2] == "motion":
        totals, options = (totals * 3)[:3], ["yes", "no", "abstain"]
        counted = sum(totals)
    elif rule[2] == "each":
        totals = totals * 2
        options = [f"c{at}" for at in range(len(totals))]
        counted = max(a + b for a, b in zip(totals[::2], totals[1::2], strict=True))
    else:
        options = [f"c{at}" for at in range(len(totals))]
        counted = max(totals)
        if rule[12]:
            totals, options, counted = [*totals, blank], [*options, "blank"], counted + blank
    order = data.draw(orders(len(totals)))
    assert ours(rule, facts, options, totals, counted, order) == theirs(rule, facts, totals, counted, order)


MOTION = ["rule/1", "r", "motion", "for_against", 1, 2, True, *[None] * 4]
MOTION = [*MOTION, 0, False, "none", 1, "none", 0, None, True, 0]
YES_NO = ["yes", "no", "abstain"]
NO_FACTS = ["facts/1", *[0] * 8, None, None]


@pytest.mark.parametrize(
    ("totals", "expected"),
    [
        ([26, 25, 0], "carried"),
        ([26, 26, 0], "not-carried"),
        ([0, 0, 5], "not-carried"),
        ([1, 0, 9], "carried"),
    ],
)
def test_a_motion_by_hand(totals: list[int], expected: str) -> None:
    rule = verify.rule_of(MOTION, YES_NO)
    count = verify.count_of(rule, YES_NO, totals, sum(totals))
    said, sums = verify.outcome(rule, facts_of(NO_FACTS), count)
    assert said == expected
    assert sums[0].startswith(
        "yes: 0 < 1" if totals[:2] == [0, 0] else f"yes: {totals[0]} × 2 = {2 * totals[0]} "
    )


def test_heads_are_those_that_the_board_certified() -> None:
    rule = verify.rule_of([*MOTION[:3], "summoned", *MOTION[4:]], YES_NO)
    count = verify.count_of(rule, YES_NO, [26, 25, 0], 51)
    for summoned, expected in ((51, "carried"), (52, "not-carried")):
        facts = facts_of(["facts/1", summoned, *NO_FACTS[2:]])
        assert verify.outcome(rule, facts, count)[0] == expected
