"""What a self-test says of the parts that every device has: one line per part, each with what to do. Pure.

The limits stand here as data; who measures is measuring.py. `attention` is for what lets people vote or pass
and still wants a hand; FAILED is for what does not.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

ROUND_TRIP_MS_MAX: Final = 500
SKEW_MS_MAX: Final = 2_000
SKEW_MS_WRONG: Final = 60_000
FREE_KB_MIN: Final = 200 * 1024
WRITE_MS_MAX: Final = 250
TEMPERATURE_MC_WARM: Final = 75_000
TEMPERATURE_MC_HOT: Final = 82_000
"""A Raspberry Pi slows itself down from 80 °C on, hard from 85 °C."""
RENEWAL_DAYS: Final = 30
"""A third of a device certificate's 90 days: from then on it should have been renewed."""
_DAY_MS: Final = 86_400_000


@dataclass(frozen=True, slots=True)
class Finding:
    """One line. ok: True, None for attention, False for failed. words: what was found, with its numbers;
    advice: what to do, empty when nothing is; measured: the same numbers for machines, units last."""

    name: str
    ok: bool | None
    words: str
    advice: str = ""
    measured: Mapping[str, int] = field(default_factory=dict)

    def line(self) -> str:
        mark = {True: "ok", None: "attention", False: "FAILED"}[self.ok]
        return f"{mark:<9}  {self.name}: {self.words}" + (f" — {self.advice}" if self.advice else "")


# -- network and time --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Greeting:
    """The way to the broker. connected_ms: from nothing to all subscriptions; None: not reached, and
    `reason` says why. hall_ms, device_ms: the hall's signed time, and ours when it came; None: it never
    did."""

    connected_ms: int | None = None
    round_trip_ms: int | None = None
    reason: str = ""
    waited_ms: int = 0
    hall_ms: int | None = None
    device_ms: int = 0
    uncertainty_ms: int = 0


def broker_answers(greeting: Greeting, address: str) -> Finding:
    name = "broker"
    if greeting.connected_ms is None:
        advice = f"is the hall server on, the cable in, {address} right in device.toml, this device active?"
        return Finding(name, False, greeting.reason or f"no answer in {greeting.waited_ms} ms", advice)
    trip_ms = greeting.round_trip_ms or 0
    measured = {"connected-ms": greeting.connected_ms, "round-trip-ms": trip_ms}
    words = f"{address} takes this device's certificate, connected in {greeting.connected_ms} ms, asked and "
    words += f"answered in {trip_ms} ms"
    if trip_ms > ROUND_TRIP_MS_MAX:
        return Finding(name, None, words, "slow: is the network full, or the radio far?", measured)
    return Finding(name, True, words, "", measured)


def clock_agrees(greeting: Greeting) -> Finding:
    """uncertainty_ms: how far off the hall's word itself may be by the way it took."""
    name = "clock"
    if greeting.connected_ms is None:
        return Finding(name, None, "nobody to compare it with", "get the broker line right first")
    if greeting.hall_ms is None:
        advice = "is `hallward fleet serve` running behind the broker, with the keys that device.toml names?"
        return Finding(name, None, f"no time from the hall in {greeting.waited_ms} ms", advice)
    skew_ms = greeting.device_ms - greeting.hall_ms
    ahead = "ahead of" if skew_ms > 0 else "behind"
    words = f"{abs(skew_ms) / 1000:.1f} s {ahead} the hall, within {greeting.uncertainty_ms / 1000:.1f} s"
    measured = {"skew-ms": skew_ms}
    if abs(skew_ms) > SKEW_MS_WRONG:
        advice = "set the system's clock (`timedatectl`): certificates are judged by it"
        return Finding(name, False, words, advice, measured)
    if abs(skew_ms) > SKEW_MS_MAX + greeting.uncertainty_ms:
        return Finding(name, None, words, "it takes the hall's time all the same", measured)
    return Finding(name, True, words, "", measured)


def not_asked(name: str, why: str) -> Finding:
    return Finding(name, None, f"not asked: {why}")


# -- the machine -------------------------------------------------------------------------------------------


def disk_keeps(free_kb: int | None, write_ms: int | None, fault: str | None = None) -> Finding:
    """write_ms: of a small file until it is durable. fault: words of the disk's error."""
    name = "disk"
    known = {"free-kb": free_kb, "write-ms": write_ms}
    measured = {key: value for key, value in known.items() if value is not None}
    if fault is not None or write_ms is None:
        return Finding(name, False, fault or "cannot be written", "replace the card or disk", measured)
    free = "free space unknown" if free_kb is None else f"{free_kb // 1024} MB free"
    words = f"{free}, {write_ms} ms until a file is durable"
    if free_kb is not None and free_kb < FREE_KB_MIN:
        advice = f"at least {FREE_KB_MIN // 1024} MB: move files away; records need room"
        return Finding(name, False, words, advice, measured)
    if write_ms > WRITE_MS_MAX:
        return Finding(name, None, words, "the card is slow or worn: replace it", measured)
    return Finding(name, True, words, "", measured)


def temperature_is_fit(temperature_mc: int | None) -> Finding:
    if temperature_mc is None:
        return Finding("temperature", True, "no thermometer here")
    words, measured = f"{temperature_mc / 1000:.0f} °C", {"temperature-mc": temperature_mc}
    if temperature_mc >= TEMPERATURE_MC_WARM:
        ok = False if temperature_mc >= TEMPERATURE_MC_HOT else None
        advice = "it slows down from 80 °C on: out of the sun, lid off, is its fan turning?"
        return Finding("temperature", ok, words, advice, measured)
    return Finding("temperature", True, words, "", measured)


# -- certificates ---------------------------------------------------------------------------------------


def certificate_lasts(
    name: str, not_before_ms: int, not_after_ms: int, now_ms: int, *, fault: str = ""
) -> Finding:
    """fault: why it is not this device's, in words, if it is not."""
    again = "provision this device again"
    if fault:
        return Finding(name, False, fault, again)
    left_days = (not_after_ms - now_ms) // _DAY_MS
    measured = {"left-days": left_days}
    if now_ms < not_before_ms:
        days = -((now_ms - not_before_ms) // _DAY_MS)
        advice = "set the system's clock (`timedatectl`); if that is right, " + again
        return Finding(name, False, f"not valid before {days} day(s) from now", advice, measured)
    if now_ms >= not_after_ms:
        gone_days = (now_ms - not_after_ms) // _DAY_MS
        return Finding(name, False, f"expired {gone_days} day(s) ago", again, measured)
    words = f"valid for {left_days} more days"
    if left_days < RENEWAL_DAYS:
        return Finding(name, None, words, f"{again} before then: it should have been renewed", measured)
    return Finding(name, True, words, "", measured)
