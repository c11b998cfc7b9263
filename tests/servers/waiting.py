"""Waiting for real processes: poll a condition with a deadline, never sleep and hope."""

import time
from collections.abc import Callable

GUARD_S = 60.0
"""Against a test that would wait for ever; a busy machine takes its time. A promised time is an argument."""


def wait_until(condition: Callable[[], object], what: str, *, timeout_s: float = GUARD_S) -> None:
    """Return once the condition is true. Raises AssertionError naming `what` after the deadline."""
    deadline_s = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline_s:
            raise AssertionError(f"not within {timeout_s:g} s: {what}")
        time.sleep(0.01)
