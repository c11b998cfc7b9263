"""The picture beside the gate: nothing cut, read by weak eyes, told apart without colours."""

import logging
from collections.abc import Iterator
from itertools import combinations, pairwise
from typing import Final

import numpy as np
import pytest
from PIL import Image

from edge.rollcall_gate.adapters import panel_drawing
from edge.rollcall_gate.adapters.panel_drawing import (
    BANDS,
    CODE,
    GROUND,
    SIDES_MIN_PX,
    WORDS,
    Ink,
    draw,
    layout,
)
from edge.rollcall_gate.adapters.panel_icons import mask
from edge.rollcall_gate.display.panel import Colour, Icon, Panel
from edge.rollcall_gate.display.screen import View, panel
from edge.rollcall_gate.eyes.quality import Fault
from edge.rollcall_gate.who.decide import LowQuality, NoMatch, Revoked, WrongPin
from wire.lane import NAME_BYTES_MAX, Greeting

pytestmark = pytest.mark.slow

SIZES: Final = [(1280, 720), (800, 480), (480, 320), (320, 240), (240, 320), (256, 64)]
LANGUAGES: Final = ("vi", "en", "vi+en")
LONG: Final = Greeting("Công Tằng Tôn Nữ Nguyễn Thị Quỳnh Hằng ẤẾỖẶỴ", "Dãy C, ghế 112")


def panels(language: str) -> list[Panel]:
    shown = [panel(view, language, greeting=LONG, seconds=3600, typed=3) for view in View]
    whys = (*map(LowQuality, Fault), NoMatch(0.1), Revoked("expired"), WrongPin())
    return shown + [panel(View.BADGE_LANE, language, decision=decision) for decision in whys]


def joined(lines: tuple[str, ...]) -> str:
    return "".join(lines).replace(" ", "")


