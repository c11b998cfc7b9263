"""How a device is doing, in a word and a colour, and the one form of a twin in the database. Pure."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

FRESH_MS: Final = 15_000
"""No sign of life for longer than this, and a device is no longer shown as working: never a frozen green."""
CLOCK_SKEW_MS_MAX: Final = 5_000

REVOKED_BADGES: Final = "revoked-badges"
"""A gate's twin key: serials of badges that no longer open it, four bytes each, big-endian."""
REVOKED_BADGES_MAX: Final = 2000
_SERIAL_BYTES: Final = 4
UPDATE: Final = "update"
"""The twin key of an order to update (wire.updates.Order)."""

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


def serials_cell(serials: Sequence[int]) -> bytes:
    """The value of REVOKED_BADGES; the newest when there are more than a gate takes."""
    return b"".join(serial.to_bytes(_SERIAL_BYTES, "big") for serial in serials[-REVOKED_BADGES_MAX:])


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
