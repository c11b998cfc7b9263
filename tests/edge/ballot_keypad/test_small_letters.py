"""Every Vietnamese letter is told from every other on one-bit glass, and so is every letter of a code."""

import unicodedata
from dataclasses import replace
from itertools import combinations, pairwise

import pytest
from PIL import Image

from edge.ballot_keypad.display.drawing import code_letters
from edge.ballot_keypad.display.drawing.letters import Face, letter, reach, set_text, width
from edge.ballot_keypad.display.drawing.picture import SIZES, Size, draw, parts
from edge.ballot_keypad.display.drawing.plan import HINT, LARGE, SMALL, TEXT, TITLE
from edge.ballot_keypad.display.drawing.signs import SIGN_ROWS
from edge.ballot_keypad.display.page import Page, Sign

TONES = ("", "\u0300", "\u0301", "\u0309", "\u0303", "\u0323")
SMALL_LETTERS = [unicodedata.normalize("NFC", v + t) for v in "aăâeêioôơuưy" for t in TONES]
SMALL_LETTERS += list("bcdđfghjklmnpqrstvwxz")
CAPITALS = [each.upper() for each in SMALL_LETTERS]
DIGITS = list("0123456789")
APART_PX_MIN = 3
"""Points by which two letters of running text differ, at least. Set by an outline font, several pairs
differ in none."""
CODE_APART_MIN = 6


def picture(text: str, face: Face) -> int:
    """Its points, as one number; all letters on the same line."""
    side = 5 * face.size_px
    canvas = Image.new("1", (side, side))
    set_text(canvas, (face.size_px, 3 * face.size_px), text, face)
    return int.from_bytes(canvas.tobytes(), "big")


def nearest(letters: list[str], face: Face) -> tuple[int, str, str]:
    drawn = {each: picture(each, face) for each in letters}
    return min(((drawn[a] ^ drawn[b]).bit_count(), a, b) for a, b in combinations(letters, 2))


@pytest.mark.parametrize("face", [TEXT, TITLE, *LARGE], ids=lambda face: f"{face.size_px}{face.is_bold}")
def test_no_two_letters_of_running_text_look_alike(face: Face) -> None:
    assert len({*SMALL_LETTERS, *CAPITALS}) == 186
    distance, one, other = nearest(SMALL_LETTERS + CAPITALS + DIGITS, face)
    assert distance >= APART_PX_MIN, (one, other)


@pytest.mark.parametrize("face", [SMALL, HINT], ids=["seat", "hint"])
def test_no_two_letters_are_the_same_in_the_smallest_words(face: Face) -> None:
    distance, one, other = nearest(SMALL_LETTERS + CAPITALS + DIGITS, face)
    assert distance >= 1, (one, other)
    distance, one, other = nearest(CAPITALS + DIGITS, face)
    assert distance >= 2, (one, other)


@pytest.mark.parametrize("face", [TEXT, TITLE, SMALL, HINT, *LARGE])
def test_a_mark_never_touches_the_one_above_it_nor_its_letter(face: Face) -> None:
    """Ế is three pieces: E, circumflex, acute, each with a dark row below it."""
    for each in "ẾỖẪểậ":
        found = letter(each, face)
        assert found.mask is not None
        rows = [
            any(found.mask.getpixel((x, y)) for x in range(found.mask.width))
            for y in range(found.mask.height)
        ]
        gaps = sum(1 for above, below in pairwise(rows) if above and not below)
        assert gaps == 2, each


@pytest.mark.parametrize("face", [TEXT, TITLE, HINT])
def test_ink_stays_between_the_pen_and_the_width(face: Face) -> None:
    for each in SMALL_LETTERS + CAPITALS + DIGITS:
        found = letter(each, face)
        assert found.mask is not None
        assert found.left >= 0
        assert found.left + found.mask.width <= found.advance
    assert width("Ế", face) == letter("Ế", face).advance
    assert reach("Ậ", face)[1] > reach("A", face)[1]


def test_what_is_no_letter_is_dark_and_what_no_rule_knows_is_the_fonts() -> None:
    assert letter("\x1b", TEXT).mask is None
    assert letter(" ", TEXT).mask is None
    assert letter("ü", TEXT).mask is not None


def test_without_the_font_words_are_still_told_apart(monkeypatch, caplog) -> None:
    from edge.ballot_keypad.display.drawing import letters

    for cache in (letters.letter, letters._font, letters._metrics):
        cache.cache_clear()
    monkeypatch.setattr(letters, "_PACKAGE", "fontpkg_that_is_not_there")
    try:
        distance, one, other = nearest(SMALL_LETTERS + CAPITALS, Face(16))
        assert distance >= 1, (one, other)
        assert "pip install fontpkg-that-is-not-there" in caplog.text
    finally:
        for cache in (letters.letter, letters._font, letters._metrics):
            cache.cache_clear()


def test_every_letter_of_a_code_is_drawn_and_told_apart() -> None:
    alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    drawn = {each: "".join(code_letters.rows_of(each)) for each in alphabet}
    assert {len(rows) for rows in drawn.values()} == {code_letters.WIDTH * code_letters.HEIGHT}
    assert set("".join(drawn.values())) == {"#", "."}
    distance, one, other = min(
        (sum(x != y for x, y in zip(drawn[a], drawn[b], strict=True)), a, b)
        for a, b in combinations(alphabet, 2)
    )
    assert distance >= CODE_APART_MIN, (one, other)
    with pytest.raises(KeyError):
        code_letters.rows_of("O")


def test_every_sign_is_drawn_and_no_two_are_alike() -> None:
    assert set(SIGN_ROWS) == set(Sign)
    assert len(set(SIGN_ROWS.values())) == len(Sign)
    for rows in SIGN_ROWS.values():
        assert len(rows) <= 10
        assert len({len(row) for row in rows}) <= 1
        assert all(len(row) <= 15 for row in rows)


@pytest.mark.parametrize("size", SIZES)
def test_a_name_that_was_typed_in_single_marks_looks_like_any_other(size: Size) -> None:
    name = "Nguyễn Thị Ngọc Ẩn"
    apart = unicodedata.normalize("NFD", name)
    assert apart != name
    for page in (Page("Ghế 1", title=name, body=(name,)), Page("Ghế 1", large=name)):
        other = replace(
            page, title=page.title and apart, large=page.large and apart, body=(apart,) * len(page.body)
        )
        assert parts(other, size) == parts(page, size)
        assert draw(other, size).tobytes() == draw(page, size).tobytes()


def test_what_turns_the_letters_round_or_moves_a_cursor_is_a_space() -> None:
    plain = Page("A", title="1. An Bình", body=("x y",))
    tricky = Page("A", title="1. An\u202eBình", body=("x\x1by",))
    for size in SIZES:
        assert draw(tricky, size).tobytes() == draw(plain, size).tobytes()
