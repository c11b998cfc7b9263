"""A secret question is held by the fleet itself when units vanish; as with open ones (fleet/votes/losses)."""

from fleet.api.errors import Conflict
from fleet.db import Connection
from fleet.desk.office import FLEET, Office
from fleet.devices import store as devices
from fleet.devices.rules import is_ready
from fleet.secret import acts, store
from fleet.secret.rules import SecretQuestion, Step
from fleet.sittings import store as sittings
from fleet.votes import store as votes
from fleet.votes.losses import WINDOW_MS, Losses, look, too_many
from wire.ids import SittingId


class SecretWatch:
    """One per process, asked at every tick."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._losses = Losses()
        self._of: tuple[bytes, int] | None = None

    def tick(self) -> None:
        """Raises StoreError; the next tick goes on."""
        with self._office.look() as connection:
            found = store.running(connection)
            why = None if found is None or found.state != "open" else self._loss(connection, found)
        if found is None or found.state != "open":
            self._of = None
        if found is not None and why is not None:
            try:
                acts.step(self._office, FLEET, found.contest, Step.HOLD, held_why=why)
            except Conflict:
                return  # somebody was faster: it is held or closed already

    def _loss(self, connection: Connection, found: SecretQuestion) -> str | None:
        """Why the question must be held, None while it need not."""
        of = (bytes(found.contest), found.changed_ms)
        if of != self._of:  # opened, or gone on after a hold: what is missing now is no loss
            self._of, self._losses = of, Losses()
        now_ms = self._office.clock.wall_ms()
        places = sittings.places(connection, SittingId(found.sitting))
        seated = {place.device for place in places if place.device is not None}
        ready = {
            light.device: is_ready(light.state, light.sign, now_ms)
            for light in devices.lights(connection, "keypad")
            if light.device in seated
        }
        self._losses = look(self._losses, ready, self._office.clock.monotonic_ms())
        percent = votes.settings(connection, found.sitting).lost_percent
        if not too_many(self._losses, len(ready), percent):
            return None
        return f"{len(self._losses.lost)} of {len(ready)} units lost within {WINDOW_MS // 1000} s"
