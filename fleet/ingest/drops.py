"""Counts of bytes that are dropped, by claimed device and code; the number of names is bounded, since
anybody can claim one.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Final

from wire.ids import is_name

NAMES_MAX: Final = 1000
OTHERS: Final = "others"


class Drops:
    """known: names that already have a row."""

    def __init__(self, known: Iterable[str]) -> None:
        self._names = set(known)
        self.counts: Counter[tuple[str, str]] = Counter()

    def count(self, device: str, code: str) -> None:
        if device not in self._names:
            if len(self._names) >= NAMES_MAX or not is_name(device):
                device = OTHERS
            self._names.add(device)
        self.counts[device, code] += 1
