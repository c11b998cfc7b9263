"""Whether units vanish from under a question that is open: the same look for open and for secret ones."""

from collections.abc import Collection, Hashable

from fleet.db import Connection
from fleet.desk.clock import Clock
from fleet.devices import store as devices
from fleet.devices.rules import is_ready
from fleet.votes import store
from fleet.votes.losses import WINDOW_MS, Losses, look, too_many
from wire.ids import DeviceId, SittingId


class LossWatch:
    """One for each kind of question."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._losses = Losses()
        self._of: Hashable = None

    def rest(self) -> None:
        """Nothing is open: what is missing from now on is no loss."""
        self._of = None

    def why(
        self, connection: Connection, sitting: SittingId, opened: Hashable, seated: Collection[DeviceId]
    ) -> str | None:
        """Why the open question must be held, None while it need not. opened: another one after each opening
        and after each hold: what is missing then is no loss."""
        if opened != self._of:
            self._of, self._losses = opened, Losses()
        now_ms = self._clock.wall_ms()
        ready = {
            light.device: is_ready(light.state, light.sign, now_ms)
            for light in devices.lights(connection, "keypad")
            if light.device in seated
        }
        self._losses = look(self._losses, ready, self._clock.monotonic_ms())
        if not too_many(self._losses, len(ready), store.settings(connection, sitting).lost_percent):
            return None
        return f"{len(self._losses.lost)} of {len(ready)} units lost within {WINDOW_MS // 1000} s"
