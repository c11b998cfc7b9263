"""Text from elsewhere, fit to be shown to whoever signs it: what a terminal would obey, or not show, is spelt
out. Pure."""

import unicodedata
from typing import Final

_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Categories of what moves the cursor, turns the direction of the letters, or shows nothing at all."""


def visible(text: str) -> str:
    """The same text with `<U+XXXX>` in place of every character that is not seen as it is."""
    return "".join(f"<U+{ord(c):04X}>" if unicodedata.category(c) in _UNSEEN else c for c in text)
