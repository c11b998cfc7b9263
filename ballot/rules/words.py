"""The words of the rules: (Vietnamese, English) pairs."""

from typing import Final

from ballot.rules.rule import Base, Elect, Rule, SecondRound, Tie

Words = tuple[str, str]

BASE: Final[dict[Base, Words]] = {
    Base.SUMMONED: ("số người được triệu tập", "those summoned"),
    Base.SUMMONED_MINUS_EXCLUDED: (
        "số người được triệu tập, trừ những người không tính theo quy chế",
        "those summoned less the listed exclusions",
    ),
    Base.SEATS: ("tổng số ghế của cơ quan", "the seats of the body"),
    Base.PRESENT_AT_OPEN: ("số người có mặt lúc mở", "those present at the opening"),
    Base.PRESENT_AT_CLOSE: ("số người có mặt lúc kết thúc", "those present at the close"),
    Base.CAST: ("số phiếu thu về", "ballots cast"),
    Base.VALID: ("số phiếu hợp lệ", "valid ballots"),
    Base.FOR_AGAINST: ("số phiếu tán thành và không tán thành", "votes for and against"),
}
ELECT: Final[dict[Elect, Words]] = {
    Elect.MOTION: ("Thông qua khi", "Carried with"),
    Elect.EACH: (
        "Bầu từng người, không có số dư: trúng cử khi",
        "Each person by agree or disagree: elected with",
    ),
    Elect.TOP: ("Chọn tối đa {seats} người: trúng cử khi", "Choose at most {seats}: elected with"),
}
TIE: Final[dict[Tie, Words]] = {
    Tie.NONE: ("những người ngang phiếu không trúng cử", "those tied are not elected"),
    Tie.REBALLOT: ("bầu lại giữa những người ngang phiếu", "a new ballot among those tied decides"),
    Tie.SENIORITY: ("xét thâm niên do ban thư ký nhập", "seniority decides, as the secretariat enters it"),
    Tie.PRESIDIUM: ("đoàn chủ tịch quyết định", "the presidium decides"),
    Tie.LOT: ("bốc thăm công khai", "a lot drawn in public decides"),
}
SECOND_ROUND: Final[dict[SecondRound, Words]] = {
    SecondRound.NONE: ("không bầu vòng hai", "no second round"),
    SecondRound.REMAINING: ("bầu tiếp với những người còn lại", "the remaining candidates stand again"),
    SecondRound.TOP_M: ("bầu tiếp với {m} người nhiều phiếu nhất", "the {m} with most votes stand again"),
}


def need(num: int, den: int, *, strict: bool) -> Words:
    """`more than 1/2`, `at least 2/3`; without a threshold: at least one vote."""
    if num == 0:
        return "ít nhất 1 phiếu", "at least one vote"
    return (
        (f"hơn {num}/{den}", f"more than {num}/{den}")
        if strict
        else (
            f"ít nhất {num}/{den}",
            f"at least {num}/{den}",
        )
    )


def describe(rule: Rule) -> Words:
    """The rule in one line, as the page and the protocol print it."""
    parts = [_majority(rule)]
    quorum = rule.quorum
    if quorum is not None:
        parts.append(
            (
                f"túc số: {BASE[quorum.of][0]} ít nhất {quorum.num}/{quorum.den} {BASE[quorum.base][0]}",
                f"quorum: {BASE[quorum.of][1]} at least {quorum.num}/{quorum.den} of {BASE[quorum.base][1]}",
            )
        )
    if rule.elect != Elect.MOTION:
        parts.append((f"ngang phiếu: {TIE[rule.tie][0]}", f"on a tie {TIE[rule.tie][1]}"))
        vi, en = SECOND_ROUND[rule.second_round]
        parts.append((vi.format(m=rule.second_round_m), en.format(m=rule.second_round_m)))
    elif rule.tie != Tie.NONE:
        parts.append((f"ngang phiếu: {TIE[rule.tie][0]}", f"on a tie {TIE[rule.tie][1]}"))
    if not rule.recused_in_base:
        parts.append(("không tính người không được tham gia biểu quyết", "those recused are not counted"))
    return "; ".join(vi for vi, _ in parts) + ".", "; ".join(en for _, en in parts) + "."


def _majority(rule: Rule) -> Words:
    vi, en = (word.format(seats=rule.seats) for word in ELECT[rule.elect])
    need_vi, need_en = need(rule.num, rule.den, strict=rule.strict)
    if rule.num == 0:
        return f"{vi} {need_vi}", f"{en} {need_en}"
    return f"{vi} {need_vi} {BASE[rule.base][0]}", f"{en} {need_en} of {BASE[rule.base][1]}"
