"""Facts about the roll, as integers: how many are summoned, how many of them do not count, how many came.
Every delegate has a standing, so that each of these numbers is a list that can be printed."""

from collections.abc import Collection, Hashable, Mapping, Set
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar, Final, TypeVar

from ballot.rules.refusals import Refusal
from wire import cbor, fields
from wire.errors import BadSchema
from wire.fields import Body, Check

VERSION: Final = "facts/1"


class Standing(StrEnum):
    """Why a delegate stands in the base, or does not (Decision 190-QĐ/TW, Art. 30)."""

    MEMBER = "member"
    """Nothing special: in the base, present or not."""
    EXEMPT_PRESENT = "exempt-present"
    """Exempt from attending, and came: counts."""
    EXEMPT_ABSENT = "exempt-absent"
    TRANSFERRED = "transferred"
    SUSPENDED = "suspended"
    ABSENT_WHOLE = "absent-whole"


EXCLUDED: Final = frozenset(
    {Standing.EXEMPT_ABSENT, Standing.TRANSFERRED, Standing.SUSPENDED, Standing.ABSENT_WHOLE}
)
STANDING: Final[dict[Standing, tuple[str, str]]] = {
    Standing.MEMBER: ("được triệu tập", "summoned"),
    Standing.EXEMPT_PRESENT: ("được miễn sinh hoạt nhưng có mặt", "exempt, but present"),
    Standing.EXEMPT_ABSENT: ("được miễn sinh hoạt và vắng mặt", "exempt and absent"),
    Standing.TRANSFERRED: ("chuyển sinh hoạt tạm thời", "temporarily transferred"),
    Standing.SUSPENDED: ("bị đình chỉ hoặc truy cứu", "suspended or prosecuted"),
    Standing.ABSENT_WHOLE: (
        "vắng mặt suốt đại hội có lý do",
        "absent for the whole congress with a reason",
    ),
}


@dataclass(frozen=True, slots=True)
class Facts(Body):
    """present_at_open, present_at_close: those present, the recused among them included (recused_at_…).

    seats: of the body, vacant ones included; 0 when no rule asks. issued, returned: ballot papers, or units
    enabled and ballots received; None when nobody counted them.
    """

    kind: ClassVar[str] = VERSION
    checks: ClassVar[tuple[Check, ...]] = (
        *(fields.count for _ in range(8)),
        fields.optional(fields.count),
        fields.optional(fields.count),
    )

    summoned: int
    excluded: int = 0
    recused: int = 0
    seats: int = 0
    present_at_open: int = 0
    present_at_close: int = 0
    recused_at_open: int = 0
    recused_at_close: int = 0
    issued: int | None = None
    returned: int | None = None

    @property
    def entitled(self) -> int:
        """Those who may vote on this question."""
        return self.summoned - self.excluded - self.recused


def encode(facts: Facts) -> list[cbor.Value]:
    return [VERSION, *facts.values()]


def parse(values: Any) -> Facts:
    """Raises BadSchema unless it is exactly the array form."""
    if type(values) is not list or not values or type(values[0]) is not str or values[0] != VERSION:
        raise BadSchema(f"facts are an array that begins with {VERSION!r}")
    return Facts.parsed(values[1:])


def contradictions(facts: Facts) -> list[Refusal]:
    """What cannot be, in words; empty for facts that can."""
    if _not_counts(facts):
        return [
            Refusal(
                "facts-malformed",
                "Mọi con số phải là số nguyên không âm: hãy nhập lại.",
                "Every number must be a whole number, not below 0: enter them again.",
            )
        ]
    found = []
    if facts.excluded + facts.recused > facts.summoned:
        found.append(
            Refusal(
                "more-out-than-summoned",
                f"Không tính {facts.excluded} và không biểu quyết {facts.recused} người, nhưng chỉ triệu tập "
                f"{facts.summoned}: kiểm tra lại danh sách.",
                f"{facts.excluded} excluded and {facts.recused} recused, but only {facts.summoned} summoned: "
                "check the roll.",
            )
        )
    for when_vi, when_en, present, recused in (
        ("lúc mở", "at the opening", facts.present_at_open, facts.recused_at_open),
        ("lúc kết thúc", "at the close", facts.present_at_close, facts.recused_at_close),
    ):
        if present > facts.summoned - facts.excluded:
            found.append(
                Refusal(
                    "more-present-than-summoned",
                    f"Có mặt {when_vi} {present} người, nhiều hơn {facts.summoned - facts.excluded} người "
                    "được triệu tập sau khi trừ: kiểm tra điểm danh.",
                    f"{present} present {when_en} are more than the {facts.summoned - facts.excluded} "
                    "summoned less the exclusions: check the roll call.",
                )
            )
        if recused > min(present, facts.recused):
            found.append(
                Refusal(
                    "recused-present",
                    f"Số người không biểu quyết có mặt {when_vi} ({recused}) nhiều hơn số có mặt ({present}) "
                    f"hoặc tổng số ({facts.recused}): kiểm tra lại.",
                    f"The recused present {when_en} ({recused}) are more than those present ({present}) or "
                    f"all recused ({facts.recused}): check them.",
                )
            )
    return found


def _not_counts(facts: Facts) -> bool:
    try:
        facts.values()
    except BadSchema:
        return True
    return False


M = TypeVar("M", bound=Hashable)


def excluded_from(roll: Set[M], standings: Mapping[M, str], came: Set[M]) -> dict[M, Standing]:
    """Who of those summoned does not count in the base, and why: in the order of `standings`.

    Who came all the same is no longer out (Decision 190-QĐ/TW, Art. 30: exempt but present does count),
    unless suspended: that one is neither in the base nor present. came: at the opening or at the close.
    """
    return {
        member: Standing(word)
        for member, word in standings.items()
        if word in EXCLUDED and member in roll and (word == Standing.SUSPENDED or member not in came)
    }


def facts_of(
    roll: Set[M],
    excluded: Collection[M],
    *,
    recused: Set[M] = frozenset(),
    at_open: Set[M],
    at_close: Set[M],
    seats: int = 0,
    issued: int | None = None,
    returned: int | None = None,
) -> Facts:
    """The numbers of a roll. at_open, at_close: of those summoned, who was there."""
    out = set(excluded)
    recused, at_open, at_close = recused - out, at_open - out, at_close - out
    return Facts(
        summoned=len(roll),
        excluded=len(out),
        recused=len(recused),
        seats=seats,
        present_at_open=len(at_open),
        present_at_close=len(at_close),
        recused_at_open=len(recused & at_open),
        recused_at_close=len(recused & at_close),
        issued=issued,
        returned=returned,
    )
