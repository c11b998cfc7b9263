"""A badge that opened this gate a moment ago may have been handed back over the barrier. Pure.

Timed, not counted: a gate does not know who left by another door, and nobody may be locked out by what it
does not know. Within the time a human looks; a face is not asked, it cannot be handed back.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from wire import cbor
from wire.ids import MEMBER_REF_BYTES, MemberRef

PREFIX = "inside/"
"""Of the names under which an outbox keeps who went in, until it no longer matters."""


@dataclass(frozen=True, slots=True)
class Inside:
    """member -> when they went in through this gate, wall clock ms. window_ms: how long that counts; 0:
    never.
    """

    window_ms: int
    since_ms: Mapping[MemberRef, int] = field(default_factory=dict)

    def holds(self, member: MemberRef, now_ms: int) -> bool:
        """A clock that went back holds nobody out."""
        at_ms = self.since_ms.get(member)
        return at_ms is not None and 0 <= now_ms - at_ms < self.window_ms

    def entered(self, member: MemberRef, now_ms: int) -> tuple["Inside", dict[str, bytes | None]]:
        """With one more, and what to keep in the same transaction as their passage."""
        old = [m for m, at_ms in self.since_ms.items() if not 0 <= now_ms - at_ms < self.window_ms]
        since = {m: at_ms for m, at_ms in self.since_ms.items() if m not in old}
        changes: dict[str, bytes | None] = {_name(m): None for m in old}
        if self.window_ms:
            since[member] = now_ms
            changes[_name(member)] = cbor.encode(now_ms)
        return Inside(self.window_ms, since), changes


def load(kept: Mapping[str, bytes], window_ms: int) -> Inside:
    """From the values an outbox kept under PREFIX."""
    since = {
        MemberRef(bytes.fromhex(name.removeprefix(PREFIX))): cbor.decode(value, 16)
        for name, value in kept.items()
        if len(name) == len(PREFIX) + 2 * MEMBER_REF_BYTES
    }
    return Inside(window_ms, since)


def _name(member: MemberRef) -> str:
    return PREFIX + member.hex()
