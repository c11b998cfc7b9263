"""A gate on hold: people wait, and an usher's word alone lets them in. A wish of its twin, so it lasts."""

from fleet.api.errors import NotFound
from fleet.db import Connection
from fleet.desk.office import Office
from fleet.devices import store as devices
from fleet.devices.registry import desire
from fleet.lane.refusals import refused
from wire.ids import DeviceId

HELD = "held"
"""The gate's twin key."""


def hold(office: Office, account: str, gate: str, *, held: bool) -> None:
    """Have this gate hold, or go on; saying it again changes nothing. Raises NotFound."""
    with office.act(account, "gate.held", gate) as act:
        device = DeviceId(gate)
        if device not in devices.active(act.connection, "gate"):
            raise refused(NotFound, "not-found/in-service", gate=gate)
        wanted = devices.twin(act.connection, device)
        act.note(held=held)
        desire(
            act, {device: wanted | {HELD: True} if held else {k: v for k, v in wanted.items() if k != HELD}}
        )


def is_held(connection: Connection, gate: str) -> bool:
    return devices.twin(connection, DeviceId(gate)).get(HELD) is True
