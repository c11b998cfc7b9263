"""kill -9 at moments that a seed chose: of ingest, broker, API, and of keypads."""

import random
import time
from typing import Final

from tests.system.secret_election.hall import ElectionHall

FLEET: Final = ("ingest", "broker", "api", "ingest")
BACK_S: Final = (0.3, 2.0)


class Faults:
    """keypads: any of these, one after another."""

    def __init__(self, hall: ElectionHall, keypads: tuple[str, ...], within_s: float, seed: int) -> None:
        rng = random.Random(seed)
        began_s = time.monotonic()
        kills = [(rng.uniform(0.1, 0.9) * within_s, part) for part in FLEET]
        kills += [(rng.uniform(0.0, 1.0) * within_s, rng.choice(keypads)) for _ in range(len(keypads))]
        self._due = sorted((began_s + at_s, part) for at_s, part in kills)
        self._off: list[tuple[float, str]] = []
        self._hall, self._rng = hall, rng
        self.done: list[str] = []

    def happen(self) -> None:
        """What is due by now."""
        now_s = time.monotonic()
        for back_s, name in [row for row in self._off if row[0] <= now_s]:
            self._hall.start_keypad(name)
            self._off.remove((back_s, name))
        if self._due and self._due[0][0] <= now_s:
            _, part = self._due.pop(0)
            self._kill(part)
            self.done.append(part)

    @property
    def are_over(self) -> bool:
        return not self._due and not self._off

    def _kill(self, part: str) -> None:
        if part in FLEET:
            self._hall.until_back(part, self._hall.kill(part))
        elif part not in [name for _, name in self._off]:
            self._hall.processes.kill(part)
            self._off.append((time.monotonic() + self._rng.uniform(*BACK_S), part))
