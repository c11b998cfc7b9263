"""Whatever a page says, all of it is on the glass, part by part; nothing beyond it, and no number cut."""

import itertools
import re
import string

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from edge.ballot_keypad.display.drawing import code_letters
from edge.ballot_keypad.display.drawing.flow import ellipsised, wrapped
from edge.ballot_keypad.display.drawing.letters import width
from edge.ballot_keypad.display.drawing.picture import SIZES, Size, draw, parts, put
from edge.ballot_keypad.display.drawing.plan import SMALL, TEXT, TITLE, code_scale, height, plan_of
from edge.ballot_keypad.display.page import SIGN_TEXT, Page, Sign, lines
from tests.edge.ballot_keypad.screens import main, screens

pytestmark = pytest.mark.slow

LETTERS = "aăâbcdđeêghiklmnoôơpqrstuưvxyẾỖẬẪƯỨỆĐIl0123456789 .,-/?"
words = st.text(LETTERS, max_size=60)
short = st.text(LETTERS, max_size=20)
CODE = "7K4Q-0D8B-5S2Z"


@st.composite
def pages(make: st.DrawFn) -> Page:
    band = make(st.sampled_from(["", "large", "code"]))
    return Page(
        seat=make(short),
        sign=make(st.sampled_from(Sign)),
        title=make(words),
        body=tuple(make(st.lists(words, max_size=3))),
        large=make(short) if band == "large" else "",
        code=CODE if band == "code" else "",
        hint=tuple(
            make(st.lists(st.tuples(st.sampled_from(["OK", "HUỶ", "KIỂM TRA", "▼"]), short), max_size=4))
        ),
    )


def drawn_beyond(page: Page, size: Size, part: int) -> bool:
    """On a larger canvas: whether anything stands where there is no glass."""
    canvas = Image.new("1", (3 * size[0], 3 * size[1]))
    put(canvas, page, size, part)
    canvas.paste(0, (0, 0, *size))
    return canvas.getbbox() is not None


@pytest.mark.parametrize("size", SIZES)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(page=pages())
def test_nothing_stands_beyond_the_glass(size: Size, page: Page) -> None:
    for part in range(parts(page, size)):
        assert not drawn_beyond(page, size, part)


@pytest.mark.parametrize("size", SIZES)
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(page=pages())
def test_every_word_of_title_and_body_and_every_key_is_on_one_of_the_parts(size: Size, page: Page) -> None:
    plan = plan_of(page, size)
    told = list(plan.parts)
    while len(told) > 1 and told[-1].rows is told[-2].rows:
        told.pop()  # a part more for keys that found no room
    shown = "".join(row.text for part in told for row in part.rows)
    said = "".join(page.body) if plan.title else page.title + "".join(page.body)
    assert re.sub(r"\s", "", shown) == re.sub(r"\s", "", said)
    keys = {key for part in plan.parts for row in part.hints for key, _ in row}
    assert keys == {key for key, _ in page.hint}
    if page.large.strip() or page.code:
        assert any(part.band for part in plan.parts)


@pytest.mark.parametrize("size", SIZES)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(page=pages())
def test_words_large_text_code_and_keys_each_have_their_own_room(size: Size, page: Page) -> None:
    plan = plan_of(page, size)
    for part in plan.parts:
        assert height(part.rows) <= part.words[3] - part.words[1]
        assert part.words[3] <= plan.hint_top
        if part.band is not None:
            needed = height(plan.large) or code_letters.HEIGHT * code_scale(size[0])
            assert needed <= part.band[3] - part.band[1]
            assert part.band[3] <= plan.hint_top
            is_beside = part.band[0] >= part.words[2]
            assert is_beside or not part.rows or part.band[1] >= part.words[3]


@pytest.mark.parametrize("language", ["vi", "en", "vi+en"])
def test_what_a_delegate_meets_stands_on_the_glass_whole_and_rows_do_not_overlap(language: str) -> None:
    for (name, page), size in itertools.product(screens(language), SIZES):
        plan = plan_of(page, size)
        assert not any("…" in row.text for row in plan.large), (name, size)
        for number, part in enumerate(plan.parts):
            assert not drawn_beyond(page, size, number), (name, size)
            used = sum(row.height for row in part.rows) + max(0, len(part.rows) - 1)
            assert used <= part.words[3] - part.words[1] or not part.rows, (name, size)


