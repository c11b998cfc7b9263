"""Which members does somebody mean who types a few letters? Accents and case do not matter. Pure."""

import contextlib
import unicodedata
from collections.abc import Sequence
from typing import Final

from edge.enrol.ports import Found
from wire.ids import MEMBER_REF_BYTES, MemberRef

ROWS_MAX: Final = 12


def member_typed(text: str) -> MemberRef | None:
    """The pseudonym, if it is one: 32 hexadecimal digits."""
    with contextlib.suppress(ValueError):
        raw = bytes.fromhex(text.strip())
        if len(raw) == MEMBER_REF_BYTES:
            return MemberRef(raw)
    return None


def found_by(text: str, members: Sequence[Found]) -> list[Found]:
    """At most ROWS_MAX + 1 of them, by name: every typed word begins a word of the name. Nobody for nothing.

    A pseudonym finds its member alone.
    """
    if (member := member_typed(text)) is not None:
        return [found for found in members if found.member == member]
    typed = _folded(text).split()
    if not typed:
        return []
    fits = [found for found in members if _fits(typed, _folded(found.name).split())]
    return sorted(fits, key=lambda found: _folded(found.name))[: ROWS_MAX + 1]


def _fits(typed: list[str], words: list[str]) -> bool:
    return all(any(word.startswith(part) for word in words) for part in typed)


def _folded(text: str) -> str:
    apart = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    return "".join(letter for letter in apart if not unicodedata.combining(letter))
