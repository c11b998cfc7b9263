"""An usher's word: let this member in, now or as soon as nobody else stands before the door. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from wire.ids import MEMBER_REF_BYTES, MemberRef, SittingId

WAITS_MS: Final = 10_000


@dataclass(frozen=True, slots=True)
class Word:
    """Whom, to which sitting, and until when (monotonic) it waits."""

    member: MemberRef
    sitting: SittingId
    until_ms: int

    def is_over(self, sitting: SittingId | None, now_ms: int) -> bool:
        return now_ms > self.until_ms or sitting != self.sitting


def read_word(
    arguments: Mapping[str, int | str | bytes | bool | None], sitting: SittingId | None, now_ms: int
) -> Word | None:
    """The arguments of command `admit`: `member`, 16 bytes, and `sitting`. None unless it is the open one."""
    member, named = arguments.get("member"), arguments.get("sitting")
    if type(member) is not bytes or len(member) != MEMBER_REF_BYTES or sitting is None or named != sitting:
        return None
    return Word(MemberRef(member), sitting, now_ms + WAITS_MS)
