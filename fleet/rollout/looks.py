"""What the page of a rollout shows, computed once for all who look at it."""

import threading
from typing import Any, Final

from fleet.desk.office import Office
from fleet.rollout import store, views
from fleet.rollout.store import Rollout

FRESH_MS: Final = 500


class Looks:
    """One per process, made by the composition root as `app.state.rollouts`. May be used from any thread."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._lock = threading.Lock()
        self._last: tuple[Rollout, int, dict[str, Any]] | None = None

    def detail(self, name: str) -> dict[str, Any]:
        """At most half a second old, and never older than what was last done to the rollout. Raises
        NotFound."""
        with self._lock, self._office.look() as connection:
            now_ms = self._office.clock.monotonic_ms()
            rollout = store.find(connection, name)
            last = self._last
            if last is not None and last[0] == rollout and now_ms - last[1] < FRESH_MS:
                return last[2]
            found = views.detail(connection, self._office, name)
            self._last = None if rollout is None else (rollout, now_ms, found)
            return found
