"""The order of Vietnamese names: by given name, which comes last, then by the rest. Pure.

Letters go a ă â b c d đ e ê … o ô ơ … u ư; tones, which decide only between words of the same letters, go
none, grave, hook, tilde, acute, dot below.
"""

import unicodedata
from typing import Final

_LETTERS: Final = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_RANK: Final = {letter: rank for rank, letter in enumerate(_LETTERS, 1)}
_TONES: Final = {"\u0300": 1, "\u0309": 2, "\u0303": 3, "\u0301": 4, "\u0323": 5}
_SHAPES: Final = frozenset("\u0306\u0302\u031b")
"""Breve, circumflex and horn make another letter; every other mark is a tone or foreign."""

Word = tuple[tuple[int, ...], tuple[int, ...]]


def name_order(name: str) -> tuple[Word, ...]:
    """Sort key of a person's name."""
    words = name.split()
    return tuple(_word(word) for word in [*words[-1:], *words[:-1]])


def text_order(text: str) -> tuple[Word, ...]:
    """Sort key of anything else, word by word."""
    return tuple(_word(word) for word in text.split())


def _word(word: str) -> Word:
    letters: list[int] = []
    tones: list[int] = []
    for base, marks in _spelt(word):
        shape = "".join(mark for mark in marks if mark in _SHAPES)
        letter = unicodedata.normalize("NFC", base + shape)
        letters.append(_RANK.get(letter, len(_LETTERS) + ord(base[0])))
        tones.append(max((_TONES.get(mark, 0) for mark in marks), default=0))
    return tuple(letters), tuple(tones)


def _spelt(word: str) -> list[tuple[str, str]]:
    """Each letter with its marks."""
    found: list[tuple[str, str]] = []
    for character in unicodedata.normalize("NFD", word.casefold()):
        if unicodedata.combining(character) and found:
            base, marks = found[-1]
            found[-1] = (base, marks + character)
        else:
            found.append((character, ""))
    return found
