"""What a page asks of the fleet in a large hall: the state of thousands of devices, over HTTP, computed anew
by the API process for every request that is measured (DESIGN §12)."""

import time
from typing import Final

from bench.errors import BenchError
from bench.hall import Hall
from bench.office import open_ballot, secretariat
from bench.rows import Row, at_most, median
from fleet.dashboard.live import FRESH_MS
from hallward.demo.api import Api

BUDGET_MS: Final = 300.0


def measure(hall: Hall, rounds: int) -> list[Row]:
    """Every keypad of the hall has a seat in an open ballot, and was heard of just now."""
    office = secretariat(hall)
    keypads = [keypad.device for keypad in hall.keypads()]
    open_ballot(office, keypads)
    hall.hear_everybody()
    board = office.get("/api/board")
    shown = len(board["devices"]["keypads"])
    if shown != len(keypads) or board["question"]["state"] != "open":
        raise BenchError(f"the live page shows {shown} keypads of {len(keypads)}")
    pages = {"state of the live page": "/api/board", "list of devices": "/api/devices"}
    return [
        at_most(f"{shown:,} devices: {name}", _median_ms(office, path, rounds), "ms", BUDGET_MS)
        for name, path in pages.items()
    ]


def _median_ms(office: Api, path: str, rounds: int) -> float:
    """The state is shared for half a second by all who watch: wait until it is stale."""
    spent = []
    for _ in range(rounds):
        time.sleep(1.2 * FRESH_MS / 1000)
        before = time.perf_counter()
        office.get(path)
        spent.append((time.perf_counter() - before) * 1000)
    return median(spent)
