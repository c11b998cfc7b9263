"""Fractions are compared as integers; the sentence holds the sum that anybody can redo."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballot.rules.sums import carried, quorum

CASES = [
    # Bosch's "1/2 × N + 1" asks 26.5 of 51 and turns a valid 26 away; more than a half does not (DCN NG
    # manual).
    (26, 25, 1, 2, True),
    (25, 26, 1, 2, False),
    # European Parliament, Rule 194(3): only votes for and against count; a tie is not carried.
    (300, 300, 1, 2, False),
    (1, 0, 1, 2, True),
    (0, 0, 1, 2, False),
    # Two thirds of those for and against: more than, as the question's record defines it (SPEC §5).
    (67, 33, 2, 3, True),
    (66, 33, 2, 3, False),
    # Decision 190-QĐ/TW, Art. 30: more than half.
    (51, 49, 1, 2, True),
    (50, 50, 1, 2, False),
]


@pytest.mark.parametrize(("yes", "no", "num", "den", "holds"), CASES)
def test_majorities_of_standing_orders(yes: int, no: int, num: int, den: int, holds: bool) -> None:
    assert carried(yes, no, num, den).holds is holds


@pytest.mark.parametrize(
    ("present", "summoned", "num", "den", "holds"),
    [
        (1, 2, 1, 2, True),
        (33, 50, 2, 3, False),
        (34, 50, 2, 3, True),
        (0, 0, 1, 2, False),
        (0, 5, 0, 1, True),
    ],
)
def test_quorums(present: int, summoned: int, num: int, den: int, holds: bool) -> None:
    assert quorum(present, summoned, num, den).holds is holds


def test_the_sentences_name_rule_and_numbers_in_both_languages() -> None:
    ruling = carried(26, 25, 1, 2)
    assert (
        ruling.en
        == "Carried: more than 1/2 of the votes for and against needed (26 × 2 = 52 > (26 + 25) × 1 = 51)."
    )
    assert (
        ruling.vi
        == "Thông qua: cần hơn 1/2 số phiếu tán thành và không tán thành (26 × 2 = 52 > (26 + 25) × 1 = 51)."
    )
    missed = quorum(33, 50, 2, 3)
    assert missed.en == (
        "Quorum not reached: 33 of 50 summoned are present, at least 2/3 needed (33 × 3 = 99 < 50 × 2 = 100)."
    )
    assert missed.vi.startswith("Chưa đủ túc số: có mặt 33 trên 50")


@given(st.integers(0, 5000), st.integers(0, 5000), st.integers(0, 1000), st.integers(1, 1000))
def test_one_vote_more_never_loses_a_majority_and_the_sign_is_the_truth(
    yes: int, no: int, num: int, den: int
) -> None:
    ruling = carried(yes, no, num, den)
    if ruling.holds and num <= den:
        assert carried(yes + 1, no, num, den).holds
    assert (f"{yes * den} > " in ruling.en) is ruling.holds


@given(st.integers(0, 3000), st.integers(1, 3000), st.integers(0, 1000), st.integers(1, 1000))
def test_one_person_more_never_loses_a_quorum(present: int, summoned: int, num: int, den: int) -> None:
    if quorum(present, summoned, num, den).holds:
        assert quorum(present + 1, summoned, num, den).holds
