"""The desk's memory: one JSON object per line, on the disk before anything that follows from it is said.

A line that a power cut tore is the last one, and what it would have said was told to nobody: it is dropped.
"""

import errno
import json
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final, TypeAlias

from provisioning.desk.claims import Act, Claims, Event, NotNow
from provisioning.errors import AuthorityError, ConfigError
from provisioning.files import SECRET, sync_folder
from wire.errors import RecordRejected

FILE_NAME: Final = "desk.jsonl"
Append: TypeAlias = Callable[[Path, bytes], None]


def append_synced(path: Path, line: bytes) -> None:
    """Whole on the disk when this returns, absent when it raises OSError."""
    is_new = not path.exists()
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, SECRET)
    try:
        length = os.fstat(descriptor).st_size
        try:
            if os.write(descriptor, line) != len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            os.fsync(descriptor)
        except OSError:
            os.ftruncate(descriptor, length)
            raise
    finally:
        os.close(descriptor)
    if is_new:
        sync_folder(path.parent)


class Journal:
    """append: how a line gets to the disk. Raises ConfigError when the file cannot be read or written,
    AuthorityError when it is damaged."""

    def __init__(self, path: Path, append: Append = append_synced) -> None:
        self._path = path
        self._append = append
        self.lines: Final = read_lines(path, mend=True)

    def claims(self) -> Claims:
        """As they stood when the journal was opened."""
        return claims_of(self.lines, self._path)

    def keep(self, event: Event) -> None:
        self.note({"act": event.act, "claim": event.claim, "at_ms": event.at_ms, **event.facts})

    def note(self, line: dict[str, Any]) -> None:
        """Raises ConfigError; then nothing was said."""
        try:
            self._append(self._path, json.dumps(line, ensure_ascii=False).encode() + b"\n")
        except OSError as err:
            raise ConfigError(
                f"{self._path} cannot be written: {err.strerror}; free some room, then try again"
            ) from err


def claims_of(lines: Iterable[dict[str, Any]], path: Path) -> Claims:
    """The claims that these lines tell of. path: where they stand. Raises AuthorityError when they tell of
    steps that cannot have been."""
    claims = Claims()
    try:
        for line in lines:
            if "claim" in line:
                claims.apply(_event_of(line))
    except (KeyError, ValueError, TypeError, AttributeError, NotNow, RecordRejected):
        raise AuthorityError(_damaged(path)) from None
    return claims


def _event_of(line: dict[str, Any]) -> Event:
    facts = {name: value for name, value in line.items() if name not in ("act", "claim", "at_ms")}
    return Event(Act(line["act"]), line["claim"], line["at_ms"], facts)


def read_lines(path: Path, *, mend: bool = False) -> list[dict[str, Any]]:
    """Every whole line. mend: cut a torn one off; only for whoever holds the desk's lock."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return []
    except OSError as err:
        raise ConfigError(f"{path} cannot be read: {err.strerror}") from err
    whole, _, torn = content.rpartition(b"\n")
    try:
        if torn and mend:
            os.truncate(path, len(content) - len(torn))
        lines = [json.loads(line) for line in whole.splitlines()]
    except OSError as err:
        raise ConfigError(f"{path} cannot be written: {err.strerror}") from err
    except ValueError:
        raise AuthorityError(_damaged(path)) from None
    if not all(isinstance(line, dict) for line in lines):
        raise AuthorityError(_damaged(path))
    return lines


def _damaged(path: Path) -> str:
    return f"{path} is damaged: restore the authority's folder from its backup"
