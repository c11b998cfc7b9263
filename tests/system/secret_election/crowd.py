"""`python -m tests.system.secret_election.crowd`: several dozen keypads in one process.

The first line of standard input says which; each later line is an order, answered by one line:
    {"do": "vote", "within_s": S}   everybody begins to vote within so many seconds
    {"do": "report"}                what every screen shows, and what every person has seen and done
    {"do": "end"}
"""

import asyncio
import json
import random
import sys
import time
from pathlib import Path
from typing import Any, Final

from bench.mqtt_client import allow_connections
from hallward.demo.voter import Act, Voter, Wish
from tests.system.secret_election.light_unit import LightUnit

_TURN_S: Final = 0.02
_CONNECTING_MAX: Final = 16
_LINE_MAX: Final = 2**22


class Crowd:
    def __init__(self, plan: dict[str, Any]) -> None:
        """plan: {"seed": N, "units": [{"folder": …, "wishes": [[choice, act] …], "dies": bool} …]}."""
        rng = random.Random(plan["seed"])
        turns = asyncio.Semaphore(_CONNECTING_MAX)
        allow_connections(2 * len(plan["units"]))
        self._faults: list[str] = []
        self._units = [
            LightUnit(
                Path(each["folder"]),
                Voter([Wish(choice, Act(act)) for choice, act in each["wishes"]]),
                random.Random(rng.random()),
                turns,
                dies=each["dies"],
            )
            for each in plan["units"]
        ]
        asyncio.get_running_loop().set_exception_handler(self._failed)

    async def live(self) -> None:
        for unit in self._units:
            unit.boot()
            await asyncio.sleep(0)
        while True:
            now_s = time.monotonic()
            for unit in self._units:
                unit.turn(now_s)
                await asyncio.sleep(0)  # what has arrived meanwhile is not kept waiting for a whole turn
            await asyncio.sleep(_TURN_S)

    def obey(self, order: dict[str, Any]) -> dict[str, Any]:
        if order["do"] == "vote":
            for unit in self._units:
                unit.begin_to_vote(order["within_s"])
        if order["do"] == "report":
            return {"units": [unit.report() for unit in self._units], "faults": self._faults}
        return {}

    def _failed(self, _: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """What goes wrong in a callback is a fault of the firmware, and no line in a log."""
        self._faults.append(f"{context['message']}: {context.get('exception')!r}")


async def main() -> int:
    reader = asyncio.StreamReader(limit=_LINE_MAX)
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    crowd = Crowd(json.loads(await reader.readline()))
    living = loop.create_task(crowd.live())
    while not living.done():
        order = asyncio.ensure_future(reader.readline())
        await asyncio.wait({living, order}, return_when=asyncio.FIRST_COMPLETED)
        if not order.done():
            order.cancel()
            break
        line = order.result()
        if not line or json.loads(line)["do"] == "end":
            living.cancel()
            return 0
        sys.stdout.write(json.dumps(crowd.obey(json.loads(line))) + "\n")
        sys.stdout.flush()
    living.result()  # it never ends by itself: this raises why
    return 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
