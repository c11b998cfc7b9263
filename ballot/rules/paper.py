"""Ballots counted by hand: each box by two people apart; only what both found is added up (RULES.md §8)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ballot.rules.counted import Counted, ListCount, Marks, MotionCount
from ballot.rules.counted import contradictions as impossible
from ballot.rules.refusals import CountRefused, Refusal
from ballot.rules.rule import Rule


@dataclass(frozen=True, slots=True)
class BoxSheet:
    """What one person found in one ballot box.

    issued: papers handed out, those that replaced spoilt ones included. returned: papers in the box.
    """

    box: str
    by: str
    issued: int
    returned: int
    counted: Counted


@dataclass(frozen=True, slots=True)
class Difference:
    """field: stable, for machines. vi, en: the two numbers in words."""

    field: str
    first: int
    second: int
    vi: str
    en: str


@dataclass(frozen=True, slots=True)
class Agreed:
    """A box that two people counted alike."""

    box: str
    by: tuple[str, str]
    issued: int
    returned: int
    counted: Counted


@dataclass(frozen=True, slots=True)
class Merged:
    """All boxes together: `counted.paper` is set. issued, returned: for the facts."""

    counted: Counted
    issued: int
    returned: int
    boxes: tuple[Agreed, ...]


def plausible(rule: Rule, sheet: BoxSheet) -> list[Refusal]:
    """What cannot be on a sheet, in words; empty for one that can. The counter then looks again."""
    if not all(type(number) is int and number >= 0 for number in (sheet.issued, sheet.returned)):
        return [
            Refusal(
                "papers-malformed",
                "Số phiếu phát ra và thu về phải là số nguyên không âm: hãy nhập lại.",
                "Papers issued and returned must be whole numbers, not below 0: enter them again.",
            )
        ]
    found = impossible(rule, sheet.counted)
    if found:
        return found
    spoilt, cast = sheet.counted.spoilt, sheet.counted.cast
    if sheet.returned + spoilt > sheet.issued:
        found.append(
            Refusal(
                "more-returned-than-issued",
                f"Thu về {sheet.returned} và đổi {spoilt} phiếu, nhiều hơn {sheet.issued} phiếu phát ra: "
                "kiểm lại hòm phiếu.",
                f"{sheet.returned} papers returned and {spoilt} exchanged are more than the {sheet.issued} "
                "issued: check the box.",
            )
        )
    if sheet.returned != cast:
        found.append(
            Refusal(
                "sum-of-papers",
                f"Thu về {sheet.returned} phiếu nhưng hợp lệ, trắng và không hợp lệ cộng lại là {cast}: "
                "cộng lại.",
                f"{sheet.returned} papers returned, but valid, blank and invalid add up to {cast}: add them "
                "again.",
            )
        )
    return found


def compare(rule: Rule, first: BoxSheet, second: BoxSheet) -> Agreed | tuple[Difference, ...]:
    """The count of a box that two people counted alike; else every number in which they differ, in words.

    Raises CountRefused for two sheets of one person, of two boxes or of another question, and for a sheet
    that is not plausible.
    """
    faults = _pair_faults(first, second) or plausible(rule, first) + plausible(rule, second)
    if faults:
        raise CountRefused(dict.fromkeys(faults))
    differences = tuple(
        Difference(
            field,
            one,
            other,
            f"{vi}: {first.by} ghi {one}, {second.by} ghi {other}; kiểm lại.",
            f"{en}: {first.by} has {one}, {second.by} has {other}; count again.",
        )
        for (field, vi, en, one), (_, _, _, other) in zip(_numbers(first), _numbers(second), strict=True)
        if one != other
    )
    return differences or Agreed(
        first.box, (first.by, second.by), first.issued, first.returned, first.counted
    )


def merge(boxes: Iterable[Agreed]) -> Merged:
    """The sum of all boxes of a question. Raises CountRefused for none, one twice, or two questions."""
    found = tuple(boxes)
    names = [_known_as(box.box) for box in found]
    if not found or len(set(names)) != len(names):
        raise CountRefused(
            [
                Refusal(
                    "box-twice" if found else "no-box",
                    "Mỗi hòm phiếu phải được cộng đúng một lần: kiểm tra danh sách hòm phiếu.",
                    "Every ballot box is added exactly once: check the list of boxes.",
                )
            ]
        )
    if len({_shape(box.counted) for box in found}) != 1:
        raise CountRefused([_other_question()])
    return Merged(
        _added([box.counted for box in found]),
        sum(box.issued for box in found),
        sum(box.returned for box in found),
        found,
    )


def _pair_faults(first: BoxSheet, second: BoxSheet) -> list[Refusal]:
    if _known_as(first.by) == _known_as(second.by):
        return [
            Refusal(
                "one-counter",
                f"Hai người khác nhau phải kiểm riêng từng hòm phiếu, cả hai lần đều là {first.by}: nhờ "
                "người khác kiểm lại.",
                f"Two people count each box apart, and both sheets are by {first.by}: let somebody else "
                "count it.",
            )
        ]
    if _known_as(first.box) != _known_as(second.box):
        return [
            Refusal(
                "two-boxes",
                f"Hai bản kiểm của hai hòm phiếu khác nhau ({first.box}, {second.box}): chọn đúng hòm.",
                f"The sheets are of two boxes ({first.box}, {second.box}): choose the right one.",
            )
        ]
    return [] if _shape(first.counted) == _shape(second.counted) else [_other_question()]


def _known_as(name: str) -> str:
    return " ".join(name.split()).casefold()


def _shape(counted: Counted) -> int:
    return len(counted.options) if isinstance(counted, ListCount) else -1


def _other_question() -> Refusal:
    return Refusal(
        "other-question",
        "Các bản kiểm không cùng một nội dung hoặc một danh sách: chọn đúng nội dung.",
        "The sheets are not of one question or one list: choose the right question.",
    )


def _numbers(sheet: BoxSheet) -> list[tuple[str, str, str, int]]:
    """Every number of a sheet as (field, vi, en, number), in the order in which it is written."""
    counted = sheet.counted
    found = [
        ("issued", "Số phiếu phát ra", "Papers issued", sheet.issued),
        ("returned", "Số phiếu thu về", "Papers returned", sheet.returned),
        ("spoilt", "Số phiếu hỏng đã đổi", "Papers spoilt and exchanged", counted.spoilt),
        ("blank", "Số phiếu trắng", "Blank papers", counted.blank),
        ("invalid", "Số phiếu không hợp lệ", "Invalid papers", counted.invalid),
    ]
    if isinstance(counted, MotionCount):
        return [
            *found,
            ("yes", "Tán thành", "Yes", counted.yes),
            ("no", "Không tán thành", "No", counted.no),
            ("abstain", "Không biểu quyết", "Abstain", counted.abstain),
        ]
    found.append(("valid", "Số phiếu hợp lệ", "Valid papers", counted.valid))
    for number, marks in enumerate(counted.options, 1):
        found += [
            (f"for-{number}", f"Số {number}, bầu", f"No. {number}, for", marks.votes),
            (f"against-{number}", f"Số {number}, không bầu", f"No. {number}, against", marks.against),
        ]
    return found


def _added(counts: Sequence[Counted]) -> Counted:
    blank, invalid, spoilt = (sum(numbers) for numbers in zip(*map(_kinds, counts), strict=True))
    motions = [count for count in counts if isinstance(count, MotionCount)]
    if motions:
        return MotionCount(
            sum(count.yes for count in motions),
            sum(count.no for count in motions),
            sum(count.abstain for count in motions),
            blank,
            invalid,
            spoilt,
            paper=True,
        )
    lists = [count for count in counts if isinstance(count, ListCount)]
    options = tuple(
        Marks(sum(marks.votes for marks in person), sum(marks.against for marks in person))
        for person in zip(*(count.options for count in lists), strict=True)
    )
    return ListCount(sum(count.valid for count in lists), options, blank, invalid, spoilt, paper=True)


def _kinds(counted: Counted) -> tuple[int, int, int]:
    return counted.blank, counted.invalid, counted.spoilt
