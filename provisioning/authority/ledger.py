"""What the authority issued and took back, one JSON object per line, synced before anything leaves the house.

A line that a power cut tore is the last one, and what it would have said was not handed out: it is dropped.
"""

import json
import os
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from provisioning.authority.issuing import Revoked
from provisioning.errors import AuthorityError, ConfigError
from wire.ids import DeviceId

ISSUED: Final = "issued"
REVOKED: Final = "revoked"


@dataclass(frozen=True, slots=True)
class Line:
    """act: `issued` or `revoked`; serial: lower-case hexadecimal; at_ms: since 1970 UTC."""

    act: str
    name: str
    serial: str
    at_ms: int


class Ledger:
    """Append only. Raises ConfigError when the file cannot be read or written, AuthorityError when it is
    damaged."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lines = _read(path)

    def issued(self, name: DeviceId, serial: int, now: datetime) -> None:
        self._append(Line(ISSUED, name, f"{serial:x}", int(now.timestamp() * 1000)))

    def revoke(self, name: DeviceId, now: datetime) -> bool:
        """Take back everything ever issued under this name; False when that was done before, or nothing
        was."""
        done = {line.serial for line in self._lines if line.act == REVOKED}
        open_ones = [line for line in self._lines if line.act == ISSUED and line.name == name]
        fresh = [line.serial for line in open_ones if line.serial not in done]
        for serial in fresh:
            self._append(Line(REVOKED, name, serial, int(now.timestamp() * 1000)))
        return bool(fresh)

    def is_revoked(self, name: DeviceId) -> bool:
        """True once a name was revoked. Names are not given twice: NATS knows a certificate by its name
        alone."""
        return any(line.act == REVOKED and line.name == name for line in self._lines)

    def knows(self, name: DeviceId) -> bool:
        return any(line.name == name for line in self._lines)

    @property
    def revoked(self) -> tuple[Revoked, ...]:
        return tuple(
            Revoked(int(line.serial, 16), datetime.fromtimestamp(line.at_ms / 1000, UTC))
            for line in self._lines
            if line.act == REVOKED
        )

    def _append(self, line: Line) -> None:
        try:
            with self._path.open("ab") as file:
                file.write(json.dumps(asdict(line)).encode() + b"\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as err:
            raise ConfigError(f"{self._path} cannot be written: {err.strerror}; nothing was issued") from err
        self._lines.append(line)


def _read(path: Path) -> list[Line]:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return []
    except OSError as err:
        raise ConfigError(f"{path} cannot be read: {err.strerror}") from err
    whole, _, torn = content.rpartition(b"\n")
    if torn:
        _cut(path, len(content) - len(torn))
    try:
        return [Line(**json.loads(line)) for line in whole.splitlines()]
    except (ValueError, TypeError):
        raise AuthorityError(f"{path} is damaged: restore the authority's folder from its backup") from None


def _cut(path: Path, length: int) -> None:
    try:
        os.truncate(path, length)
    except OSError as err:
        raise ConfigError(f"{path} cannot be written: {err.strerror}") from err
