"""Commands: do this once, before it expires (DESIGN §8). Names of today: `identify` (show yourself to the
technician), `self-test` (try your parts and say what you found: self_test.py), and a gate's `admit`.

An id is written down before its command is carried out, so that a command which ends the process is not met
again after the restart: at most once.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final

from wire import cbor
from wire.down import CommandMessage

IDENTIFY: Final = "identify"
PREFIX: Final = "command/"
"""Of the names under which an outbox keeps the ids met."""


class Verdict(Enum):
    RUN = "run"
    REPEAT = "repeat"
    UNKNOWN = "unknown-command"


@dataclass(frozen=True, slots=True)
class Weighed:
    """done: ids met, this one included (id -> when its command expires). changes: to be kept before it is
    carried out."""

    verdict: Verdict
    done: dict[bytes, int]
    changes: dict[str, bytes | None]


def load_done(kept: Mapping[str, bytes]) -> dict[bytes, int]:
    """Ids met, from the values an outbox kept under PREFIX."""
    return {bytes.fromhex(name.removeprefix(PREFIX)): cbor.decode(value, 16) for name, value in kept.items()}


def weigh(
    command: CommandMessage, expires_ms: int, done: Mapping[bytes, int], known: Collection[str], now_ms: int
) -> Weighed:
    """What to do with a verified command that has not expired. Pure.

    Ids whose command has expired are forgotten: a replay of it is refused for its expiry alone.
    """
    gone = {identifier for identifier, until_ms in done.items() if now_ms > until_ms}
    after = {identifier: until_ms for identifier, until_ms in done.items() if identifier not in gone}
    changes: dict[str, bytes | None] = {_name(identifier): None for identifier in gone}
    if command.id in after:
        return Weighed(Verdict.REPEAT, after, changes)
    changes[_name(command.id)] = cbor.encode(expires_ms)
    after[command.id] = expires_ms
    return Weighed(Verdict.RUN if command.command in known else Verdict.UNKNOWN, after, changes)


def _name(identifier: bytes) -> str:
    return PREFIX + identifier.hex()
