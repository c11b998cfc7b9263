"""What both brokers have in common: files, one supervised child, a port that must be free, reload by
signal."""

import logging
import shutil
import signal
import socket
import ssl
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Protocol

from fleet.broker.access import User, hall_users
from fleet.broker.child import Child
from fleet.broker.files import BoundedLog, make_private, write_changed
from fleet.broker.settings import BrokerSettings
from fleet.errors import ConfigError
from wire.ids import DeviceId

log: Final = logging.getLogger(__name__)

READY_S: Final = 15.0
PID_FILE: Final = "broker.pid"
LOG_FILE: Final = "broker.log"
ROOM_BYTES: Final = 4 << 20
"""Free space with which a broker that failed on a full disk is started anew."""
MEND_GAP_S: Final = 5.0


class Program(Protocol):
    """What differs between brokers."""

    name: str

    def command(self) -> Sequence[str]:
        """Program and arguments. Raises ConfigError when it is not installed."""

    def files(self, users: Sequence[User], revocations: bytes | None) -> Mapping[str, bytes]:
        """Contents of its files, by name; revocations None: leave that file as it is."""

    def evict(self, devices: Iterable[DeviceId]) -> None:
        """After a reload: disconnect these, if the reload itself did not."""

    def is_stuck(self, line: str) -> bool:
        """Whether it says with this line that it failed on a full disk, which it only gets over by a new
        start."""


class BrokerProcess:
    """The port `Broker`, for one program."""

    def __init__(self, settings: BrokerSettings, program: Program) -> None:
        self.settings: Final = settings
        self._program = program
        self._child: Child | None = None
        self._devices: frozenset[DeviceId] = frozenset()
        self._log = BoundedLog(settings.folder / LOG_FILE)
        self._mended_s = -MEND_GAP_S

    @property
    def pid(self) -> int | None:
        return None if self._child is None else self._child.pid

    @property
    def starts(self) -> int:
        """How often the process was started, the first time included."""
        return 0 if self._child is None else self._child.starts

    def start(self, devices: Iterable[DeviceId], revocations: bytes | None = None) -> None:
        missing = self.settings.missing()
        if missing is not None:
            raise ConfigError(
                f"the broker's file {missing} is missing: make it with `hallward provision hall`"
            )
        command = self._program.command()
        make_private(self.settings.folder)
        self._devices = frozenset(devices)
        self._write(revocations)
        child = Child(
            self._program.name,
            command,
            hear=self._hear,
            pid_file=self.settings.folder / PID_FILE,
        )
        self._child = child
        try:
            self._come_up(child)
        except BaseException:
            self.stop()
            raise

    def apply(self, devices: Iterable[DeviceId], revocations: bytes | None = None) -> None:
        before, self._devices = self._devices, frozenset(devices)
        try:
            changed = self._write(revocations)
        except BaseException:
            self._devices = before
            raise
        if changed and self._child is not None and self._child.send(signal.SIGHUP):
            self._program.evict(before - self._devices)

    def stop(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.stop()

    def _hear(self, line: str) -> None:
        self._log.write(line)
        child, now_s = self._child, time.monotonic()
        if child is None or now_s - self._mended_s < MEND_GAP_S or not self._program.is_stuck(line):
            return
        if shutil.disk_usage(self.settings.folder).free >= ROOM_BYTES:
            self._mended_s = now_s
            log.warning("%s stands still since the disk was full; there is room now", self._program.name)
            child.send(signal.SIGTERM)

    def _write(self, revocations: bytes | None) -> bool:
        users = hall_users(self.settings.hall, self._devices)
        return write_changed(self.settings.folder, self._program.files(users, revocations))

    def _come_up(self, child: Child) -> None:
        try:
            child.start()
        except OSError as err:
            raise ConfigError(f"{self._program.name} cannot be started: {err.strerror}") from err
        deadline_s = time.monotonic() + READY_S
        while not child.gave_up:
            if accepts_tls(self.settings) and child.pid is not None:
                child.settled()
                return
            if time.monotonic() > deadline_s:
                raise ConfigError(f"{self._program.name} does not accept connections after {READY_S:.0f} s")
            time.sleep(0.01)
        raise ConfigError(self._why(child.last_words))

    def _why(self, last_words: Sequence[str]) -> str:
        host, port = self.settings.host, self.settings.port
        text = " ".join(last_words)
        if "address already in use" in text.lower():
            return (
                f"port {port} on {host} is taken: stop the program that has it, or choose another broker.port"
            )
        if "permission denied" in text.lower() and port < 1024:
            return f"port {port} needs the rights of root: choose a broker.port from 1024 to 65535"
        if "cannot assign requested address" in text.lower():
            return f"{host} is no address of this machine: correct broker.host"
        detail = last_words[-1].strip() if last_words else "it said nothing"
        return f"{self._program.name} will not start: {detail}"


def accepts_tls(settings: BrokerSettings) -> bool:
    """True if somebody with a certificate of our authority answers there."""
    context = ssl.create_default_context(cafile=str(settings.authority))
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "") else settings.host  # noqa: S104 - compared, not bound
    try:
        with (
            socket.create_connection((host, settings.port), timeout=2) as plain,
            context.wrap_socket(plain, server_hostname="localhost"),
        ):
            return True
    except OSError:
        return False
