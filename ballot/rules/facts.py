"""Facts about the roll, as integers: how many are summoned, how many of them do not count, how many came.
Every delegate has a standing, so that each of these numbers is a list that can be printed."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar, Final

from ballot.rules.refusals import CountRefused, Refusal
from wire import cbor, fields
from wire.errors import BadSchema
from wire.fields import Body, Check

VERSION: Final = "facts/1"
Member = str | bytes
"""The pseudonym of a member, or the 16 bytes of a roll entry."""


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
    RECUSED = "recused"
    """May not vote on this question; whether in the base is the rule's to say."""


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
    Standing.RECUSED: ("không tham gia biểu quyết nội dung này", "recused from this question"),
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


@dataclass(frozen=True, slots=True)
class Line:
    """A delegate on the printed list, with the words of the reason."""

    member: Member
    standing: Standing
    in_base: bool
    vi: str
    en: str


@dataclass(frozen=True, slots=True)
class Roll:
    facts: Facts
    lines: tuple[Line, ...]
    """In the order of the rows."""


def from_roll(
    rows: Iterable[tuple[Member, str]],
    *,
    recused_in_base: bool,
    present_at_open: Collection[Member] = (),
    present_at_close: Collection[Member] = (),
    seats: int = 0,
    issued: int | None = None,
    returned: int | None = None,
) -> Roll:
    """The facts of a roll of (member, standing), and the list to print beside them.

    Raises CountRefused, naming every row at fault: an unknown standing, a member twice, somebody present who
    is not on the roll or is excluded from it.
    """
    standings: dict[Member, Standing] = {}
    faults = []
    for member, word in rows:
        if member in standings:
            faults.append(_twice(member))
        elif word not in set(Standing):
            faults.append(_unknown(member, word))
        else:
            standings[member] = Standing(word)
    at_open, at_close = set(present_at_open), set(present_at_close)
    if not faults:
        faults = [
            fault
            for member in sorted(at_open | at_close, key=shown)
            for fault in _presence_faults(member, standings.get(member))
        ]
    if faults:
        raise CountRefused(faults)
    recused = {member for member, standing in standings.items() if standing is Standing.RECUSED}
    facts = Facts(
        summoned=len(standings),
        excluded=sum(standing in EXCLUDED for standing in standings.values()),
        recused=len(recused),
        seats=seats,
        present_at_open=len(at_open),
        present_at_close=len(at_close),
        recused_at_open=len(recused & at_open),
        recused_at_close=len(recused & at_close),
        issued=issued,
        returned=returned,
    )
    return Roll(facts, tuple(_line(member, at, recused_in_base) for member, at in standings.items()))


def in_base(standing: Standing, *, recused_in_base: bool) -> bool:
    """Whether a delegate of this standing counts in the base `summoned_minus_excluded`."""
    return standing not in EXCLUDED and (recused_in_base or standing is not Standing.RECUSED)


def shown(member: Member) -> str:
    return member.hex() if isinstance(member, bytes) else member


def _line(member: Member, standing: Standing, recused_in_base: bool) -> Line:
    counts = in_base(standing, recused_in_base=recused_in_base)
    vi, en = STANDING[standing]
    return Line(
        member,
        standing,
        counts,
        f"{shown(member)}: {vi}, {'được tính' if counts else 'không tính'}",
        f"{shown(member)}: {en}, {'counted' if counts else 'not counted'}",
    )


def _twice(member: Member) -> Refusal:
    return Refusal(
        "listed-twice",
        f"{shown(member)} có hai dòng trong danh sách: xóa một dòng.",
        f"{shown(member)} stands on the roll twice: remove one row.",
    )


def _unknown(member: Member, word: str) -> Refusal:
    known = ", ".join(Standing)
    return Refusal(
        "unknown-standing",
        f"{shown(member)}: không có lý do {word!r:.40}; chọn một trong: {known}.",
        f"{shown(member)}: no such standing as {word!r:.40}; choose one of: {known}.",
    )


def _presence_faults(member: Member, standing: Standing | None) -> list[Refusal]:
    if standing is None:
        return [
            Refusal(
                "present-not-summoned",
                f"{shown(member)} có mặt nhưng không có trong danh sách triệu tập: kiểm tra điểm danh.",
                f"{shown(member)} is present but not on the roll: check the roll call.",
            )
        ]
    if standing in EXCLUDED:
        vi, en = STANDING[standing]
        return [
            Refusal(
                "present-but-excluded",
                f"{shown(member)} có mặt nhưng được ghi là {vi}: sửa lý do, hoặc sửa điểm danh.",
                f"{shown(member)} is present but is down as {en}: correct the standing, or the roll call.",
            )
        ]
    return []
