"""Cutting, folding and finding of names; what became of a tap."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.lane.rules import WAIT_MS, Outcome, cut, finds, folded, outcome


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("nguyen", "Nguyễn Văn Đức"), ("Nguyễn", "Nguyen Van Duc"), ("duc", "Nguyễn Văn Đức"),
        ("đức", "Nguyễn Văn Duc"), ("van ng", "Nguyễn Văn Đức"), ("HUONG", "Lê Thị Thu Hương"),
        ("uong", "Ương Ngọc"), ("hương", "Le Thi Huong"), ("a12", "Nguyễn Văn Đức"),
    ],
)  # fmt: skip
def test_a_name_is_found_without_its_accents_and_with_them(typed: str, name: str) -> None:
    assert finds(folded(typed).split(), folded(name), folded("A12"))
    assert folded(unicodedata.normalize("NFD", name)) == folded(name)


@pytest.mark.parametrize("typed", ["guyen", "duc x", "a1", "ngx"])
def test_other_names_are_not_found(typed: str) -> None:
    assert not finds(folded(typed).split(), folded("Nguyễn Văn Đức"), folded("A12"))


@given(st.text(max_size=150), st.integers(0, 200))
def test_a_cut_is_a_beginning_that_fits_and_parts_no_letter_from_its_accents(text: str, limit: int) -> None:
    found = cut(text, limit)
    assert text.startswith(found)
    assert len(found.encode()) <= limit
    rest = text[len(found) :]
    assert not found or not rest or not unicodedata.combining(rest[0])
    if len(text.encode()) <= limit:
        assert found == text


def test_a_letter_made_of_several_characters_goes_whole() -> None:
    assert cut(unicodedata.normalize("NFD", "aễ"), 4) == "a"


def test_a_tap_waits_and_expires_and_a_late_passage_still_counts() -> None:
    assert outcome(False, 0, WAIT_MS) is Outcome.PENDING
    assert outcome(False, 0, WAIT_MS + 1) is Outcome.EXPIRED
    assert outcome(True, 0, 10 * WAIT_MS) is Outcome.PASSED
