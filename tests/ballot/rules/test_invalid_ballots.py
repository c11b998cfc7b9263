"""Which marks make a ballot invalid, and which only lose the vote for one person."""

from itertools import chain, combinations

import pytest

from ballot.rules.counted import ListCount, Marks, MotionCount, from_tally
from ballot.rules.decide import decide
from ballot.rules.facts import Facts
from ballot.rules.presets import preset
from ballot.rules.refusals import CountRefused
from ballot.rules.rule import Base, Elect, Rule
from ballot.rules.validity import Validity, count_choices, count_rows, judge, row

CHOOSE_2 = Rule("choose", Elect.TOP, Base.VALID, 1, 2, seats=2)
WITH_BLANK = Rule("choose", Elect.TOP, Base.VALID, 1, 2, seats=2, blank_allowed=True)
ARTICLE_17 = "244-QĐ/TW, Art. 17"


@pytest.mark.parametrize(
    ("rule", "options_n", "chosen", "validity"),
    [
        (CHOOSE_2, 3, (1, 3), Validity.VALID),
        (CHOOSE_2, 3, (2,), Validity.VALID),
        (CHOOSE_2, 3, (1, 2, 3), Validity.INVALID),
        (CHOOSE_2, 3, (), Validity.INVALID),
        (WITH_BLANK, 3, (), Validity.BLANK),
        (CHOOSE_2, 1, (), Validity.VALID),
        (CHOOSE_2, 3, (4,), Validity.INVALID),
        (CHOOSE_2, 3, (0,), Validity.INVALID),
        (CHOOSE_2, 3, (2, 2), Validity.INVALID),
    ],
)
def test_a_ballot_that_chooses(
    rule: Rule, options_n: int, chosen: tuple[int, ...], validity: Validity
) -> None:
    assert judge(rule, options_n, chosen) is validity, ARTICLE_17


@pytest.mark.parametrize(
    ("agree", "disagree", "marks"),
    [
        (True, False, Marks(1, 0)),
        (False, True, Marks(0, 1)),
        (True, True, Marks(0, 0)),
        (False, False, Marks(0, 0)),
    ],
)
def test_both_boxes_or_neither_is_no_vote_for_that_person(agree: bool, disagree: bool, marks: Marks) -> None:
    assert row(agree, disagree) == marks, "190-QĐ/TW, Art. 30"


def test_a_ballot_with_a_void_row_stays_valid() -> None:
    void, for_, against = (True, True), (True, False), (False, True)
    count = count_rows(2, [[void, for_], [for_, against], [void, void], [for_]])
    assert count == ListCount(3, (Marks(1, 0), Marks(1, 1)), invalid=1)
    rule = Rule("each", Elect.EACH, Base.VALID, 1, 3, seats=2, strict=False)
    assert decide(rule, Facts(4), count).elected == (1, 2)


def test_the_sum_of_every_possible_ballot_can_be_decided() -> None:
    people = range(1, 5)
    ballots = list(chain.from_iterable(combinations(people, size) for size in range(5)))
    count = count_choices(WITH_BLANK, 4, ballots)
    assert (count.valid, count.blank, count.invalid) == (4 + 6, 1, 4 + 1)
    assert count.options == (Marks(1 + 3),) * 4
    assert decide(WITH_BLANK, Facts(16), count).text == "not-elected left=2"
    assert count_choices(CHOOSE_2, 4, ballots).invalid == 6


def test_a_secret_tally_becomes_the_same_count_as_the_ballots_behind_it() -> None:
    assert from_tally(preset("simple-majority"), [5, 3, 1], 9) == MotionCount(5, 3, 1)
    ballots = [(1, 2), (2,), (), (3, 1), ()]
    assert from_tally(WITH_BLANK, [2, 2, 1, 2], 5) == count_choices(WITH_BLANK, 3, ballots)
    assert from_tally(CHOOSE_2, [2, 2, 1], 3) == count_choices(CHOOSE_2, 3, [(1, 2), (2,), (1, 3)])
    each = preset("vn-list-without-surplus", seats=2)
    rows = [[(True, False), (False, True)], [(True, False), (False, False)]]
    assert from_tally(each, [2, 0, 0, 1], 2) == count_rows(2, rows)


@pytest.mark.parametrize(
    ("rule", "totals"),
    [
        (preset("simple-majority"), [1, 2]),
        (preset("simple-majority"), [1, 2, 3, 4]),
        (preset("vn-list-without-surplus", seats=1), [1, 2, 3]),
        (CHOOSE_2, []),
    ],
)
def test_a_tally_of_another_question_is_refused(rule: Rule, totals: list[int]) -> None:
    with pytest.raises(CountRefused, match="right question"):
        from_tally(rule, totals, 9)


def test_a_tally_that_lost_a_ballot_is_refused() -> None:
    with pytest.raises(CountRefused, match="add up to 9, but 10 ballots"):
        from_tally(preset("simple-majority"), [5, 3, 1], 10)
