"""The broker is killed, its supervisor starts it again, and everybody comes back by the product's back-off.

The clock starts with the kill, so it holds the broker's absence, the waits, and the handshakes.
"""

import asyncio
import os
import signal
import time
from typing import Final

from bench.burst import press
from bench.crowd import Crowd
from bench.hall import Hall
from bench.rows import Row, at_most, median, percentile, told

BUDGET_99_S: Final = 15.0
BUDGET_ALL_S: Final = 20.0
DEADLINE_S: Final = 60.0
SETTLE_S: Final = 3.0


async def measure(hall: Hall, crowd: Crowd, rounds: int) -> list[Row]:
    """Rows of several restarts. After each one everybody presses once: a connection must carry something."""
    ninety_nine, everybody, attempts = [], [], []
    for _ in range(rounds):
        back_s, tried = await _restart(hall, crowd)
        ninety_nine.append(percentile(back_s, 99))
        everybody.append(max(back_s))
        attempts.append(tried / len(back_s))
        await asyncio.sleep(SETTLE_S)
        await press(hall, crowd)
    name = f"{len(crowd.members):,} keypads back after a broker's kill -9"
    return [
        at_most(f"{name}, 99 %", median(ninety_nine), "s", BUDGET_99_S),
        at_most(f"{name}, all", median(everybody), "s", BUDGET_ALL_S),
        told(f"{name}: attempts of each", median(attempts), ""),
    ]


async def _restart(hall: Hall, crowd: Crowd) -> tuple[list[float], int]:
    """Seconds from the kill to each one's new connection, and all attempts together."""
    before = sum(member.attempts for member in crowd.members)
    killed_ns = time.perf_counter_ns()
    os.kill(hall.broker_pid(), signal.SIGKILL)
    await crowd.until(
        lambda member: member.up_ns is not None and member.up_ns > killed_ns, DEADLINE_S, "a connection"
    )
    back_s = [(member.up_ns - killed_ns) / 1e9 for member in crowd.members if member.up_ns is not None]
    return back_s, sum(member.attempts for member in crowd.members) - before
