"""The order in which seats are named. Pure."""

import re
from typing import Final

_PIECES: Final = re.compile(r"(\d+)")


def seat_order(seat: str) -> list[tuple[int, str]]:
    """Sort key under which A2 comes before A10."""
    pieces = _PIECES.split(seat)
    return [(int(piece), "") if number % 2 else (-1, piece) for number, piece in enumerate(pieces)]