def contrast(one: Ink, other: Ink) -> float:
    """WCAG 2.2, 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def luminance(ink: Ink) -> float:
    linear = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (part / 255 for part in ink)
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_ink_is_outside_its_row_and_no_row_outside_its_room(language: str, size: tuple[int, int]) -> None:
    for shown in panels(language):
        plan = layout(shown, *size)
        left, top, right, bottom = plan.words
        for row in plan.rows:
            assert left <= row.box[0] < row.box[2] <= right, (shown, row)
            assert top <= row.box[1] < row.box[3] <= bottom, (shown, row)
        assert all(upper.box[3] <= lower.box[1] for upper, lower in pairwise(plan.rows))
        picture = draw(shown, *size)
        assert picture.size == size
        for box in (plan.band, *(row.box for row in plan.rows), *([plan.code.box] if plan.code else [])):
            picture.paste(GROUND, box)
        assert picture.getcolors(1) == [(size[0] * size[1], GROUND)], shown


@pytest.mark.parametrize("size", SIZES[:-1], ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_is_set_and_the_first_line_is_the_largest(language: str, size: tuple[int, int]) -> None:
    for shown in panels(language):
        plan = layout(shown, *size)
        assert joined(tuple(row.text for row in plan.rows)) == joined(shown.lines)
        assert plan.rows[0].size_px == max(row.size_px for row in plan.rows)
        assert (plan.code.text if plan.code else "") == shown.code


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_strip_of_64_rows_says_the_first_two_lines_whole(language: str) -> None:
    for view in View:
        shown = panel(view, language, typed=3)
        plan = layout(shown, 256, 64)
        assert joined(tuple(row.text for row in plan.rows)) == joined(shown.lines[:2])
        assert plan.code is None


def test_a_greeting_too_long_for_a_strip_is_said_in_one_language_rather_than_cut() -> None:
    said = []
    for words in range(1, 8):
        shown = panel(View.WALK_IN, "vi+en", greeting=Greeting("Nguyễn Thị " * words, "A12"))
        wholes = [joined(shown.lines[:count]) for count in (1, 2)]
        said.append(wholes.index(joined(tuple(row.text for row in layout(shown, 256, 72).rows))) + 1)
    assert said == sorted(said, reverse=True)
    assert set(said) == {1, 2}


@pytest.mark.parametrize("letter", ["N", "W", "Ế", "i"])
@pytest.mark.parametrize("size", SIZES[:-1], ids=lambda size: f"{size[0]}x{size[1]}")
def test_the_longest_name_of_one_word_is_broken_rather_than_cut(letter: str, size: tuple[int, int]) -> None:
    name = letter * (NAME_BYTES_MAX // len(letter.encode()))
    shown = panel(View.WALK_IN, "vi+en", greeting=Greeting(name, "A12"))
    plan = layout(shown, *size)
    kept = shown.lines if min(size) >= 320 else shown.lines[:1]  # a smaller one leaves out whole lines
    assert joined(tuple(row.text for row in plan.rows)).startswith(joined(kept))
    assert max(row.box[2] for row in plan.rows) <= plan.words[2]


def test_words_are_legible_where_people_stand_a_step_away() -> None:
    for shown in panels("vi+en"):
        rows = layout(shown, 1280, 720).rows
        assert rows[0].size_px >= 50
        assert min(row.size_px for row in rows) >= 30


def test_marks_stacked_on_a_capital_are_all_drawn() -> None:
    """The ink of `Ế` reaches above the ascent that the font states; it must reach above that of `Ê` too."""
    tops = []
    for capital in "EÊẾ":
        one = Panel(Colour.OFF, Icon.NONE, (capital,))
        box = layout(one, 480, 320).rows[0].box
        ink = np.asarray(draw(one, 480, 320).crop(box).convert("L")) > 128
        tops.append(int(np.argmax(ink.any(axis=1))))
    assert tops[0] > tops[1] > tops[2] >= 0


def test_every_letter_that_is_ever_said_is_in_the_font() -> None:
    letters = {
        letter
        for language in LANGUAGES
        for shown in panels(language)
        for line in shown.lines
        for letter in line
    }
    for weight in ("Bold", "Medium"):
        font = panel_drawing._font(weight, 40)
        missing = font.getmask("\ue000").getbbox(), bytes(font.getmask("\ue000"))
        for letter in letters - {" ", "\N{NO-BREAK SPACE}"}:
            glyph = font.getmask(letter)
            assert glyph.getbbox() is not None, letter
            assert (glyph.getbbox(), bytes(glyph)) != missing, letter


def test_words_and_icons_stand_out_by_seven_to_one() -> None:
    assert contrast(WORDS, GROUND) >= 7
    assert contrast(CODE, GROUND) >= 7
    assert set(BANDS) == set(Colour)
    assert {colour: contrast(*inks) >= 7 for colour, inks in BANDS.items()} == dict.fromkeys(Colour, True)


def test_what_is_drawn_are_the_inks_that_were_measured() -> None:
    picture = draw(panel(View.NOT_STORED, "vi"), 800, 480)
    seen = {ink for _, ink in picture.getcolors(1 << 20) or []}
    assert {GROUND, WORDS, CODE, *BANDS[Colour.RED]} <= seen


def test_colours_are_told_apart_by_eyes_that_see_no_hue() -> None:
    bands = {colour: band for colour, (band, _) in BANDS.items()}
    close = [pair for pair in combinations(bands, 2) if contrast(bands[pair[0]], bands[pair[1]]) < 1.4]
    assert close == []


def test_views_are_told_apart_by_the_shape_of_their_icon_alone() -> None:
    shapes = {icon: np.asarray(mask(icon, 64)) > 128 for icon in Icon}
    assert not shapes[Icon.NONE].any()
    close = [pair for pair in combinations(Icon, 2) if (shapes[pair[0]] != shapes[pair[1]]).mean() < 0.05]
    assert close == []


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_no_icon_is_cut_by_its_square(size: tuple[int, int]) -> None:
    side = (plan := layout(panel(View.READY, "vi"), *size)).icon[2] - plan.icon[0]
    for icon in Icon:
        drawn = np.asarray(mask(icon, side))
        edges = (drawn[0], drawn[-1], drawn[:, 0], drawn[:, -1])
        assert max(int(edge.max()) for edge in edges) < 128, icon


def test_left_is_the_left_of_who_stands_before_the_display() -> None:
    left, right = (np.asarray(mask(icon, 100)) > 128 for icon in (Icon.TURN_LEFT, Icon.TURN_RIGHT))
    assert left[:30, :50].any(axis=0).argmax() < 8  # the arrow's head touches the left edge
    assert (left == right[:, ::-1]).all()


@pytest.fixture
def without_the_font(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    kept = (panel_drawing._family, panel_drawing._font, panel_drawing._reach, panel_drawing._ems)
    for cache in kept:
        cache.cache_clear()
    monkeypatch.setattr(panel_drawing, "find_spec", lambda _: None)
    yield
    for cache in kept:
        cache.cache_clear()


@pytest.mark.usefixtures("without_the_font")
def test_without_the_font_words_are_still_drawn_and_the_log_says_once_what_to_install(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING)
    for view in (View.READY, View.NOT_STORED):
        plan = layout(shown := panel(view, "en"), 800, 480)
        assert joined(tuple(row.text for row in plan.rows)) == joined(shown.lines)
        assert np.asarray(draw(shown, 800, 480).crop(plan.words).convert("L")).max() > 200
    assert [record.getMessage() for record in caplog.records] == [
        "the font is missing, words are set in a plain one: pip install fontpkg-be-vietnam-pro"
    ]


def test_the_smallest_picture_still_says_something() -> None:
    for view in View:
        plan = layout(panel(view, "vi"), *SIDES_MIN_PX)
        assert plan.rows
        assert plan.rows[-1].box[3] <= SIDES_MIN_PX[1]


def test_the_sheet_for_the_handbook_is_whole() -> None:
    sheet = panel_drawing.sheet()
    assert isinstance(sheet, Image.Image)
    assert sheet.getcolors(1 << 24)
