"""Each code that is printed is read again: from the picture, from the sheet of A4, and from the roll."""

import random
from pathlib import Path

import cv2
import numpy as np
import pytest

from provisioning.errors import ConfigError
from provisioning.labels.adapters.pages import COLUMNS, GAP_MM, ROWS, rolls_pdf, sheets_pdf
from provisioning.labels.adapters.picture import label_png
from provisioning.labels.label import Label, page_base
from provisioning.labels.layout import HEIGHT_MM, READABLE_MM, WIDTH_MM, lay_out
from tests.provisioning.labels.scanner import DPI, picture_of, printed, scanned, words

pytestmark = pytest.mark.slow

BASE = "https://desk.hall.example:8443"
PLACES = (
    "",
    "Hàng 3, ghế 14",
    "Cổng chính phía Đông, cửa số 2",
    "Dãy ghế chủ tọa – ủy viên thường trực",
    "A",
)


def labels(count: int) -> list[Label]:
    rng = random.Random(6)
    roles = ("keypad", "gate", "board", "")
    return [
        Label(f"{rng.getrandbits(64):016x}", roles[index % 4], PLACES[index % len(PLACES)])
        for index in range(count)
    ]


def test_every_picture_is_read_again() -> None:
    for label in labels(60):
        picture = picture_of(label_png(lay_out(label, BASE)))
        assert picture.shape == (343, 732)
        assert scanned(picture) == f"{BASE}/d/{label.serial}"


def test_every_label_of_a_sheet_is_read_again(tmp_path: Path) -> None:
    """Two sheets: one full, one begun."""
    made = labels(COLUMNS * ROWS + 5)
    file = tmp_path / "labels.pdf"
    file.write_bytes(sheets_pdf([lay_out(label, BASE) for label in made]))
    pages = printed(file)
    assert [page.shape for page in pages] == [(3508, 2480), (3508, 2480)]
    left = (210 - COLUMNS * WIDTH_MM - (COLUMNS - 1) * GAP_MM) / 2
    top = (297 - ROWS * HEIGHT_MM - (ROWS - 1) * GAP_MM) / 2
    assert min(left, top) >= 5, "printers leave the edge of the paper free"
    for index, label in enumerate(made):
        row, column = divmod(index % (COLUMNS * ROWS), COLUMNS)
        y, x = top + row * (HEIGHT_MM + GAP_MM), left + column * (WIDTH_MM + GAP_MM)
        begin, end = (np.array([[y, x], [y + HEIGHT_MM, x + WIDTH_MM]]) * DPI / 25.4).round().astype(int)
        cut_out = pages[index // (COLUMNS * ROWS)][begin[0] : end[0], begin[1] : end[1]]
        assert scanned(cut_out) == f"{BASE}/d/{label.serial}"


def test_every_page_of_a_roll_is_read_again_and_says_it_in_words(tmp_path: Path) -> None:
    made = labels(12)
    file = tmp_path / "roll.pdf"
    file.write_bytes(rolls_pdf([lay_out(label, BASE) for label in made]))
    for label, page, said in zip(made, printed(file), words(file), strict=True):
        assert page.shape == (343, 732)
        assert scanned(page) == f"{BASE}/d/{label.serial}"
        assert label.serial in said
        assert label.model[0] in said
        assert " ".join(said.split()).find(label.place) >= 0


def test_a_label_that_is_turned_dirty_and_far_away_is_still_read() -> None:
    """A quarter of the size, five degrees, a coffee stain of 3 mm."""
    label = labels(1)[0]
    picture = picture_of(label_png(lay_out(label, BASE)))
    cv2.circle(picture, (190, 170), 17, 120, -1)
    turned = cv2.warpAffine(picture, cv2.getRotationMatrix2D((366, 171), 5, 0.9), (732, 342), borderValue=255)
    assert scanned(
        np.asarray(cv2.resize(turned, None, fx=0.6, fy=0.6, interpolation=cv2.INTER_AREA), np.uint8)
    ) == (f"{BASE}/d/{label.serial}")


def test_words_stay_large_enough_to_read() -> None:
    for label in [*labels(20), Label("x" * 40, "keypad", "Một nơi có tên rất dài " * 3)]:
        drawing = lay_out(label, BASE)
        assert all(line.size_mm >= READABLE_MM for line in drawing.lines)
        assert all(0 < line.y_mm <= HEIGHT_MM - 2 for line in drawing.lines)


def test_lines_of_words_do_not_lie_on_each_other() -> None:
    drawing = lay_out(
        Label("x" * 40, "keypad", "Một nơi có tên rất dài để thử xem chữ có vừa không, phải vừa"), BASE
    )
    for above, below in zip(drawing.lines, drawing.lines[1:], strict=False):
        assert below.y_mm - above.y_mm >= 0.95 * below.size_mm


def test_a_word_that_fits_nowhere_is_cut_and_says_so() -> None:
    drawing = lay_out(Label("abc", "gate", "W" * 80), BASE)
    assert any(line.text.endswith("…") for line in drawing.lines)


def test_the_longest_address_is_still_read() -> None:
    base = page_base(f"https://{'a' * 92}")
    label = Label("i" * 64)
    drawing = lay_out(label, base)
    assert drawing.module_mm >= 5 / DPI * 25.4
    assert scanned(picture_of(label_png(drawing))) == label.page(base)


def test_a_serial_number_that_could_not_be_read_is_not_printed() -> None:
    with pytest.raises(ConfigError, match=r"serial W+ is too long for the label"):
        lay_out(Label("W" * 64), BASE)


def test_the_same_labels_make_the_same_bytes() -> None:
    drawings = [lay_out(label, BASE) for label in labels(3)]
    assert sheets_pdf(drawings) == sheets_pdf(drawings)
    assert rolls_pdf(drawings) == rolls_pdf(drawings)
