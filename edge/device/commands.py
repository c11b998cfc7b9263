"""Commands: do this once, before it expires (DESIGN §8). Names of today: `identify` (show yourself to the
technician).

An id is written down before its command is carried out, so that a command which ends the process is not met
again after the restart: at most once.
"""

from collections.abc import Collection, Mapping
from enum import Enum
from typing import Final

from wire.down import CommandMessage

IDENTIFY: Final = "identify"


class Verdict(Enum):
    RUN = "run"
    REPEAT = "repeat"
    UNKNOWN = "unknown-command"


def judge(command: CommandMessage, done: Collection[bytes], known: Collection[str]) -> Verdict:
    """What to do with a verified command that has not expired. done: ids of commands met before."""
    if command.id in done:
        return Verdict.REPEAT
    return Verdict.RUN if command.command in known else Verdict.UNKNOWN


def forgettable(done: Mapping[bytes, int], now_ms: int) -> list[bytes]:
    """Ids whose command has expired (id -> expires_ms): a replay of them is refused by its expiry alone."""
    return [identifier for identifier, expires_ms in done.items() if now_ms > expires_ms]
