"""Batches: a token on the boot media of many devices, with which those that the plan of the hall expects get
their places without a technician's tap. The device's own button is still pressed by a person.

The token is of one hall, ends by itself, is good for so many devices, and is kept as a hash.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from provisioning.desk.journal import append_synced, read_lines
from provisioning.errors import AuthorityError, ConfigError
from wire.ids import HallId

FILE_NAME: Final = "batches.jsonl"
TOKEN_BYTES: Final = 16
COUNT_MAX: Final = 5000
HOURS_MAX: Final = 24 * 90
_HOUR_MS: Final = 3_600_000


@dataclass(frozen=True, slots=True)
class Batch:
    """batch: its name, 8 hexadecimal digits. token_hash: SHA-256, in hex. revoked_ms: 0 while it holds."""

    batch: str
    hall: str
    token_hash: str
    count: int
    made_ms: int
    ends_ms: int
    revoked_ms: int = 0


def token_text(random: bytes) -> str:
    """128 random bits in base 32, small letters, without padding: 26 characters."""
    return base64.b32encode(random).decode().rstrip("=").lower()


def hash_of(token: str) -> str:
    """Of a token as it was typed or read."""
    return hashlib.sha256(b"hallward/1/batch" + token.strip().lower().encode()).hexdigest()


def fault(batch: Batch, hall: HallId, now_ms: int, used: int) -> str:
    """Why this batch takes no further device; empty when it does."""
    if batch.hall != hall:
        return "other-hall"
    if batch.revoked_ms:
        return "revoked"
    if not batch.made_ms <= now_ms < batch.ends_ms:
        return "over"
    return "used-up" if used >= batch.count else ""


def matching(batches: Iterable[Batch], token: str) -> Batch | None:
    """The batch of this token. Every hash is compared, in constant time."""
    given, found = hash_of(token), None
    for batch in batches:
        if hmac.compare_digest(batch.token_hash, given):
            found = batch
    return found


class BatchFile:
    """batches.jsonl in the authority's folder: the command line writes it, the running desk reads it."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE_NAME
        self._size = -1
        self._batches: Mapping[str, Batch] = {}

    def every(self) -> list[Batch]:
        """As it stands now: a batch that was made or revoked a moment ago counts. Raises ConfigError."""
        try:
            size = self._path.stat().st_size
        except FileNotFoundError:
            return []
        if size != self._size:
            self._batches, self._size = _batches(self._path), size
        return list(self._batches.values())

    def new(
        self, hall: HallId, count: int, hours: int, *, now_ms: int, random: Callable[[int], bytes]
    ) -> tuple[Batch, str]:
        """A new batch and its token, which stands nowhere else. Raises ConfigError."""
        if not 1 <= count <= COUNT_MAX:
            raise ConfigError(f"--count must be 1 to {COUNT_MAX}, got {count}")
        if not 1 <= hours <= HOURS_MAX:
            raise ConfigError(f"--hours must be 1 to {HOURS_MAX}, got {hours}")
        token = token_text(random(TOKEN_BYTES))
        batch = Batch(random(4).hex(), hall, hash_of(token), count, now_ms, now_ms + hours * _HOUR_MS)
        self._append({"act": "new", **asdict(batch)})
        return batch, token

    def revoke(self, name: str, now_ms: int) -> None:
        """May be repeated. Raises ConfigError for a batch that is not there."""
        if name not in {batch.batch for batch in self.every()}:
            raise ConfigError(f"there is no batch {name!r:.20}: `hallward provision batch list` names them")
        self._append({"act": "revoked", "batch": name, "revoked_ms": now_ms})

    def _append(self, line: dict[str, Any]) -> None:
        read_lines(self._path, mend=True)
        try:
            append_synced(self._path, json.dumps(line).encode() + b"\n")
        except OSError as err:
            raise ConfigError(f"{self._path} cannot be written: {err.strerror}") from err


def _batches(path: Path) -> dict[str, Batch]:
    found: dict[str, Batch] = {}
    try:
        for line in read_lines(path):
            act = line.pop("act")
            if act == "new":
                found[line["batch"]] = Batch(**line)
            else:
                known = asdict(found[line["batch"]])
                found[line["batch"]] = Batch(**{**known, "revoked_ms": line["revoked_ms"]})
    except (KeyError, TypeError):
        raise AuthorityError(f"{path} is damaged: restore the authority's folder from its backup") from None
    return found
