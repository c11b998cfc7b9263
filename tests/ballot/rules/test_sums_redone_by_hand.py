"""What is printed is enough: the sum, worked out again from its own text, gives the verdict."""

import re
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from operator import eq, ge, gt, le, lt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballot.rules.counted import Counted, ListCount, Marks, MotionCount
from ballot.rules.decide import decide
from ballot.rules.facts import Facts
from ballot.rules.outcome import Outcome, Verdict
from ballot.rules.presets import preset
from ballot.rules.rule import Base, Elect, Rule, SecondRound, Tie
from ballot.rules.sums import Step, Sum, hundredths, percent
from ballot.rules.words import describe

SIGNS: dict[str, Callable[[int, int], bool]] = {"<": lt, "=": eq, ">": gt, "≥": ge, "≤": le}


def _worked_out(side: str) -> int:
    """`26 × 2 = 52` -> 52, once 26 × 2 is 52; `52 − 1` -> 51."""
    values = set()
    for part in side.split(" = "):
        first, *rest = re.split(r" ([×+−]) ", part)
        value = int(first)
        for operator, number in zip(rest[::2], rest[1::2], strict=True):
            value = {"×": value * int(number), "+": value + int(number), "−": value - int(number)}[operator]
        values.add(value)
    assert len(values) == 1, side
    return values.pop()


def _holds(text: str, asks: str) -> bool:
    """Whether the printed relation gives what the step asks for; the printed sign itself must be true."""
    comparison = re.fullmatch(r"(.+) ([<>]) (.+)", text)
    if comparison is not None:
        left, shown, right = comparison.groups()
    elif asks == "=":
        _worked_out(text)
        return True
    else:
        parts = text.split(" = ")
        middle = len(parts) // 2
        left, shown, right = " = ".join(parts[:middle]), "=", " = ".join(parts[middle:])
    one, other = _worked_out(left), _worked_out(right)
    assert SIGNS[shown](one, other), text
    return SIGNS[asks](one, other)


def _redo(outcome: Outcome) -> None:
    for line in outcome.sums:
        assert _holds(line.text, line.asks) is line.holds, line
        assert line.text in line.vi
        assert line.text in line.en


@pytest.mark.parametrize(
    ("text", "asks", "holds"),
    [
        ("26 × 2 = 52 > 51 × 1 = 51", ">", True),
        ("25 × 2 = 50 = 50 × 1 = 50", ">", False),
        ("25 × 2 = 50 = 50 × 1 = 50", "≥", True),
        ("0 < 1", "≥", False),
        ("30 = 30", ">", False),
        ("3 > 2", "≤", False),
        ("52 − 1 − 1 = 50", "=", True),
        ("51", "=", True),
    ],
)
def test_the_reader_of_this_test_reads_right(text: str, asks: str, holds: bool) -> None:
    assert _holds(text, asks) is holds


@pytest.mark.parametrize("lie", ["26 × 2 = 53 > 51 × 1 = 51", "26 × 2 = 52 < 51 × 1 = 51", "52 − 1 = 50"])
def test_the_reader_of_this_test_finds_a_wrong_sum(lie: str) -> None:
    with pytest.raises(AssertionError):
        _holds(lie, "=" if "−" in lie else ">")


_few = st.integers(0, 40)


@given(
    _few, _few, _few, _few, _few, st.integers(1, 9), st.integers(1, 9), st.booleans(),
    st.sampled_from([base for base in Base if base is not Base.SEATS]), st.booleans(), st.booleans(),
)  # fmt: skip
def test_a_motion_is_what_its_sums_say(
    yes: int, no: int, abstain: int, blank: int, invalid: int, num: int, den: int, strict: bool, base: Base,
    has_quorum: bool, recused_in_base: bool,
) -> None:  # fmt: skip
    num = min(num, den - 1) if strict else min(num, den)
    if num < 1:
        return
    rule = Rule("redo", Elect.MOTION, base, num, den, strict=strict, recused_in_base=recused_in_base)
    if has_quorum:
        rule = replace(
            rule, quorum_of=Base.CAST, quorum_base=Base.SUMMONED_MINUS_EXCLUDED, quorum_num=2, quorum_den=3
        )
    count = MotionCount(yes, no, abstain, blank, invalid)
    facts = Facts(count.cast + 9, 2, 3, 0, count.cast + 4, count.cast + 5, 1, 2)
    outcome = decide(rule, facts, count)
    _redo(outcome)
    verdicts = {line.step: line.holds for line in outcome.sums}
    expected = Verdict.CARRIED if verdicts.get(Step.MAJORITY) else Verdict.NOT_CARRIED
    assert outcome.verdict is (expected if verdicts.get(Step.QUORUM, True) else Verdict.NO_QUORUM)


