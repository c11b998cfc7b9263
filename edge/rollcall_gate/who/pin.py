"""Keys at the lane's pad -> a badge number and a PIN, and how often wrong ones may be tried. Pure.

    number E pin E      C clears; a pause clears too

Six digits can be guessed, so wrong ones cost time: after a few for one number, and after a few more
altogether, the pad sleeps. The badge, the camera and the usher do not.
"""

from dataclasses import dataclass, field, replace
from typing import Final

from wire.lane import PIN_DIGITS

NUMBER_DIGITS_MAX: Final = 10
PAUSE_MS: Final = 15_000
WRONG_PER_NUMBER: Final = 5
WRONG_ALTOGETHER: Final = 10
FORGIVEN_AFTER_MS: Final = 300_000
"""A wrong PIN counts for so long."""
CLEAR: Final = "C"
ENTER: Final = "E"


@dataclass(frozen=True, slots=True)
class Claim:
    """What somebody typed: the number of a badge, and its PIN."""

    serial: int
    pin: str


@dataclass(frozen=True, slots=True)
class Entry:
    """What stands on the pad. number: None while it is typed. keyed_ms: when a key was pressed last."""

    number: str | None = None
    typed: str = ""
    keyed_ms: int = 0

    @property
    def is_empty(self) -> bool:
        return self.number is None and not self.typed


EMPTY: Final = Entry()


def press(entry: Entry, key: str, now_ms: int) -> tuple[Entry, Claim | None]:
    """One key: `0` to `9`, E, C. A claim comes with the second E, however short its PIN; an empty number
    and what is too long begin anew.
    """
    entry = replace(expire(entry, now_ms), keyed_ms=now_ms)
    if key == CLEAR:
        return EMPTY, None
    if key != ENTER:
        longest = NUMBER_DIGITS_MAX if entry.number is None else PIN_DIGITS
        return (
            (replace(entry, typed=entry.typed + key), None) if len(entry.typed) < longest else (EMPTY, None)
        )
    if entry.number is None:
        return (Entry(entry.typed, "", now_ms) if entry.typed else EMPTY), None
    return EMPTY, Claim(int(entry.number), entry.typed)


def expire(entry: Entry, now_ms: int) -> Entry:
    """Half a number must not stand there for the next person."""
    return EMPTY if now_ms - entry.keyed_ms >= PAUSE_MS else entry


@dataclass(frozen=True, slots=True)
class Tries:
    """Wrong PINs of the last minutes: (badge number, when)."""

    wrong: tuple[tuple[int, int], ...] = field(default=())

    def wait_ms(self, serial: int, now_ms: int) -> int:
        """How long this number has to wait; 0 when it may be tried."""
        fresh = [(number, at_ms) for number, at_ms in self.wrong if now_ms - at_ms < FORGIVEN_AFTER_MS]
        waits = [0]
        for found, limit in (
            ([at_ms for number, at_ms in fresh if number == serial], WRONG_PER_NUMBER),
            ([at_ms for _, at_ms in fresh], WRONG_ALTOGETHER),
        ):
            if len(found) >= limit:
                waits.append(found[-limit] + FORGIVEN_AFTER_MS - now_ms)
        return max(waits)

    def failed(self, serial: int, now_ms: int) -> "Tries":
        """One more. What no longer counts is forgotten, so this stays small."""
        fresh = tuple(try_ for try_ in self.wrong if now_ms - try_[1] < FORGIVEN_AFTER_MS)
        return Tries((*fresh, (serial, now_ms)))
