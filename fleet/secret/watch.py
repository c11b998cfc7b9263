"""A secret question is held by the fleet itself when units vanish, as open ones are (fleet/votes)."""

from fleet.api.errors import Conflict
from fleet.db import Connection
from fleet.desk.office import FLEET, Office
from fleet.secret import acts, store
from fleet.secret.rules import SecretQuestion, Step
from fleet.sittings import store as sittings
from fleet.votes.loss_watch import LossWatch
from wire.ids import SittingId


class SecretWatch:
    """One per process, asked at every tick."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._losses = LossWatch(office.clock)

    def tick(self) -> None:
        """Raises StoreError; the next tick goes on."""
        with self._office.look() as connection:
            found = store.running(connection)
            why = None if found is None or found.state != "open" else self._loss(connection, found)
        if found is None or found.state != "open":
            self._losses.rest()
        if found is not None and why is not None:
            try:
                as_of_ms = found.changed_ms
                acts.step(self._office, FLEET, found.contest, Step.HOLD, held_why=why, as_of_ms=as_of_ms)
            except Conflict:
                return  # somebody was faster: it is held or closed already, or was, and goes on

    def _loss(self, connection: Connection, found: SecretQuestion) -> str | None:
        """Why the question must be held, None while it need not."""
        places = sittings.places(connection, SittingId(found.sitting))
        seated = {place.device for place in places if place.device is not None}
        opened = (bytes(found.contest), found.changed_ms)
        return self._losses.why(connection, SittingId(found.sitting), opened, seated)
