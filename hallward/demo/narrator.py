"""What the demo says: one line per step, a bar for whatever takes over two seconds, a table at the end."""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from wire.errors import HallError

POLL_S: Final = 0.05
BAR_AFTER_S: Final = 2.0
_BAR_WIDTH: Final = 24


class TooSlow(HallError):
    """Something that had to happen did not."""

    code = "too-slow"


@dataclass(frozen=True, slots=True)
class Check:
    """A number of the hall beside what it must be."""

    what: str
    expected: object
    found: object

    @property
    def holds(self) -> bool:
        return self.expected == self.found


class Narrator:
    def __init__(self) -> None:
        self._began_s = time.monotonic()
        self._bar = sys.stderr.isatty()

    @property
    def elapsed_s(self) -> float:
        return time.monotonic() - self._began_s

    def say(self, text: str) -> None:
        print(f"{self.elapsed_s:6.1f} s  {text}", flush=True)

    def until(
        self, what: str, done: Callable[[], int], total: int, timeout_s: float, look: Callable[[], None]
    ) -> None:
        """Wait until `done()` reaches `total`; a bar after two seconds. look: raises when waiting is in vain.

        Raises TooSlow.
        """
        began_s = time.monotonic()
        with self._progress() as show:
            while (count := done()) < total:
                look()
                waited_s = time.monotonic() - began_s
                if waited_s > timeout_s:
                    raise TooSlow(f"{what}: {count} of {total} after {timeout_s:.0f} s; see the logs")
                if waited_s > BAR_AFTER_S:
                    show(what, count, total)
                time.sleep(POLL_S)

    @contextmanager
    def _progress(self) -> Iterator[Callable[[str, int, int], None]]:
        shown = False

        def show(what: str, count: int, total: int) -> None:
            nonlocal shown
            if self._bar:
                shown = True
                full = "#" * (_BAR_WIDTH * count // total)
                print(f"\r          {what} [{full:<{_BAR_WIDTH}}] {count}/{total} ", end="", file=sys.stderr)

        try:
            yield show
        finally:
            if shown:
                print("\r" + " " * 78 + "\r", end="", file=sys.stderr, flush=True)

    def table(self, checks: Sequence[Check]) -> None:
        width = max(len(check.what) for check in checks)
        for check in checks:
            mark = "ok   " if check.holds else "WRONG"
            expected = "" if check.holds else f"   expected {check.expected}"
            print(f"    {mark}  {check.what:<{width}}  {check.found}{expected}", flush=True)
