"""All counts up to six, and all small lists, against fractions done by hand."""

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballot.rules.counted import ListCount, Marks, MotionCount
from ballot.rules.decide import decide
from ballot.rules.facts import Facts
from ballot.rules.outcome import Verdict
from ballot.rules.rule import Base, Elect, Rule, Tie
from tests.ballot.rules import naive

pytestmark = pytest.mark.slow

FRACTIONS = [(1, 2, True), (1, 2, False), (2, 3, False), (2, 3, True), (4, 5, False), (1, 1, False)]
MOTION_BASES = [base for base in Base if base is not Base.SEATS]
N_MAX = 6


def _motion_base(base: Base, facts: Facts, count: MotionCount) -> int:
    return {
        Base.SUMMONED: facts.summoned,
        Base.SUMMONED_MINUS_EXCLUDED: facts.summoned - 1,
        Base.PRESENT_AT_OPEN: facts.summoned - 1,
        Base.PRESENT_AT_CLOSE: facts.summoned - 1,
        Base.CAST: count.yes + count.no + count.abstain + count.blank,
        Base.VALID: count.yes + count.no + count.abstain,
        Base.FOR_AGAINST: count.yes + count.no,
    }[base]


@pytest.mark.parametrize("base", MOTION_BASES)
@pytest.mark.parametrize("tie", [Tie.NONE, Tie.PRESIDIUM])
def test_every_motion_of_up_to_six_ballots(base: Base, tie: Tie) -> None:
    facts = Facts(8, excluded=1, present_at_open=7, present_at_close=7)
    verdicts = set()
    for num, den, strict in FRACTIONS:
        rule = Rule("all", Elect.MOTION, base, num, den, strict=strict, tie=tie)
        for yes, no, abstain, blank in product(range(N_MAX + 1), repeat=4):
            if yes + no + abstain + blank > N_MAX:
                continue
            count = MotionCount(yes, no, abstain, blank)
            outcome = decide(rule, facts, count)
            expected = naive.motion(rule, yes, no, _motion_base(base, facts, count))
            assert outcome.text == expected, (rule, count)
            verdicts.add(outcome.verdict)
    assert {Verdict.CARRIED, Verdict.NOT_CARRIED} <= verdicts
    ties = base in (Base.CAST, Base.VALID, Base.FOR_AGAINST) and tie is not Tie.NONE
    assert (Verdict.TIE in verdicts) is ties


@pytest.mark.parametrize("tie", [Tie.NONE, Tie.PRESIDIUM])
@pytest.mark.parametrize("seats", [1, 2, 3])
def test_every_small_election_by_choosing(seats: int, tie: Tie) -> None:
    ballots = 4
    for num, den, strict in [(0, 1, True), *FRACTIONS]:
        rule = Rule("all", Elect.TOP, Base.VALID, num, den, strict=strict, seats=seats, tie=tie)
        for votes in product(range(ballots + 1), repeat=4):
            if not ballots <= sum(votes) <= ballots * seats:
                continue
            options = tuple(map(Marks, votes))
            outcome = decide(rule, Facts(9), ListCount(ballots, options))
            sure, tied = naive.election(rule, options, ballots)
            assert set(outcome.elected) == sure, (rule, votes)
            assert set(outcome.tied) == tied, (rule, votes)
            assert (outcome.verdict is Verdict.TIE) is bool(tied and tie is not Tie.NONE)
            assert outcome.left == seats - len(sure)


@pytest.mark.parametrize("base", [Base.FOR_AGAINST, Base.VALID, Base.SUMMONED])
def test_every_small_list_without_surplus(base: Base) -> None:
    ballots = 3
    rows = [(votes, against) for votes in range(4) for against in range(4) if votes + against <= ballots]
    for num, den, strict in FRACTIONS:
        rule = Rule("all", Elect.EACH, base, num, den, strict=strict, seats=2)
        for pair in product(rows, repeat=2):
            options = tuple(Marks(*row) for row in pair)
            outcome = decide(rule, Facts(4), ListCount(ballots, options))
            sizes = {Base.FOR_AGAINST: None, Base.VALID: ballots, Base.SUMMONED: 4}
            assert set(outcome.elected) == naive.election(rule, options, sizes[base])[0]


counts = st.integers(0, 3000)
FIXED = (Base.SUMMONED, Base.SUMMONED_MINUS_EXCLUDED, Base.PRESENT_AT_OPEN, Base.PRESENT_AT_CLOSE)


@given(counts, counts, counts, st.integers(1, 50), st.integers(1, 50), st.booleans(), st.sampled_from(FIXED))
def test_one_vote_more_never_loses_a_motion(
    yes: int, no: int, abstain: int, num: int, den: int, strict: bool, base: Base
) -> None:
    num = min(num, den - 1) if strict else min(num, den)
    if num < 1:
        return
    rule = Rule("more", Elect.MOTION, base, num, den, strict=strict)
    cast = yes + no + abstain
    facts = Facts(cast + 2, excluded=1, present_at_open=cast + 1, present_at_close=cast + 1)
    before = decide(rule, facts, MotionCount(yes, no, abstain)).verdict
    after = decide(rule, facts, MotionCount(yes + 1, no, abstain)).verdict
    assert after is Verdict.CARRIED or before is not Verdict.CARRIED
    if no:
        turned = decide(rule, facts, MotionCount(yes + 1, no - 1, abstain)).verdict
        assert turned is Verdict.CARRIED or before is not Verdict.CARRIED


@given(st.lists(st.integers(0, 20), min_size=2, max_size=8), st.integers(1, 8), st.data())
def test_one_vote_more_never_unseats_anybody(votes: list[int], seats: int, data: st.DataObject) -> None:
    seats = min(seats, len(votes))
    ballots = max(1, *votes, -(-sum(votes) // seats)) + 1
    rule = Rule("more", Elect.TOP, Base.VALID, 1, 3, seats=seats)
    if sum(votes) < ballots:
        rule = replace(rule, blank_allowed=True)
    count = ListCount(min(ballots, sum(votes)), tuple(map(Marks, votes)), blank=max(0, ballots - sum(votes)))
    if any(number > count.valid for number in votes) or sum(votes) > count.valid * seats:
        return
    elected = decide(rule, Facts(2000), count).elected
    if not elected:
        return
    lucky = data.draw(st.sampled_from(elected))
    if votes[lucky - 1] + 1 > count.valid or sum(votes) + 1 > count.valid * seats:
        return
    more = tuple(Marks(number + (at == lucky)) for at, number in enumerate(votes, 1))
    assert lucky in decide(rule, Facts(2000), replace(count, options=more)).elected
