"""What a trustee remembers in two places, the laptop and the key file, so that restoring one of them from a
backup does not make the trustee forget (rule 18)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from officers.files import SECRET, Step, no_step, read_whole, write_whole
from officers.tally.ports import Memory
from officers.tally.words import TallyRefused
from wire import cbor
from wire.errors import RecordRejected

HEAD: Final = "head"
"""Of each hall: the halls of a congress have logs of their own."""
TALLY: Final = "tally"
_BYTES_MAX: Final = 4 * 2**20


class Laptop:
    """The memory of this machine: one file, a map of lines. Not secret, and worth nothing to a thief."""

    def __init__(self, path: Path, durable: Step = no_step) -> None:
        """Raises TallyRefused for a file that is none: it is never guessed what it said."""
        self._path, self._durable = path, durable
        self._lines: dict[str, bytes] = _read(path) if path.exists() else {}

    @property
    def memory(self) -> Mapping[str, bytes]:
        return MappingProxyType(self._lines)

    def remember(self, lines: Mapping[str, bytes]) -> None:
        merged = {**self._lines, **lines}
        if any(merged[line] != value for line, value in self._lines.items()):
            raise TallyRefused("laptop-differs", line=self._path)
        write_whole(self._path, cbor.encode(merged), SECRET, self._durable)
        self._lines = merged


@dataclass(frozen=True, slots=True)
class Seen:
    """The newest head that this trustee has checked."""

    size: int
    root: bytes


def head_line(hall: str, size: int, root: bytes) -> dict[str, bytes]:
    return {f"{HEAD} {hall} {size}": root}


def tally_line(key_record_hash: bytes, contest: bytes, tally_hash: bytes) -> dict[str, bytes]:
    return {f"{TALLY} {key_record_hash.hex()} {contest.hex()}": tally_hash}


def last_seen(memories: Iterable[Memory], hall: str) -> Seen | None:
    """Of that hall's log, the newest of both places."""
    about = f"{HEAD} {hall} "
    found = [
        Seen(int(size), root)
        for memory in memories
        for line, root in memory.memory.items()
        if (size := line.removeprefix(about)) != line and size.isascii() and size.isdigit()
    ]
    return max(found, key=lambda seen: seen.size, default=None)


def signed_before(memories: Iterable[Memory], key_record_hash: bytes, contest: bytes) -> set[bytes]:
    """Hashes of the tallies of this contest that either place remembers: one, if all is well."""
    (line,) = tally_line(key_record_hash, contest, b"")
    return {memory.memory[line] for memory in memories if line in memory.memory}


def _read(path: Path) -> dict[str, bytes]:
    try:
        found = cbor.decode(read_whole(path, _BYTES_MAX), _BYTES_MAX)
    except RecordRejected:
        found = None
    if type(found) is not dict or any(
        type(line) is not str or type(value) is not bytes for line, value in found.items()
    ):
        raise TallyRefused("laptop-damaged", path=path)
    return found
