"""What a device says about itself: counters, never rates; a reading that is not to be had is absent (DESIGN
§8)."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

INTERVAL_MS: Final = 10_000
_BLIND: Final = ("reconnects", "uptime-s")
"""All that is said while a secret question is open, beside what the network did to us. A disk that fills,
memory that grows and a chip that warms up move with presses as a counter of them does."""
_DROPS: Final = "drops-"


@dataclass(slots=True)
class Counters:
    """Since this start."""

    reconnects: int = 0
    go_backs: int = 0
    store_errors: int = 0
    drops: Counter[str] = field(default_factory=Counter)
    """Bytes from the network that were not believed, by code of wire.errors."""
    own: Counter[str] = field(default_factory=Counter)
    """The firmware's: `keys` of a keypad, `frames` and `inferences` of a gate."""
    certificate_days: int | None = None
    """Until this device's certificate ends; negative once it has. None: not looked at yet."""


@dataclass(frozen=True, slots=True)
class Gauges:
    """Readings of the machine; None is absent."""

    rss_kb: int | None
    temperature_mc: int | None
    disk_free_kb: int | None


def readings(
    counters: Counters, gauges: Gauges, *, last_seq: int, marked_seq: int, uptime_s: int, secret_open: bool
) -> dict[str, int]:
    """The map of a health message. Units are the names' last part.

    secret_open: a secret question is open, and whatever moves with a press is left out, so that nobody learns
    from the broker who has voted, or when.
    """
    found: dict[str, int | None] = {
        "records": last_seq,
        "waiting": last_seq - marked_seq,
        "reconnects": counters.reconnects,
        "go-backs": counters.go_backs,
        "store-errors": counters.store_errors,
        "uptime-s": uptime_s,
        "rss-kb": gauges.rss_kb,
        "temperature-mc": gauges.temperature_mc,
        "disk-free-kb": gauges.disk_free_kb,
        "certificate-days": counters.certificate_days,
        **counters.own,
        **{f"{_DROPS}{code}": count for code, count in counters.drops.items()},
    }
    return {
        name: value
        for name, value in found.items()
        if value is not None and (not secret_open or name in _BLIND or name.startswith(_DROPS))
    }


def parse_rss_kb(status: str) -> int | None:
    """VmRSS of /proc/self/status, KiB (proc(5))."""
    for line in status.splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    return None


def parse_temperature_mc(text: str) -> int | None:
    """/sys/class/thermal/thermal_zone0/temp: thousandths of a degree Celsius."""
    text = text.strip()
    return int(text) if text.removeprefix("-").isdigit() else None
