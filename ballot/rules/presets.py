"""Rules of known standing orders, each with its source. A hall copies one and changes what its own say."""

from dataclasses import dataclass, replace
from typing import Final

from ballot.rules.rule import Base, Elect, Rule, SecondRound, Tie

VN_SURPLUS_PERCENT_MAX: Final = 30


@dataclass(frozen=True, slots=True)
class Preset:
    """rule: of a list with one seat; `preset` sets how many."""

    rule: Rule
    vi: str
    en: str
    source: str


def _vn_list(rule_id: str, how: Elect, surplus: int | None) -> Rule:
    return Rule(
        rule_id, how, Base.SUMMONED_MINUS_EXCLUDED, 1, 2, seats=1, tie=Tie.REBALLOT,
        rounds_max=2, second_round=SecondRound.REMAINING, surplus_percent_max=surplus,
    )  # fmt: skip


PRESETS: Final[dict[str, Preset]] = {
    preset.rule.id: preset
    for preset in (
        Preset(
            Rule("simple-majority", Elect.MOTION, Base.FOR_AGAINST, 1, 2),
            "Quá nửa số phiếu tán thành và không tán thành",
            "More than half of the votes for and against",
            "European Parliament, Rules of Procedure, Rule 194(3)",
        ),
        Preset(
            Rule("vn-party-motion", Elect.MOTION, Base.SUMMONED_MINUS_EXCLUDED, 1, 2),
            "Quá nửa số người được triệu tập, trừ những người không tính",
            "More than half of those summoned less the listed exclusions",
            "Decision 190-QĐ/TW, Art. 30",
        ),
        Preset(
            _vn_list("vn-list-without-surplus", Elect.EACH, None),
            "Bầu cử không có số dư",
            "Election without surplus",
            "Decision 190-QĐ/TW, Art. 30",
        ),
        Preset(
            _vn_list("vn-list-with-surplus", Elect.TOP, VN_SURPLUS_PERCENT_MAX),
            "Bầu cử có số dư",
            "Election with surplus",
            "Decision 190-QĐ/TW, Art. 14 and 30; Decision 244-QĐ/TW, Art. 17",
        ),
        Preset(
            Rule("half-of-all-members", Elect.MOTION, Base.SUMMONED, 1, 2),
            "Quá nửa tổng số đại biểu",
            "More than half of all members",
            "National Assembly of Vietnam, Resolution 71/2022/QH15",
        ),
        Preset(
            Rule("two-thirds", Elect.MOTION, Base.SUMMONED, 2, 3, strict=False),
            "Ít nhất hai phần ba tổng số đại biểu",
            "At least two thirds of all members",
            "qualified majority; standing orders say of what",
        ),
        Preset(
            Rule("four-fifths", Elect.MOTION, Base.SUMMONED, 4, 5, strict=False),
            "Ít nhất bốn phần năm tổng số đại biểu",
            "At least four fifths of all members",
            "qualified majority; standing orders say of what",
        ),
        Preset(
            Rule("unesco-ich", Elect.MOTION, Base.VALID, 1, 2),
            "Quá nửa số phiếu hợp lệ",
            "More than half of the members less those absent, blank and invalid ballots",
            "UNESCO ICH, Rules of Procedure, R.39.6",
        ),
        Preset(
            Rule("itu-motion", Elect.MOTION, Base.FOR_AGAINST, 1, 2),
            "Quá nửa số phiếu tán thành và không tán thành; phiếu trắng là không biểu quyết",
            "More than half of those for and against; a blank ballot is an abstention",
            "ITU Plenipotentiary Conference 2002 (PP-02)",
        ),
        Preset(
            Rule("itu-election", Elect.TOP, Base.VALID, 1, 2, seats=1, blank_allowed=True, tie=Tie.REBALLOT),
            "Bầu cử quá nửa số phiếu hợp lệ; phiếu trắng là không biểu quyết",
            "Election by more than half of the valid ballots; a blank ballot is an abstention",
            "ITU Plenipotentiary Conference 2002 (PP-02)",
        ),
    )
}


def preset(name: str, *, seats: int = 0, base: Base | None = None) -> Rule:
    """A rule of the table, for so many seats, or of another base. Raises KeyError for a name not in it."""
    rule = PRESETS[name].rule
    if rule.elect != Elect.MOTION:
        rule = replace(rule, seats=seats)
    return rule if base is None else replace(rule, base=base)
