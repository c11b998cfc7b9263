"""The chain of the audit log: each line's hash covers the line and the hash before it. Pure."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from wire import cbor
from wire.ids import HASH_BYTES

GENESIS: Final = bytes(HASH_BYTES)
"""prev_hash of line 1."""
_DOMAIN: Final = "hallward/1/audit"


@dataclass(frozen=True, slots=True)
class Line:
    """One change: who did what to what. detail: JSON text without secrets and without personal data."""

    line: int
    at_ms: int
    account: str
    action: str
    subject: str
    detail: str
    prev_hash: bytes
    line_hash: bytes


def line_hash(
    prev_hash: bytes, line: int, at_ms: int, account: str, action: str, subject: str, detail: str
) -> bytes:
    """SHA-256 over the deterministic CBOR of all fields and the previous hash. 32 bytes."""
    fields: list[cbor.Value] = [_DOMAIN, prev_hash, line, at_ms, account, action, subject, detail]
    return hashlib.sha256(cbor.encode(fields)).digest()


def after(last: Line | None, at_ms: int, account: str, action: str, subject: str, detail: str) -> Line:
    """The line that follows `last` (None: the first one)."""
    number, prev_hash = (last.line + 1, last.line_hash) if last else (1, GENESIS)
    digest = line_hash(prev_hash, number, at_ms, account, action, subject, detail)
    return Line(number, at_ms, account, action, subject, detail, prev_hash, digest)


def first_broken(lines: Iterable[Line]) -> tuple[int, str] | None:
    """(line, why) of the first line that does not follow from the one before it; None when all do.

    lines: from line 1 on, ascending. An end cut off cannot show here: compare the last hash with a noted one.
    """
    prev_hash = GENESIS
    for number, line in enumerate(lines, start=1):
        if line.line != number:
            return number, f"line {number} is missing; line {line.line} follows line {number - 1}"
        if line.prev_hash != prev_hash:
            return number, f"line {number} does not continue the hash of line {number - 1}"
        found = line_hash(prev_hash, number, line.at_ms, line.account, line.action, line.subject, line.detail)
        if found != line.line_hash:
            return number, f"line {number} was changed after it was written"
        prev_hash = line.line_hash
    return None
