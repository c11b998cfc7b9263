"""Words -> rows that fit a width. A row never breaks a number, and an ellipsis never leaves half of one."""

import re
from typing import Final

from edge.ballot_keypad.display.drawing.letters import Face, width

_PIECES: Final = re.compile(r"\d+(?:[.,:/-]\d+)*|.", re.DOTALL)
"""A number as people write it, or one letter."""
_ELLIPSIS: Final = "…"


def wrapped(text: str, face: Face, width_px: int) -> list[str]:
    """Rows no wider than `width_px`, broken between words; a word that is wider alone is broken, beside its
    numbers where they allow it."""
    rows: list[str] = []
    for word in text.split():
        grown = f"{rows[-1]} {word}" if rows else word
        if rows and width(grown, face) <= width_px:
            rows[-1] = grown
        else:
            rows += _broken(word, face, width_px)
    return rows


def ellipsised(text: str, face: Face, width_px: int) -> str:
    """The text, or its beginning and an ellipsis. A number is there as a whole or not at all."""
    if width(text, face) <= width_px:
        return text
    pieces = _PIECES.findall(text)
    while pieces and width("".join(pieces).rstrip() + _ELLIPSIS, face) > width_px:
        pieces.pop()
    return "".join(pieces).rstrip() + _ELLIPSIS


def _broken(word: str, face: Face, width_px: int) -> list[str]:
    rows = [""]
    for piece in _PIECES.findall(word):
        # a number that is wider than the glass has no better place to break than any of its digits
        parts = [piece] if width(piece, face) <= width_px else list(piece)
        for part in parts:
            if rows[-1] and width(rows[-1] + part, face) > width_px:
                rows.append("")
            rows[-1] += part
    return rows
