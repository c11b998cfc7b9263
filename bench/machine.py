"""What the measurements run on, and whether it is theirs alone."""

import os
import time
from pathlib import Path
from typing import Final

from bench.rows import Row, told

LOOK_S: Final = 1.0
QUIET: Final = 0.15
"""Processors in use by others up to which a machine counts as quiet."""
_TICKS: Final = os.sysconf("SC_CLK_TCK")
_IDLE, _IOWAIT = 4, 5


def row() -> Row:
    return told("processors of this machine", os.cpu_count() or 1, "")


def busy_processors() -> float:
    """How many processors others keep busy, over a second in which this process sleeps."""
    before, begun_s = _idle_ticks(), time.monotonic()
    time.sleep(LOOK_S)
    idle = (_idle_ticks() - before) / _TICKS / (time.monotonic() - begun_s)
    return max(0.0, (os.cpu_count() or 1) - idle)


def _idle_ticks() -> int:
    fields = Path("/proc/stat").read_text().splitlines()[0].split()
    return int(fields[_IDLE]) + int(fields[_IOWAIT])
