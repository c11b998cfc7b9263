"""Which keys a seat unit has, where they stand, and what a finger feels on them.

Two units: twenty keys in five rows of four, for lists of candidates as well as yes, no and abstain; and
five keys on wires of their own, for yes, no and abstain alone.

    ┌───────┬───────┬───────┬───────┐
    │  YES  │  NO   │ABSTAIN│ BLANK │   apart from the rest by half a key, and larger
    ├───────┼───────┼───────┼───────┤
    │   1   │   2   │   3   │ BACK  │
    │   4   │   5 · │   6   │  UP   │   digits as on a telephone, 1 at the top,
    │   7   │   8   │   9   │ DOWN  │   the raised dot on 5 alone (ITU-T E.161)
    │ CLEAR │   0   │  OK   │ CHECK │
    └───────┴───────┴───────┴───────┘

OK, CLEAR and BACK carry the shapes that cash machines have for proceed, cancel and correct: ring, cross,
arrow to the left. The other shapes are ours. No key is told by its colour alone, and no other key has a
single dot.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from edge.ballot_keypad.keys.press import Button

ROWS: Final = 5
COLS: Final = 4


class Relief(StrEnum):
    """What is raised on a key cap, at least 0.5 mm high, with rounded edges."""

    SMOOTH = "smooth"
    DOT = "dot"
    BAR = "one upright bar"
    TWO_BARS = "two upright bars"
    THREE_BARS = "three upright bars"
    FRAME = "empty frame"
    RING = "ring"
    CROSS = "cross"
    ARROW_LEFT = "arrow to the left"
    POINT_UP = "triangle, point up"
    POINT_DOWN = "triangle, point down"
    DIAMOND = "diamond"


@dataclass(frozen=True, slots=True)
class KeyCap:
    """One key of the unit with twenty. row 0 is farthest from the person, col 0 at the left."""

    button: Button
    row: int
    col: int
    vi: str
    en: str
    relief: Relief = Relief.SMOOTH


MATRIX: Final = (
    KeyCap(Button.YES, 0, 0, "TÁN THÀNH", "YES", Relief.BAR),
    KeyCap(Button.NO, 0, 1, "KHÔNG", "NO", Relief.TWO_BARS),
    KeyCap(Button.ABSTAIN, 0, 2, "KHÔNG BQ", "ABSTAIN", Relief.THREE_BARS),
    KeyCap(Button.BLANK, 0, 3, "PHIẾU TRẮNG", "BLANK", Relief.FRAME),
    KeyCap(Button.DIGIT_1, 1, 0, "1", "1"),
    KeyCap(Button.DIGIT_2, 1, 1, "2", "2"),
    KeyCap(Button.DIGIT_3, 1, 2, "3", "3"),
    KeyCap(Button.BACK, 1, 3, "SỬA", "BACK", Relief.ARROW_LEFT),
    KeyCap(Button.DIGIT_4, 2, 0, "4", "4"),
    KeyCap(Button.DIGIT_5, 2, 1, "5", "5", Relief.DOT),
    KeyCap(Button.DIGIT_6, 2, 2, "6", "6"),
    KeyCap(Button.UP, 2, 3, "▲", "▲", Relief.POINT_UP),
    KeyCap(Button.DIGIT_7, 3, 0, "7", "7"),
    KeyCap(Button.DIGIT_8, 3, 1, "8", "8"),
    KeyCap(Button.DIGIT_9, 3, 2, "9", "9"),
    KeyCap(Button.DOWN, 3, 3, "▼", "▼", Relief.POINT_DOWN),
    KeyCap(Button.CLEAR, 4, 0, "HUỶ", "CLEAR", Relief.CROSS),
    KeyCap(Button.DIGIT_0, 4, 1, "0", "0"),
    KeyCap(Button.OK, 4, 2, "OK", "OK", Relief.RING),
    KeyCap(Button.CHECK, 4, 3, "KIỂM TRA", "CHECK", Relief.DIAMOND),
)
AT: Final = {(cap.row, cap.col): cap.button for cap in MATRIX}
"""(row, column) -> key."""

CAPS: Final = {cap.button: (cap.vi, cap.en) for cap in MATRIX}
"""What a key is called on its cap, in both languages."""

DIRECT: Final = (Button.YES, Button.NO, Button.ABSTAIN, Button.OK, Button.CLEAR)
"""The keys of the small unit, left to right, each on its own pin; their caps are those of the large one."""
