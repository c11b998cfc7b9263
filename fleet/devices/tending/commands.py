"""A technician's commands: `identify` (show yourself) and `self-test` (try your own parts, and say so).

A command is for now. It lives as long as an usher's word does (desk.COMMAND_LIFE_MS) and ends by itself, so
a device that comes back in the evening never sounds or moves its door for what somebody wanted at noon. That
is also why one that is silent is refused instead of waited for.
"""

from dataclasses import dataclass
from typing import Final, Literal

from fleet.api.errors import Conflict, NotFound
from fleet.desk.desk import COMMAND_LIFE_MS, Letter
from fleet.desk.office import Act, Office
from fleet.devices import store as devices
from fleet.devices.refusals import refused
from fleet.devices.rules import FRESH_MS, is_ready
from fleet.sittings import store as sittings
from wire.down import CommandMessage
from wire.self_test import COMMAND_BYTES, EACH_KEY, SELF_TEST

Command = Literal["identify", "self-test"]
COMMANDED: Final = "device.commanded"
"""In the audit log."""


@dataclass(frozen=True, slots=True)
class Given:
    """id: 16 bytes, which the answer names. expires_ms: from then on the device does not carry it out."""

    id: bytes
    expires_ms: int


def command(office: Office, account: str, device: str, command: Command, *, each_key: bool = False) -> Given:
    """Have a device do this now. each_key: somebody stands there to press each key of the keypad once.

    Raises: NotFound; Conflict for a device that is revoked or silent, and for a self-test during a sitting,
    which would move doors and sound tones among the delegates.
    """
    identifier = office.random(COMMAND_BYTES)
    with office.act(account, COMMANDED, device) as act:
        _check(act, device, command)
        arguments: dict[str, int | str | bytes | bool | None] = {EACH_KEY: True} if each_key else {}
        act.note(command=command, id=identifier.hex())
        act.tell(Letter(device, CommandMessage(identifier, command, arguments)))
        return Given(identifier, act.now_ms + COMMAND_LIFE_MS)


def _check(act: Act, name: str, command: Command) -> None:
    device = devices.find(act.connection, name)
    if device is None:
        raise refused(NotFound, "not-found", device=name)
    if device.state != "active":
        raise refused(Conflict, "device-revoked", device=name)
    if not is_ready(device.state, device.sign, act.now_ms):
        raise refused(Conflict, "device-silent", device=name, seconds=FRESH_MS // 1000)
    if command == SELF_TEST and sittings.open_sitting(act.connection) is not None:
        raise refused(Conflict, "sitting-open")
