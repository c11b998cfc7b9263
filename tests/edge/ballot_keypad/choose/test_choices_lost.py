"""Whatever is pressed: no ballot that its shape does not allow, and nobody chosen is lost in silence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballot.shape import BITS, LINEAR, Relation, Shape, at_most, each_of, one_of
from edge.ballot_keypad.choose.each import Each, Mark
from edge.ballot_keypad.choose.form import Form, Kind, form_of
from edge.ballot_keypad.choose.pick import Pick, Place
from edge.ballot_keypad.choose.selection import begin
from edge.ballot_keypad.choose.view import shown
from edge.ballot_keypad.keys.press import Button

PEOPLE = tuple(f"c{number}" for number in range(1, 13))
NAMES = tuple(f"Người số {number}" for number in range(1, 13))


def labels(shape: Shape) -> list[str]:
    return [f"label {option}" for option in shape.options]


def form(shape: Shape) -> Form:
    found = form_of(shape, labels(shape))
    assert found is not None
    return found


SHAPES = {
    "motion": one_of(("yes", "no", "abstain")),
    "pick": at_most(3, PEOPLE),
    "at-least-two": at_most(4, PEOPLE, lo=2),
    "without-blank": Shape(PEOPLE[:4], (Relation(tuple((i, 1) for i in range(4)), 1, 2, LINEAR),)),
    "each": each_of(PEOPLE[:3]),
    "one": at_most(1, PEOPLE[:1]),
}
presses = st.lists(st.sampled_from(Button), max_size=60)


@pytest.mark.parametrize("name", SHAPES)
@given(buttons=presses)
def test_no_presses_ever_make_a_ballot_that_its_shape_does_not_allow(
    name: str, buttons: list[Button]
) -> None:
    shape = SHAPES[name]
    selection = begin(form(shape))
    for button in buttons:
        selection = selection.pressed(button)
        shown(selection)
        if selection.choices is not None:
            assert shape.allows(selection.choices)
            return


@given(buttons=presses)
def test_who_is_picked_stays_picked_until_ok_takes_them_off_where_their_name_is_shown(
    buttons: list[Button],
) -> None:
    pick = Pick(form(SHAPES["pick"]))
    for button in buttons:
        after = pick.pressed(button)
        gone, new = set(pick.picked) - set(after.picked), set(after.picked) - set(pick.picked)
        assert not gone or (button is Button.OK and pick.place is Place.GIVE_BACK and gone == {pick.number})
        assert not new or (button is Button.OK and pick.place is Place.TAKE and new == {pick.number})
        pick = after


@given(buttons=presses)
def test_a_mark_changes_only_for_the_person_on_the_glass_and_by_a_key_that_says_so(
    buttons: list[Button],
) -> None:
    each = Each.of(form(SHAPES["each"]))
    for button in buttons:
        after = each.pressed(button)
        changed = [
            at for at, pair in enumerate(zip(each.marks, after.marks, strict=True)) if len(set(pair)) > 1
        ]
        assert not changed or (changed == [each.at] and button in (Button.YES, Button.NO, Button.ABSTAIN))
        each = after


def press(selection: Pick, keys: str) -> Pick:
    words = {"o": Button.OK, "c": Button.CLEAR, "b": Button.BLANK, "<": Button.BACK}
    for key in keys:
        selection = selection.pressed(words.get(key) or Button(key))
    return selection


def said(selection: Pick) -> str:
    parts = shown(selection)
    return " | ".join((parts.title[1], *(words[1] for words in parts.body), *parts.plain, parts.large))


def test_a_number_shows_its_name_and_ok_takes_it() -> None:
    pick = press(begin(form(SHAPES["pick"])), "12o")
    assert said(pick) == "12. label c12 | Chosen 0 of at most 3 | "
    assert said(press(pick, "o")) == "Added | Chosen 1 of at most 3 | "


def test_the_same_number_again_offers_to_take_it_off() -> None:
    pick = press(begin(form(SHAPES["pick"])), "12oo12o")
    assert "Is chosen" in said(pick)
    assert press(pick, "c").picked == (12,)
    assert press(pick, "o").picked == ()


def test_one_more_than_allowed_is_refused_in_words_and_nobody_goes_for_them() -> None:
    pick = press(begin(form(SHAPES["pick"])), "1oo2oo3oo4oo")
    assert pick.picked == (1, 2, 3)
    assert "You have chosen all 3" in said(pick)


def test_an_unknown_number_and_too_few_are_refused_in_words() -> None:
    assert "There is no such number" in said(press(begin(form(SHAPES["pick"])), "13o"))
    assert "Choose at least 2" in said(press(begin(form(SHAPES["at-least-two"])), "1ooo"))


def test_a_blank_ballot_asks_whether_it_is_meant_and_takes_nobody_off() -> None:
    blank = press(begin(form(SHAPES["pick"])), "b")
    assert said(blank).startswith("LEAVE IT BLANK?")
    assert press(blank, "c").choices is None
    assert press(blank, "o").choices == bytes(12) + b"\1"
    refused = press(begin(form(SHAPES["pick"])), "1oob")
    assert refused.picked == (1,)
    assert "1 chosen: take all off" in said(refused)


def test_the_review_names_everybody_who_is_chosen_and_can_be_left_again() -> None:
    pick = press(begin(form(SHAPES["pick"])), "3oo1ooo")
    assert said(pick) == "Chosen 2 of at most 3 | 1. label c1 | 3. label c3 | "
    assert press(pick, "c").picked == (3, 1)
    assert press(pick, "o").choices == b"\1\0\1" + bytes(10)


def test_people_are_agreed_to_one_by_one_skipped_or_jumped_to() -> None:
    each = Each.of(form(SHAPES["each"]))
    for button in (Button.YES, Button.OK, Button.NO):
        each = each.pressed(button)
    assert each.marks == (Mark.FOR, Mark.NEITHER, Mark.AGAINST)
    for button in (Button.DIGIT_2, Button.OK, Button.YES, Button.DOWN, Button.OK):
        each = each.pressed(button)
    assert each.choices == b"\1\0\1\0\0\1"


def test_a_mark_is_not_given_to_whoever_stands_there_while_a_number_is_half_typed() -> None:
    each = Each.of(form(SHAPES["each"])).pressed(Button.DIGIT_3).pressed(Button.YES)
    assert set(each.marks) == {Mark.NEITHER}


@pytest.mark.parametrize(
    "shape",
    [
        one_of(("a", "b", "c")),
        Shape(("c1", "c2"), (Relation(((0, 2), (1, 1)), 1, 2, LINEAR),)),
        Shape(("c1", "c2"), (Relation(((0, 1), (1, 1)), 0, 1, BITS),)),
    ],
)
def test_a_shape_that_no_machine_fills_in_has_no_form(shape: Shape) -> None:
    found = form_of(shape, labels(shape))
    assert found is None or found.kind is Kind.LIST


def test_the_name_of_a_person_is_what_their_two_labels_have_in_common() -> None:
    shape = each_of(["c1", "c2"])
    texts = ["Lê Ậu: Đồng ý", "Lê Ậu: Không đồng ý", "Đỗ: Đồng ý", "Đỗ: Đứng ngoài"]
    assert form_of(shape, texts).names == ("Lê Ậu", "Đỗ")  # type: ignore[union-attr]


def test_with_five_keys_whoever_was_marked_wrongly_can_be_gone_back_to() -> None:
    each = Each.of(form(SHAPES["each"]))
    for button in (Button.YES, Button.NO, Button.YES, Button.CLEAR):
        each = each.pressed(button)
    for _ in range(2):
        each = each.pressed(Button.CLEAR)
    assert each.at == 0
    for button in (Button.NO, Button.OK, Button.OK, Button.OK):
        each = each.pressed(button)
    assert each.marks == (Mark.AGAINST, Mark.AGAINST, Mark.FOR)
    assert each.choices is not None


def test_clear_takes_a_number_that_is_typed_away_before_it_goes_back() -> None:
    each = Each.of(form(SHAPES["each"])).pressed(Button.OK).pressed(Button.DIGIT_3).pressed(Button.CLEAR)
    assert (each.typed, each.at) == ("", 1)
