"""A hand count stands only when two people found the same in each box; then the same rules decide."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballot.rules.counted import ListCount, Marks, MotionCount
from ballot.rules.decide import decide
from ballot.rules.facts import Facts
from ballot.rules.outcome import Verdict
from ballot.rules.paper import Agreed, BoxSheet, compare, merge, plausible
from ballot.rules.presets import preset
from ballot.rules.refusals import CountRefused

MOTION = preset("simple-majority")
CHOICE = preset("vn-list-with-surplus", seats=2)
EACH = preset("vn-list-without-surplus", seats=2)
LAN = BoxSheet("box 1", "Lan", 52, 50, MotionCount(30, 15, 2, blank=1, invalid=2, spoilt=1))
HUNG = replace(LAN, by="Hùng")
LISTED = BoxSheet("box 1", "Lan", 12, 11, ListCount(10, (Marks(9), Marks(5), Marks(3)), invalid=1))


def _agreed(sheet: BoxSheet, other: str = "Hùng") -> Agreed:
    rule = MOTION if isinstance(sheet.counted, MotionCount) else CHOICE
    found = compare(rule, sheet, replace(sheet, by=other))
    assert isinstance(found, Agreed)
    return found


def test_two_people_who_found_the_same_agree() -> None:
    assert compare(MOTION, LAN, HUNG) == Agreed("box 1", ("Lan", "Hùng"), 52, 50, LAN.counted)


def test_every_number_in_which_they_differ_is_named() -> None:
    other = replace(HUNG, issued=53, counted=MotionCount(29, 16, 2, blank=1, invalid=2, spoilt=1))
    differences = compare(MOTION, LAN, other)
    assert isinstance(differences, tuple)
    assert [(at.field, at.first, at.second) for at in differences] == [
        ("issued", 52, 53), ("yes", 30, 29), ("no", 15, 16),
    ]  # fmt: skip
    assert differences[1].en == "Yes: Lan has 30, Hùng has 29; count again."
    assert differences[1].vi == "Tán thành: Lan ghi 30, Hùng ghi 29; kiểm lại."


@given(st.data())
def test_no_difference_between_two_lists_goes_unseen(data: st.DataObject) -> None:
    votes = st.lists(st.integers(5, 10), min_size=2, max_size=2)
    sheets = [
        replace(LISTED, by=by, counted=ListCount(10, tuple(map(Marks, data.draw(votes))), invalid=1))
        for by in ("Lan", "Hùng")
    ]
    found = compare(CHOICE, *sheets)
    assert isinstance(found, Agreed) is (sheets[0].counted == sheets[1].counted)


@pytest.mark.parametrize("by", ["Lan", " lan ", "LAN"])
def test_one_person_does_not_count_twice(by: str) -> None:
    with pytest.raises(CountRefused, match="somebody else"):
        compare(MOTION, LAN, replace(LAN, by=by))


def test_sheets_of_two_boxes_or_two_questions_are_not_compared() -> None:
    with pytest.raises(CountRefused, match="two boxes"):
        compare(MOTION, LAN, replace(HUNG, box="box 2"))
    with pytest.raises(CountRefused, match="right question"):
        compare(MOTION, LAN, replace(HUNG, counted=LISTED.counted))


@pytest.mark.parametrize(
    ("sheet", "code"),
    [
        (replace(LAN, issued=-1), "papers-malformed"),
        (replace(LAN, returned=True), "papers-malformed"),
        (replace(LAN, counted=MotionCount(-30, 77, 2, 1)), "count-malformed"),
        (replace(LAN, issued=50), "more-returned-than-issued"),
        (replace(LAN, returned=49), "sum-of-papers"),
        (
            replace(LISTED, counted=ListCount(10, (Marks(9), Marks(9), Marks(3)), invalid=1)),
            "marks-over-seats",
        ),
        (
            replace(LISTED, counted=ListCount(10, (Marks(3), Marks(3), Marks(3)), invalid=1)),
            "marks-under-ballots",
        ),
        (
            replace(LISTED, counted=ListCount(10, (Marks(11), Marks(3), Marks(3)), invalid=1)),
            "votes-over-ballots",
        ),
        (replace(LISTED, counted=ListCount(9, (Marks(9), Marks(3)), blank=2)), "blank-not-allowed"),
    ],
)
def test_a_sheet_that_cannot_be_is_refused(sheet: BoxSheet, code: str) -> None:
    rule = MOTION if isinstance(sheet.counted, MotionCount) else CHOICE
    assert [refusal.code for refusal in plausible(rule, sheet)] == [code]
    with pytest.raises(CountRefused) as refused:
        compare(rule, sheet, replace(sheet, by="Hùng"))
    assert [refusal.code for refusal in refused.value.refusals] == [code], "said once for both"


def test_boxes_are_added_number_by_number_and_marked_as_paper() -> None:
    second = replace(LAN, box="box 2", issued=20, returned=20, counted=MotionCount(5, 15, 0))
    merged = merge([_agreed(LAN), _agreed(second)])
    assert merged.counted == MotionCount(35, 30, 2, 1, 2, 1, paper=True)
    assert (merged.issued, merged.returned, len(merged.boxes)) == (72, 70, 2)
    facts = Facts(80, issued=merged.issued, returned=merged.returned)
    assert decide(MOTION, facts, merged.counted).verdict is Verdict.CARRIED


def test_lists_are_added_person_by_person() -> None:
    merged = merge([_agreed(LISTED), _agreed(replace(LISTED, box="box 2"), "Minh")])
    assert merged.counted == ListCount(20, (Marks(18), Marks(10), Marks(6)), invalid=2, paper=True)
    sheet = BoxSheet("box 1", "Lan", 10, 10, ListCount(10, (Marks(9, 1), Marks(4, 5))))
    agreed = compare(EACH, sheet, replace(sheet, by="Hùng"))
    assert isinstance(agreed, Agreed)
    again = merge([agreed, replace(agreed, box="box 2")])
    assert again.counted == ListCount(20, (Marks(18, 2), Marks(8, 10)), paper=True)


def test_no_box_is_forgotten_entirely_or_added_twice() -> None:
    with pytest.raises(CountRefused) as none:
        merge([])
    assert none.value.refusals[0].code == "no-box"
    with pytest.raises(CountRefused) as twice:
        merge([_agreed(LAN), _agreed(replace(LAN, box=" BOX 1"))])
    assert twice.value.refusals[0].code == "box-twice"
    with pytest.raises(CountRefused, match="right question"):
        merge([_agreed(LAN), _agreed(replace(LISTED, box="box 2"))])


def test_paper_and_keypads_are_decided_alike() -> None:
    keypads = MotionCount(30, 15, 2, 1, 2, 1)
    paper = merge([_agreed(LAN)]).counted
    assert paper == replace(keypads, paper=True)
    assert decide(MOTION, Facts(80), paper) == decide(MOTION, Facts(80), keypads)
