"""What work costs on a machine that others use, too: they add to a measure, and never take from it."""

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

TIMES = 5


def least_cpu_s(act: Callable[[], object], times: int = TIMES) -> float:
    """Seconds of this process, all its threads, for one call: the least of several."""
    with settled():
        return min(_cpu_s(act) for _ in range(times))


@contextmanager
def settled() -> Iterator[None]:
    """As in the API's own process (fleet/api/commands.py): what other tests left is not gone through."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def _cpu_s(act: Callable[[], object]) -> float:
    begun_s = time.process_time()
    act()
    return time.process_time() - begun_s
