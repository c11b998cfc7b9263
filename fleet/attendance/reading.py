"""Attendance of a sitting, from the passages in the hall log."""

from dataclasses import dataclass, field

from ballot.counting import Leaf
from fleet.api.errors import NotFound
from fleet.attendance.rules import Attendance, Presence, attendance, presence_of
from fleet.db import Connection
from fleet.desk.office import Office
from fleet.sittings import store
from fleet.sittings.log_reader import open_leaves
from fleet.sittings.refusals import refused
from wire.records import Passage


def of_sitting(
    office: Office, connection: Connection, name: str
) -> tuple[store.Sitting, Presence, Attendance]:
    """The sitting, presence as the gates say it, and that held against the roll. Raises NotFound."""
    sitting = store.find(connection, name)
    if sitting is None:
        raise refused(NotFound, "not-found/sitting", sitting=name)
    stored = store.leaves(connection, name, (Passage.kind,))
    presence = presence_of(_passages(open_leaves(connection, office.desk.signer.public_key, stored)))
    summoned = {place.member for place in store.places(connection, sitting.sitting)}
    return sitting, presence, attendance(presence, summoned)


@dataclass(slots=True)
class Follower:
    """Presence of the sitting on show, kept up by the new leaves alone: a look every second stays cheap."""

    _sitting: str = ""
    _last: int = -1
    _presence: Presence = field(default_factory=Presence)

    def follow(self, office: Office, connection: Connection, sitting: str) -> Presence:
        head = store.head(connection)
        if sitting != self._sitting or (head is not None and head[0] <= self._last):
            # Another sitting, or a log that is shorter than what was read: a backup was restored.
            self._sitting, self._last, self._presence = sitting, -1, Presence()
        stored = store.leaves(connection, sitting, (Passage.kind,), after=self._last)
        if stored:
            for passage in _passages(open_leaves(connection, office.desk.signer.public_key, stored)):
                self._presence.add(passage)
            self._last = stored[-1].index
        return self._presence


def _passages(leaves: list[Leaf]) -> list[Passage]:
    return [leaf.body for leaf in leaves if isinstance(leaf.body, Passage)]