@given(
    st.lists(st.integers(0, 12), min_size=2, max_size=6),
    st.integers(1, 4),
    st.sampled_from(Tie),
    st.booleans(),
)
def test_an_election_is_what_its_sums_say(votes: list[int], seats: int, tie: Tie, again: bool) -> None:
    seats = min(seats, len(votes))
    valid = max(*votes, -(-sum(votes) // seats))
    if sum(votes) < valid:
        return
    rule = Rule("redo", Elect.TOP, Base.CAST, 1, 3, seats=seats, tie=tie)
    if again:
        rule = replace(rule, rounds_max=2, second_round=SecondRound.REMAINING)
    count = ListCount(valid, tuple(map(Marks, votes)), invalid=2)
    outcome = decide(rule, Facts(valid + 2), count)
    _redo(outcome)
    able = {line.option for line in outcome.sums if line.step is Step.MAJORITY and line.holds}
    assert set(outcome.elected) <= able
    assert len(outcome.elected) + outcome.left == seats
    assert {*outcome.elected, *outcome.not_elected, *outcome.tied} == set(range(1, len(votes) + 1))


def test_a_list_without_surplus_prints_the_base_of_each_person() -> None:
    rule = Rule("each", Elect.EACH, Base.FOR_AGAINST, 1, 2, seats=2)
    outcome = decide(rule, Facts(50), ListCount(40, (Marks(20, 15), Marks(18, 18))))
    _redo(outcome)
    assert outcome.text == "elected elected=1 left=1"
    assert [line.text for line in outcome.sums if line.step is Step.BASE] == ["20 + 15 = 35", "18 + 18 = 36"]


def test_nothing_of_nothing_is_never_a_majority_and_the_sum_says_why() -> None:
    rule = replace(preset("two-thirds"), base=Base.FOR_AGAINST)
    outcome = decide(rule, Facts(9), MotionCount(0, 0, 5))
    assert (outcome.verdict, outcome.sums[-1].text) == (Verdict.NOT_CARRIED, "0 < 1")
    plurality = Rule("plurality", Elect.TOP, Base.VALID, 0, 1, strict=False, seats=1)
    outcome = decide(plurality, Facts(9), ListCount(5, (Marks(5), Marks(0))))
    _redo(outcome)
    assert outcome.elected == (1,)


def test_the_sentences_are_whole_in_both_languages() -> None:
    rule = replace(
        preset("vn-party-motion"), quorum_of=Base.PRESENT_AT_OPEN, quorum_base=Base.SUMMONED, quorum_num=2,
        quorum_den=3,
    )  # fmt: skip
    count: Counted = MotionCount(26, 20, 1)
    outcome = decide(rule, Facts(52, excluded=1, present_at_open=48), count)
    assert "\n".join(line.en for line in outcome.sums) == (
        "Those present at the opening: 48.\n"
        "Those summoned: 52.\n"
        "Quorum reached: those present at the opening must be at least 2/3 of those summoned "
        "(48 × 3 = 144 > 52 × 2 = 104).\n"
        "Those summoned less the listed exclusions: 52 − 1 = 51.\n"
        "Carried: more than 1/2 of those summoned less the listed exclusions needed, 26 in favour, 50.98 % "
        "(26 × 2 = 52 > 51 × 1 = 51)."
    )
    assert outcome.sums[-1].vi == (
        "Thông qua: cần hơn 1/2 số người được triệu tập, trừ những người không tính theo quy chế, "
        "tán thành 26, 50,98 % (26 × 2 = 52 > 51 × 1 = 51)."
    )
    assert isinstance(outcome.sums[-1], Sum)


def test_a_rule_describes_itself_in_one_line() -> None:
    vi, en = describe(preset("vn-list-with-surplus", seats=15))
    assert en == (
        "Choose at most 15: elected with more than 1/2 of those summoned less the listed exclusions; on a "
        "tie a new ballot among those tied decides; the remaining candidates stand again."
    )
    assert vi.startswith("Chọn tối đa 15 người: trúng cử khi hơn 1/2 số người được triệu tập")
    plurality = Rule("plurality", Elect.TOP, Base.VALID, 0, 1, seats=2, recused_in_base=False)
    assert describe(plurality)[1].startswith("Choose at most 2: elected with at least one vote; ")


@pytest.mark.parametrize(
    ("part", "whole", "vi", "en"),
    [
        (2, 3, "66,67 %", "66.67 %"),
        (1, 3, "33,33 %", "33.33 %"),
        (1, 800, "0,13 %", "0.13 %"),  # 0.125 goes up; a float rounds half to even
        (3, 800, "0,38 %", "0.38 %"),
        (1, 1, "100,00 %", "100.00 %"),
        (0, 5, "0,00 %", "0.00 %"),
        (1999, 2000, "99,95 %", "99.95 %"),
        (199_999, 200_000, "100,00 %", "100.00 %"),  # 99.9995: display rounds, the sum beside it does not
        (5, 0, "—", "—"),
    ],
)
def test_percentages_are_rounded_half_up(part: int, whole: int, vi: str, en: str) -> None:
    assert percent(part, whole) == (vi, en)


@given(st.integers(0, 10**6), st.integers(1, 10**6))
def test_a_percentage_is_the_nearest_hundredth(part: int, whole: int) -> None:
    share = hundredths(part, whole)
    assert share is not None
    off = Fraction(share) - Fraction(part * 10_000, whole)
    assert Fraction(-1, 2) < off <= Fraction(1, 2)
