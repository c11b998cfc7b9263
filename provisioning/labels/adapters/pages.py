"""Labels as PDF: sheets of A4 with 3 x 8 labels and cut marks, or one label of 62 x 29 mm on each page."""

import io
from collections.abc import Sequence
from typing import Any, Final

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from printed.sheet import register_fonts
from provisioning.labels.layout import HEIGHT_MM, WIDTH_MM, Drawing

COLUMNS: Final = 3
ROWS: Final = 8
GAP_MM: Final = 4.0
"""Between labels; printers leave 5 mm at the edge of the paper free."""
MARK_MM: Final = 2.0
_TITLE: Final = "Nhãn thiết bị · Device labels"


def sheets_pdf(drawings: Sequence[Drawing]) -> bytes:
    """The same bytes for the same labels."""
    register_fonts()
    file = io.BytesIO()
    page = _canvas(file, A4)
    wide, high = A4
    left = (wide - (COLUMNS * WIDTH_MM + (COLUMNS - 1) * GAP_MM) * mm) / 2
    top = high - (high - (ROWS * HEIGHT_MM + (ROWS - 1) * GAP_MM) * mm) / 2
    for index, drawing in enumerate(drawings):
        place = index % (COLUMNS * ROWS)
        if index and not place:
            page.showPage()
        row, column = divmod(place, COLUMNS)
        x = left + column * (WIDTH_MM + GAP_MM) * mm
        y = top - row * (HEIGHT_MM + GAP_MM) * mm
        _cut_marks(page, x, y)
        _draw(page, drawing, x, y)
    page.save()
    return file.getvalue()


def rolls_pdf(drawings: Sequence[Drawing]) -> bytes:
    """For a label printer: each page is a label. The same bytes for the same labels."""
    register_fonts()
    file = io.BytesIO()
    page = _canvas(file, (WIDTH_MM * mm, HEIGHT_MM * mm))
    for drawing in drawings:
        _draw(page, drawing, 0.0, HEIGHT_MM * mm)
        page.showPage()
    page.save()
    return file.getvalue()


def _canvas(file: io.BytesIO, size: tuple[float, float]) -> Any:
    # Invariant: no clock and no random id in the file.
    canvas = Canvas(file, pagesize=size, invariant=1, lang="vi")
    canvas.setTitle(_TITLE)
    return canvas


def _draw(page: Any, drawing: Drawing, x: float, y: float) -> None:
    """x, y: upper left corner of the label, points from the lower left corner of the page."""
    side = drawing.module_mm * mm
    code = page.beginPath()
    for row, modules in enumerate(drawing.code):
        below = y - drawing.code_mm * mm - (row + 1) * side
        for begin, end in _runs(modules):
            code.rect(x + drawing.code_mm * mm + begin * side, below, (end - begin) * side, side)
    page.drawPath(code, stroke=0, fill=1)
    for line in drawing.lines:
        page.setFont(line.font, line.size_mm * mm)
        page.drawString(x + line.x_mm * mm, y - line.y_mm * mm, line.text)


def _runs(modules: Sequence[bool]) -> list[tuple[int, int]]:
    """Begin and end of each run of dark modules: one rectangle, so that no hair line shows between them."""
    runs: list[tuple[int, int]] = []
    for column, dark in enumerate(modules):
        if dark and runs and runs[-1][1] == column:
            runs[-1] = (runs[-1][0], column + 1)
        elif dark:
            runs.append((column, column + 1))
    return runs


def _cut_marks(page: Any, x: float, y: float) -> None:
    """Two short lines outside each corner."""
    page.setLineWidth(0.3)
    for across, out in ((x, -1), (x + WIDTH_MM * mm, 1)):
        for up, away in ((y, 1), (y - HEIGHT_MM * mm, -1)):
            page.line(across + out * 0.4 * mm, up, across + out * MARK_MM * mm, up)
            page.line(across, up + away * 0.4 * mm, across, up + away * MARK_MM * mm)
