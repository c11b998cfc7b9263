"""mosquitto 2.0 or newer as this hall's broker."""

import logging
import shutil
import socket
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from fleet.broker import mosquitto_config as text
from fleet.broker.access import User
from fleet.broker.process import BrokerProcess
from fleet.broker.settings import BrokerSettings
from fleet.errors import ConfigError
from wire.ids import DeviceId

log: Final = logging.getLogger(__name__)

PROGRAM: Final = "mosquitto"
CONFIG_FILE: Final = "mosquitto.conf"
SYSTEM_FOLDERS: Final = "/usr/local/sbin:/usr/sbin:/sbin"
# sun_path holds 108 bytes with its end (unix(7)).
SOCKET_PATH_BYTES_MAX: Final = 107


class MosquittoProgram:
    """See mosquitto_config for what a reload does and does not do."""

    name = PROGRAM

    def __init__(self, settings: BrokerSettings) -> None:
        self._settings = settings
        self._socket = text.socket_path(settings.folder)
        if len(str(self._socket).encode()) > SOCKET_PATH_BYTES_MAX:
            raise ConfigError(
                f"the broker's folder {settings.folder} has too long a name for a socket: shorten it"
            )

    def command(self) -> Sequence[str]:
        program = find_program()
        if program is None:
            raise ConfigError("mosquitto is not installed: type `sudo apt install mosquitto`, or choose nats")
        return (program, "-c", str(self._settings.folder / CONFIG_FILE))

    def files(self, users: Sequence[User], revocations: bytes | None) -> Mapping[str, bytes]:
        contents = {
            CONFIG_FILE: text.mosquitto_config(self._settings).encode(),
            text.ACCESS_FILE: text.mosquitto_access(users).encode(),
            text.NO_ACCESS_FILE: b"",
        }
        kept = self._settings.folder / text.REVOCATIONS_FILE
        if revocations is None and not kept.is_file():
            revocations = _first_list(self._settings.revocations)
        if revocations is not None:
            contents[text.REVOCATIONS_FILE] = revocations
        return contents

    def evict(self, devices: Iterable[DeviceId]) -> None:
        """Take each one's place and leave. The broker answers on the socket only after the reload that it was
        sent before: it accepts in one round of its loop and reads in the next, and the reload stands
        between."""
        for device in devices:
            try:
                with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
                    line.settimeout(5)
                    line.connect(str(self._socket))
                    line.sendall(text.takeover(device))
                    if line.recv(4) != text.ACCEPTED:
                        log.warning(
                            "mosquitto did not let %s be evicted; it stays mute until it leaves", device
                        )
                    line.sendall(text.LEAVE)
            except OSError as err:
                log.warning(
                    "%s could not be evicted from mosquitto (%s); it stays mute until it leaves", device, err
                )

    def is_stuck(self, line: str) -> bool:
        """It keeps what it delivers in memory, and gets over a full disk by itself."""
        del line
        return False


def _first_list(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as err:
        raise ConfigError(f"the revocation list {path} cannot be read: {err.strerror}") from err


def find_program() -> str | None:
    """mosquitto on PATH, or in the system folders that are not on everybody's PATH."""
    return shutil.which(PROGRAM) or shutil.which(PROGRAM, path=SYSTEM_FOLDERS)


class Mosquitto(BrokerProcess):
    """The port `Broker`, by mosquitto."""

    def __init__(self, settings: BrokerSettings) -> None:
        super().__init__(settings, MosquittoProgram(settings))
