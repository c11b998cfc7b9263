"""How often a wrong PIN may be typed at one seat. Pure.

Six digits can be guessed, so wrong ones cost time: the fifth within five minutes, and the unit takes none for
five minutes more. A try is kept before it is compared, and a restart begins a wait anew: pulling the plug
gives nobody another try.
"""

from dataclasses import dataclass, replace
from typing import Final

from wire import cbor
from wire.ids import MEMBER_REF_BYTES, MemberRef

WRONG_MAX: Final = 5
SLEEP_MS: Final = 300_000
"""A wrong PIN counts for so long, and the unit sleeps for so long."""
_KEPT_BYTES_MAX: Final = 256


@dataclass(frozen=True, slots=True)
class Tries:
    """Of one member at this unit; times are those of a clock that a restart begins anew. member: None before
    anybody's PIN was asked for."""

    member: MemberRef | None = None
    wrong_ms: tuple[int, ...] = ()
    sleeps_until_ms: int | None = None

    def wait_ms(self, now_ms: int) -> int:
        """How long until the next try; 0 when there may be one."""
        return 0 if self.sleeps_until_ms is None else max(0, self.sleeps_until_ms - now_ms)

    def left(self, now_ms: int) -> int:
        """Wrong ones until the unit sleeps."""
        return WRONG_MAX - len(self._fresh(now_ms))

    def failed(self, now_ms: int) -> "Tries":
        """One more. What no longer counts is forgotten."""
        wrong_ms = (*self._fresh(now_ms), now_ms)
        if len(wrong_ms) < WRONG_MAX:
            return replace(self, wrong_ms=wrong_ms, sleeps_until_ms=None)
        return replace(self, wrong_ms=(), sleeps_until_ms=now_ms + SLEEP_MS)

    def _fresh(self, now_ms: int) -> tuple[int, ...]:
        return tuple(at_ms for at_ms in self.wrong_ms if now_ms - at_ms < SLEEP_MS)

    def encode(self, now_ms: int) -> bytes:
        """Ages, not times: they mean the same after a restart."""
        ages = [now_ms - at_ms for at_ms in self._fresh(now_ms)]
        return cbor.encode([self.member, ages, self.wait_ms(now_ms)])


def kept_tries(data: bytes | None, now_ms: int) -> Tries:
    """As they were when they were kept: the time without power does not count."""
    if data is None:
        return Tries()
    member, ages, wait_ms = cbor.decode(data, _KEPT_BYTES_MAX)
    known = MemberRef(member) if member is not None and len(member) == MEMBER_REF_BYTES else None
    return Tries(known, tuple(now_ms - age for age in ages), now_ms + wait_ms if wait_ms else None)
