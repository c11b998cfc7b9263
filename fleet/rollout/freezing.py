"""What an open sitting lets rollouts do: nothing, but to devices that two people have freed."""

from fleet.db import Connection
from fleet.freeze import store as freezes
from fleet.freeze.lease import is_frozen
from fleet.rollout.observing import store as observing
from fleet.rollout.rules.shape import Freeze
from wire.ids import DeviceId


def freeze_of(connection: Connection, now_ms: int) -> Freeze:
    """The freeze that is in force now, and whom an override covers."""
    sitting = is_frozen(connection)
    if sitting is None:
        return Freeze()
    lifted = [
        row.device
        for row in freezes.in_states(connection, ("lifted",))
        if row.sitting == sitting and row.until_ms is not None and now_ms < row.until_ms
    ]
    if None in lifted:
        return Freeze(sitting, frozenset(observing.names(connection)))
    return Freeze(sitting, frozenset(DeviceId(device) for device in lifted if device is not None))
