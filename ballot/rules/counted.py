"""What was counted, as integers: of a motion, or of a list. And what cannot have been."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from ballot.rules.refusals import CountRefused, Refusal
from ballot.rules.rule import Elect, Rule


@dataclass(frozen=True, slots=True)
class MotionCount:
    """spoilt: papers handed back and exchanged before they were cast. paper: counted by hand."""

    yes: int
    no: int
    abstain: int
    blank: int = 0
    invalid: int = 0
    spoilt: int = 0
    paper: bool = False

    @property
    def valid(self) -> int:
        return self.yes + self.no + self.abstain

    @property
    def cast(self) -> int:
        return self.valid + self.blank + self.invalid


@dataclass(frozen=True, slots=True)
class Marks:
    """What one person on a list got. against: 0 where people are chosen (`top`)."""

    votes: int
    against: int = 0


@dataclass(frozen=True, slots=True)
class ListCount:
    """valid, blank, invalid: ballots. options: per person, in the order of the ballot."""

    valid: int
    options: tuple[Marks, ...]
    blank: int = 0
    invalid: int = 0
    spoilt: int = 0
    paper: bool = False

    @property
    def cast(self) -> int:
        return self.valid + self.blank + self.invalid


Counted = MotionCount | ListCount


def options_n(counted: Counted) -> int:
    return len(counted.options) if isinstance(counted, ListCount) else 0


def from_tally(rule: Rule, totals: Sequence[int], counted: int) -> Counted:
    """The count of a secret question from the decrypted totals, in the order of its options (SPEC §4).

    counted: how many ballots were added up. Units refuse what is not valid, so none of them is.
    Raises CountRefused when the totals are of another question, or do not add up to the ballots.
    """
    odd = rule.elect == Elect.EACH and len(totals) % 2 == 1
    if odd or (rule.elect == Elect.MOTION and len(totals) != 3) or not totals:
        raise CountRefused([_mismatch()])
    if rule.elect == Elect.MOTION:
        yes, no, abstain = totals
        if sum(totals) != counted:
            raise CountRefused([_not_all(sum(totals), counted)])
        return MotionCount(yes, no, abstain)
    if rule.elect == Elect.EACH:
        return ListCount(counted, tuple(Marks(totals[at], totals[at + 1]) for at in range(0, len(totals), 2)))
    blank = totals[-1] if rule.blank_allowed else 0
    people = totals[:-1] if rule.blank_allowed else totals
    return ListCount(counted - blank, tuple(Marks(votes) for votes in people), blank=blank)


def _mismatch() -> Refusal:
    return Refusal(
        "other-question",
        "Kết quả kiểm phiếu không cùng loại với quy tắc của nội dung này: chọn đúng nội dung.",
        "The count is not of the kind that this question's rule decides: choose the right question.",
    )


def _not_all(total: int, counted: int) -> Refusal:
    return Refusal(
        "sum-of-tally",
        f"Tán thành, không tán thành và không biểu quyết cộng lại là {total}, nhưng có {counted} phiếu: kiểm "
        "tra lại kết quả giải mã.",
        f"Yes, no and abstain add up to {total}, but {counted} ballots were counted: check the tally.",
    )


_Impossible = Callable[[Rule, ListCount], bool]

LIST_TABLE: Final[tuple[tuple[str, _Impossible, str, str], ...]] = (
    (
        "blank-not-allowed",
        lambda rule, count: count.blank > 0 and not rule.blank_allowed,
        "Quy tắc không nhận phiếu trắng nhưng có {blank} phiếu: tính là phiếu không hợp lệ.",
        "The rule knows no blank ballots, but {blank} are counted: count them as invalid.",
    ),
    (
        "votes-over-ballots",
        lambda _, count: any(marks.votes + marks.against > count.valid for marks in count.options),
        "Có người được nhiều phiếu hơn {valid} phiếu hợp lệ: kiểm lại phiếu.",
        "Somebody has more votes than there are valid ballots ({valid}): count again.",
    ),
    (
        "marks-over-seats",
        lambda rule, count: rule.elect == Elect.TOP and _votes(count) > count.valid * rule.seats,
        "Tổng số phiếu bầu {votes} lớn hơn {valid} phiếu hợp lệ × {seats}: kiểm lại phiếu.",
        "{votes} votes in all are more than {valid} valid ballots × {seats}: count again.",
    ),
    (
        "marks-under-ballots",
        lambda rule, count: (
            rule.elect == Elect.TOP and len(count.options) > 1 and _votes(count) < count.valid
        ),
        "Mỗi phiếu hợp lệ bầu ít nhất một người, nhưng {valid} phiếu chỉ có {votes} lượt bầu: kiểm lại.",
        "Each valid ballot chooses somebody, but {valid} of them hold only {votes} votes: count again.",
    ),
    (
        "against-on-top",
        lambda rule, count: rule.elect == Elect.TOP and any(marks.against for marks in count.options),
        "Bầu bằng cách chọn thì không có phiếu không tán thành: để trống ô đó.",
        "Choosing from a list knows no votes against: leave them empty.",
    ),
)


def _votes(count: ListCount) -> int:
    return sum(marks.votes for marks in count.options)


def contradictions(rule: Rule, counted: Counted) -> list[Refusal]:
    """What cannot be, in words: of another kind than the rule, no whole numbers, sums that do not fit."""
    if isinstance(counted, MotionCount) != (rule.elect == Elect.MOTION):
        return [_mismatch()]
    if not all(type(number) is int and number >= 0 for number in _numbers(counted)):
        return [
            Refusal(
                "count-malformed",
                "Mọi số phiếu phải là số nguyên không âm: hãy nhập lại.",
                "Every count must be a whole number, not below 0: enter them again.",
            )
        ]
    if isinstance(counted, MotionCount):
        return []
    numbers = {
        "blank": counted.blank, "valid": counted.valid, "votes": _votes(counted), "seats": rule.seats,
    }  # fmt: skip
    return [
        Refusal(code, vi.format_map(numbers), en.format_map(numbers))
        for code, impossible, vi, en in LIST_TABLE
        if impossible(rule, counted)
    ]


def _numbers(counted: Counted) -> tuple[int, ...]:
    kinds = (counted.blank, counted.invalid, counted.spoilt)
    if isinstance(counted, MotionCount):
        return (counted.yes, counted.no, counted.abstain, *kinds)
    marks = (number for option in counted.options for number in (option.votes, option.against))
    return (counted.valid, *kinds, *marks)
