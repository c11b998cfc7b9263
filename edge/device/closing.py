"""Parts are given back in a row, and one that fails does not keep the others."""

from collections.abc import Callable


def close_each(*closes: Callable[[], None]) -> None:
    """Call all, in this order. What is raised is raised when all were called; of several, the last, with the
    others as its context."""
    if not closes:
        return
    first, *others = closes
    try:
        first()
    finally:
        close_each(*others)
