"""What strangers and devices chose to be called cannot steer the page that it is printed on."""

import io
import unicodedata

import pytest
from pypdf import PdfReader

from printed.sheet import Edges, laid_out, plain, text_of

EDGES = Edges(title="t", author="a", left="left", right="right", below="below")


@pytest.mark.parametrize(
    ("word", "shown"),
    [
        ("bell\x07", "bell·"),
        ("right\u202eto left", "right·to left"),
        ("joined\u200dup", "joined·up"),
        ("two\nlines\tand\rtabs", "two lines and tabs"),
        ("fixed\u00a0space", "fixed\u00a0space"),
        (unicodedata.normalize("NFD", "Điểm kiểm tra"), "Điểm kiểm tra"),
    ],
)
def test_what_would_steer_a_printer_is_a_dot(word: str, shown: str) -> None:
    assert plain(word) == shown


def test_marks_of_the_page_are_letters_like_others() -> None:
    (page,) = PdfReader(io.BytesIO(laid_out(lambda: [text_of("<b>A & B</b><br/>")], EDGES))).pages
    assert "<b>A & B</b><br/>" in page.extract_text()


def test_every_page_says_which_of_how_many_it_is_and_whose() -> None:
    pages = PdfReader(io.BytesIO(laid_out(lambda: [text_of("line") for _ in range(200)], EDGES))).pages
    assert len(pages) > 2
    for number, page in enumerate(pages, 1):
        text = page.extract_text()
        assert f"page {number} of {len(pages)}" in text
        assert {"left", "right", "below"} <= set(text.split())


def test_the_same_words_are_the_same_bytes() -> None:
    first, second = (laid_out(lambda: [text_of("line")], EDGES) for _ in range(2))
    assert first == second
