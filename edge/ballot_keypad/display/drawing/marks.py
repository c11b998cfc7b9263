"""The marks of Vietnamese letters, drawn for one-bit glass.

A font's own marks are made for paper: at the sizes of a small display they melt into their letter, or into
one another (at 11 to 15 pixels an outline font gave us the very same picture for ã and ă, and for l and I).
So the bare letters are the font's and the marks are ours, set by rule: a row of dark between any two
strokes that are not one.
"""

from typing import Final

GRAVE: Final = ("##.", ".#.", "..#")
ACUTE: Final = (".##", ".#.", "#..")
HOOK: Final = ("##.", "..#", ".#.")
TILDE: Final = (".#..#", "#.##.")
CIRCUMFLEX: Final = (".##.", "#..#")
BREVE: Final = ("#...#", ".###.")
DOT: Final = ("##", "##")
HORN: Final = (".#", ".#", "##")

TONES: Final = {"\u0300": GRAVE, "\u0301": ACUTE, "\u0309": HOOK, "\u0303": TILDE}
"""Combining marks that stand highest."""
SHAPES: Final = {"\u0302": CIRCUMFLEX, "\u0306": BREVE}
"""Those between the letter and its tone."""
DOT_BELOW: Final = "\u0323"
HORNED: Final = "\u031b"
KNOWN: Final = frozenset({*TONES, *SHAPES, DOT_BELOW, HORNED})

SYMBOLS: Final = {
    "…": ("##.##.##", "##.##.##"),
    "▲": ("...#...", "..###..", "..###..", ".#####.", ".#####.", "#######"),
    "▼": ("#######", ".#####.", ".#####.", "..###..", "..###..", "...#..."),
    "◀": ("....##", "..####", "######", "######", "..####", "....##"),
    "✓": ("......##", ".....##.", "#...##..", "##.##...", ".###....", "..#....."),
    "✕": ("#...#", ".#.#.", "..#..", ".#.#.", "#...#"),
}
"""What no text font has. They stand on the line."""