@pytest.mark.parametrize("language", ["vi", "en", "vi+en"])
def test_how_far_a_vote_has_come_is_read_on_the_first_part_of_a_narrow_glass(language: str) -> None:
    """Not by a small sign alone, and not by turning the page."""
    found = dict(screens(language))
    begins = {
        "secret: stored": ("Đã lưu", "Stored"), "open: stored": ("Đã lưu", "Stored"),
        "secret: recorded": ("Đã ghi", "Recorded"), "open: recorded": ("Đã ghi", "Recorded"),
        "secret: in the closed record": ("Phiếu có trong", "In the closed"),
        "secret: not stored": ("CHƯA LƯU", "NOT STORED"), "open: not stored": ("CHƯA LƯU", "NOT STORED"),
        "secret: power lost": ("Phiếu CHƯA", "NOT CAST"),
        "secret: the record does not fit": ("BIÊN BẢN", "THE RECORD"),
    }  # fmt: skip
    for name, words in begins.items():
        plan = plan_of(found[name], SIZES[0])
        rows = [plan.title] if plan.title else plan.parts[0].rows[:1]
        assert [row.text.startswith(words[language == "en"]) for row in rows] == [True], name


@pytest.mark.parametrize("size", SIZES)
def test_a_part_beyond_the_last_is_the_last(size: Size) -> None:
    page = Page(title="Thông qua " * 12)
    count = parts(page, size)
    assert count > 1
    assert draw(page, size, count + 7).tobytes() == draw(page, size, count - 1).tobytes()
    assert draw(page, size, 0).tobytes() != draw(page, size, 1).tobytes()


@given(text=st.text(string.digits + "abcỆ .,/", max_size=40), room=st.integers(20, 200))
def test_an_ellipsis_never_leaves_half_a_number(text: str, room: int) -> None:
    shown = ellipsised(text, TEXT, room)
    numbers = re.findall(r"\d+(?:[.,:/-]\d+)*", text)
    kept = re.findall(r"\d+(?:[.,:/-]\d+)*", shown)
    assert kept == numbers[: len(kept)]
    assert width(shown, TEXT) <= room or shown == "…"


@given(text=words, room=st.integers(60, 256))
def test_rows_are_no_wider_than_their_room_and_lose_nothing(text: str, room: int) -> None:
    rows = wrapped(text, TITLE, room)
    assert all(width(row, TITLE) <= room for row in rows)
    assert re.sub(r"\s", "", "".join(rows)) == re.sub(r"\s", "", text)


def test_a_number_is_not_broken_between_two_rows() -> None:
    rows = wrapped("Nghị quyết số 1.234.567/2026 của Đại hội", TITLE, 128)
    assert any("1.234.567/2026" in row for row in rows)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    "choice", ["Tán thành", "Không tán thành", "Không biểu quyết", "Phiếu trắng", "Abstain", "128"]
)
def test_a_choice_is_larger_than_the_words_around_it(choice: str, size: Size) -> None:
    plan = plan_of(Page("A-12", Sign.QUESTION, "Đã chọn", large=choice, hint=(("OK", "gửi"),)), size)
    assert all(row.face.is_bold and row.face.size_px >= TEXT.size_px for row in plan.large)
    if len(choice) < 13 or size == SIZES[1]:
        assert all(row.face.size_px > TEXT.size_px for row in plan.large)
    assert "".join(row.text for row in plan.large).replace(" ", "") == choice.replace(" ", "")


def test_a_choice_and_a_code_are_never_on_one_page() -> None:
    with pytest.raises(ValueError, match="rule 11"):
        Page(large="Tán thành", code=CODE)


@pytest.mark.parametrize("code", ["7K4Q", "7K4Q-0D8B-5S2O", "7k4q0d8b5s2z", "7K4Q0D8B5S2ZZ"])
def test_a_code_that_is_none_is_not_shown(code: str) -> None:
    with pytest.raises(ValueError, match="twelve characters"):
        Page(code=code)


def test_a_code_is_the_same_with_and_without_dashes() -> None:
    assert (
        Page(code=CODE).code_groups
        == Page(code=CODE.replace("-", "")).code_groups
        == ("7K4Q", "0D8B", "5S2Z")
    )


def test_a_page_is_said_in_lines_too() -> None:
    page = Page("A-12", Sign.RECORDED, "Đã ghi nhận", ("Xin cảm ơn",), hint=(("OK", "tiếp"),))
    assert lines(page) == ["A-12  ✓", "Đã ghi nhận", "Xin cảm ơn", "OK: tiếp"]
    assert lines(Page(code=CODE)) == [CODE]
    assert lines(Page()) == []
    assert set(SIGN_TEXT) == set(Sign)


def test_the_sheet_is_one_command(tmp_path, capsys) -> None:
    assert main([str(tmp_path / "sheet.png")]) == 0
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert sheet.width > 2 * 256
    assert main([]) == 2
    assert "usage" in capsys.readouterr().err


def test_the_seat_gives_way_before_its_number_is_cut() -> None:
    assert width(ellipsised("Hàng ghế danh dự số 1234", SMALL, 100), SMALL) <= 100
    assert "12…" not in ellipsised("Hàng ghế danh dự số 1234", SMALL, 140)
