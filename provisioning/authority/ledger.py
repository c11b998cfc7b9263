"""What an authority issued and took back, one JSON object per line, synced before anything leaves the house.

A line that a power cut tore is the last one, and what it would have said was not handed out: it is dropped.
Several processes may hold one ledger (the desk runs while a technician revokes): each appends under a lock,
and reads on what the others appended before it answers.
"""

import errno
import fcntl
import json
import os
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from cryptography import x509

from provisioning.authority.forms import DeviceKey, Revoked, digest, fingerprint
from provisioning.errors import AuthorityError, ConfigError
from provisioning.files import sync_folder

ISSUED: Final = "issued"
REVOKED: Final = "revoked"
SERVER: Final = "server"
ROTATED: Final = "rotated"


@dataclass(frozen=True, slots=True)
class Line:
    """act: `issued`, `revoked`, `server` (a certificate that no device has) or `rotated` (from here on
    another key signs); serial: lower-case hexadecimal; at_ms: since 1970 UTC; key, certificate: SHA-256 in
    hexadecimal, empty in a `revoked` line and in those of before this authority had them."""

    act: str
    name: str
    serial: str
    at_ms: int
    key: str = ""
    certificate: str = ""


class Ledger:
    """Append only; every look-up takes the same time however long it is. Raises ConfigError when the file
    cannot be read or written, AuthorityError when it is damaged."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0
        self._serials: dict[str, list[str]] = defaultdict(list)
        self._keys: dict[str, set[str]] = defaultdict(set)
        self._holders: dict[str, str] = {}
        self._old_holders: dict[str, str] = {}
        self._last_issued: dict[str, tuple[int, int]] = {}
        self._revoked: dict[str, int] = {}
        self._rotated_at = 0
        self._lines = 0
        if path.exists():
            self._append([])

    def issued(self, name: str, certificate: x509.Certificate, now: datetime) -> None:
        self._append([_line(ISSUED, name, certificate, now)])

    def served(self, name: str, certificate: x509.Certificate, now: datetime) -> None:
        self._append([_line(SERVER, name, certificate, now)])

    def rotated(self, name: str, certificate: x509.Certificate, now: datetime) -> None:
        self._append([_line(ROTATED, name, certificate, now)])

    def revoke(self, name: str, now: datetime) -> None:
        """Take back everything ever issued under this name, and whatever may be yet. May be repeated."""
        if not self.is_revoked(name):
            at_ms = _ms(now)
            self._append([Line(REVOKED, name, serial, at_ms) for serial in self._serials[name]])

    def is_revoked(self, name: str) -> bool:
        """True once a name was revoked. Names are not given twice: NATS knows a certificate by its name
        alone."""
        self._read_on()
        return name in self._revoked

    def knows(self, name: str) -> bool:
        self._read_on()
        return name in self._serials

    def holds(self, name: str, key: DeviceKey) -> bool:
        """Whether a certificate over this key was issued under this name."""
        self._read_on()
        return fingerprint(key) in self._keys.get(name, ())

    def holder(self, certificate: x509.Certificate) -> str | None:
        """The name under which exactly this certificate was issued."""
        self._read_on()
        return self._holders.get(digest(certificate))

    def old_holder(self, certificate: x509.Certificate) -> str | None:
        """The name of a line from before ledgers held digests; the caller checks who signed it."""
        self._read_on()
        return self._old_holders.get(f"{certificate.serial_number:x}")

    def not_since_rotation(self, earliest_ms: int) -> list[str]:
        """Names, not revoked, whose newest certificate was issued before the last `rotated`, yet after this
        time."""
        self._read_on()
        return sorted(
            name
            for name, (line, at_ms) in self._last_issued.items()
            if line < self._rotated_at and at_ms > earliest_ms and name not in self._revoked
        )

    @property
    def revoked(self) -> tuple[Revoked, ...]:
        """Every certificate of every revoked name, in the order of the revocations."""
        self._read_on()
        return tuple(
            Revoked(int(serial, 16), datetime.fromtimestamp(at_ms / 1000, UTC))
            for name, at_ms in self._revoked.items()
            for serial in self._serials[name]
        )

    def _append(self, lines: list[Line]) -> None:
        content = b"".join(json.dumps(asdict(line)).encode() + b"\n" for line in lines)
        with self.held() as descriptor:
            try:
                os.lseek(descriptor, 0, os.SEEK_END)
                if os.write(descriptor, content) != len(content):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                os.fsync(descriptor)
            except OSError as err:
                os.truncate(descriptor, self._offset)
                raise ConfigError(
                    f"{self._path} cannot be written: {err.strerror}; nothing was issued"
                ) from err
        self._read_on()

    @contextmanager
    def held(self) -> Iterator[int]:
        """The file, open for one writer, with every whole line read and a torn one cut off. Whoever signs a
        list of what stands in it holds it, too, so that no older list takes the place of a newer one."""
        try:
            is_new = not self._path.exists()
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
            if is_new:
                sync_folder(self._path.parent)
        except OSError as err:
            raise ConfigError(f"{self._path} cannot be written: {err.strerror}; nothing was issued") from err
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            self._read_on()
            if os.fstat(descriptor).st_size > self._offset:
                os.truncate(descriptor, self._offset)
            yield descriptor
        finally:
            os.close(descriptor)

    def _read_on(self) -> None:
        """Whatever this process has not read yet, up to the last whole line."""
        try:
            if self._path.stat().st_size == self._offset:
                return
            with self._path.open("rb") as file:
                file.seek(self._offset)
                fresh = file.read()
        except FileNotFoundError:
            return
        except OSError as err:
            raise ConfigError(f"{self._path} cannot be read: {err.strerror}") from err
        whole, end, _ = fresh.rpartition(b"\n")
        try:
            lines = [Line(**json.loads(line)) for line in whole.splitlines()]
        except (ValueError, TypeError):
            raise AuthorityError(
                f"{self._path} is damaged: restore the authority's folder from its backup"
            ) from None
        for line in lines:
            self._take(line)
        self._offset += len(whole) + len(end)

    def _take(self, line: Line) -> None:
        self._lines += 1
        if line.act == REVOKED:
            self._revoked.setdefault(line.name, line.at_ms)
        elif line.act == ROTATED:
            self._rotated_at = self._lines
        elif line.act == ISSUED:
            self._serials[line.name].append(line.serial)
            self._last_issued[line.name] = (self._lines, line.at_ms)
            if line.certificate:
                self._keys[line.name].add(line.key)
                self._holders[line.certificate] = line.name
            else:
                self._old_holders[line.serial] = line.name


def _line(act: str, name: str, certificate: x509.Certificate, now: datetime) -> Line:
    serial, key = f"{certificate.serial_number:x}", fingerprint(certificate.public_key())
    return Line(act, name, serial, _ms(now), key, digest(certificate))


def _ms(now: datetime) -> int:
    return int(now.timestamp() * 1000)
