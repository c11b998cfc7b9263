"""How a device is doing, in a word and a colour, and the one form of a twin in the database. Pure."""

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

FRESH_MS: Final = 15_000
"""No sign of life for longer than this, and a device is no longer shown as working: never a frozen green."""
CLOCK_SKEW_MS_MAX: Final = 5_000

Desired = dict[str, int | str | bytes | bool | None]


class Condition(StrEnum):
    """What the page says of a device. The colour goes with the word, never alone."""

    ONLINE = "online"
    ATTENTION = "attention"
    STALE = "stale"
    NEVER = "never"
    REVOKED = "revoked"


COLOURS: Final = {
    Condition.ONLINE: "green",
    Condition.ATTENTION: "amber",
    Condition.STALE: "grey",
    Condition.NEVER: "grey",
    Condition.REVOKED: "red",
}


@dataclass(frozen=True, slots=True)
class Sign:
    """The last sign of life of a device by the server's clock, None: none yet; and its clock against the
    server's."""

    last_seen_ms: int | None
    clock_skew_ms: int = 0


def condition(state: str, sign: Sign, now_ms: int) -> Condition:
    """state: `active` or `revoked`. A last sign that lies far ahead (the server's clock went back) is stale,
    too."""
    if state == "revoked":
        return Condition.REVOKED
    if sign.last_seen_ms is None:
        return Condition.NEVER
    if abs(now_ms - sign.last_seen_ms) > FRESH_MS:
        return Condition.STALE
    return Condition.ATTENTION if abs(sign.clock_skew_ms) > CLOCK_SKEW_MS_MAX else Condition.ONLINE


def is_ready(state: str, sign: Sign, now_ms: int) -> bool:
    """Whether a keypad can be counted on when a ballot opens: active, and heard of within 15 s."""
    return condition(state, sign, now_ms) in (Condition.ONLINE, Condition.ATTENTION)


def last_sign(*moments: int | None) -> int | None:
    """The newest of these moments; None when there is none."""
    known = [moment for moment in moments if moment is not None]
    return max(known) if known else None


def twin_text(desired: Desired) -> str:
    """JSON of a twin; bytes stand as {"hex": …}, since JSON has none."""
    cells = {
        name: {"hex": value.hex()} if isinstance(value, bytes) else value for name, value in desired.items()
    }
    return json.dumps(cells, sort_keys=True, ensure_ascii=False)


def twin_of(text: str) -> Desired:
    """The twin from its JSON."""
    cells: dict[str, Any] = json.loads(text)
    return {
        name: bytes.fromhex(cell["hex"]) if isinstance(cell, dict) else cell for name, cell in cells.items()
    }
