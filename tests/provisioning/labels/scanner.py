"""A phone held before a picture or before a printed page."""

from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from pypdf import PdfReader
from pypdf.generic import ContentStream

Picture = NDArray[np.uint8]
DPI = 300
_POINT = DPI / 72


def scanned(picture: Picture) -> str:
    """The text of the one QR code, empty when none is read. Enlarged first, as a phone that comes nearer."""
    text, _, _ = cv2.QRCodeDetector().detectAndDecode(
        cv2.resize(picture, None, fx=2, fy=2, interpolation=cv2.INTER_AREA)
    )
    return str(text)


def picture_of(png: bytes) -> Picture:
    found: Any = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_GRAYSCALE)
    return np.asarray(found, np.uint8)


def printed(file: Path) -> list[Picture]:
    """Each page as a printer of 300 dpi fills its rectangles; words are left out, see `words`.

    Knows what our pages consist of: rectangles under no other transformation than that of the page.
    """
    reader = PdfReader(file)
    pages = []
    for page in reader.pages:
        wide, high = float(page.mediabox.width), float(page.mediabox.height)
        paper: Picture = np.full((round(high * _POINT), round(wide * _POINT)), 255, np.uint8)
        pending: list[tuple[float, float, float, float]] = []
        for operands, operator in ContentStream(page.get_contents(), reader).operations:
            if operator == b"re":
                x, y, width, height = (float(operand) for operand in operands)
                pending.append((x, y, x + width, y + height))
            elif operator in {b"f", b"f*"}:
                for left, bottom, right, top in pending:
                    rows = slice(round((high - top) * _POINT), round((high - bottom) * _POINT))
                    paper[rows, round(left * _POINT) : round(right * _POINT)] = 0
                pending = []
            elif operator == b"n":
                pending = []
            elif operator == b"cm":
                assert [float(operand) for operand in operands] == [1, 0, 0, 1, 0, 0]
        pages.append(paper)
    return pages


def words(file: Path) -> list[str]:
    return [page.extract_text() for page in PdfReader(file).pages]
