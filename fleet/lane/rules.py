"""Names cut to what a display takes, names found as people type them, what became of a tap. Pure."""

import unicodedata
from collections.abc import Iterable
from enum import StrEnum
from typing import Final, Literal, get_args

Reason = Literal[
    "not-recognised",
    "badge-forgotten",
    "badge-damaged",
    "no-consent",
    "accessibility",
    "device-fault",
    "other",
]
"""Why an usher lets somebody in. `other` wants a note."""
REASONS: Final[tuple[Reason, ...]] = get_args(Reason)
WAIT_MS: Final = 30_000
"""How long after a tap a passage is waited for: the command's life, and a slow walk through the lane."""

_PLAIN: Final[dict[int, str | None]] = {**dict.fromkeys(range(0x300, 0x370)), ord("đ"): "d"}
"""Combining marks of Latin letters, and the one letter of Vietnamese that has a stroke for an accent."""


class Outcome(StrEnum):
    """What became of a tap."""

    PENDING = "pending"
    PASSED = "passed"
    EXPIRED = "expired"


def outcome(passed: bool, asked_ms: int, now_ms: int) -> Outcome:
    """passed: the log holds the passage. It may come late, over a slow network: then it still counts."""
    if passed:
        return Outcome.PASSED
    return Outcome.PENDING if now_ms - asked_ms <= WAIT_MS else Outcome.EXPIRED


def cut(text: str, bytes_max: int) -> str:
    """The longest beginning of at most this many bytes in UTF-8 that ends between two characters: no letter
    loses its accent."""
    kept = text.encode()[:bytes_max].decode(errors="ignore")
    end = len(kept)
    while 0 < end < len(text) and unicodedata.combining(text[end]):
        end -= 1
    return kept[:end]


def folded(text: str) -> str:
    """As people type in a hurry: small letters, no accents, d for đ."""
    return unicodedata.normalize("NFD", text.casefold()).translate(_PLAIN)


def finds(typed: Iterable[str], name: str, seat: str) -> bool:
    """Whether every word typed begins a word of this name, or is this seat. All of them folded."""
    words = name.split()
    return all(word == seat or any(each.startswith(word) for each in words) for word in typed)
