"""How large a base is, and how that number came about (RULES.md §2)."""

from dataclasses import dataclass

from ballot.rules.counted import Counted, ListCount, Marks, MotionCount
from ballot.rules.facts import Facts
from ballot.rules.rule import Base
from ballot.rules.sums import Step, Sum
from ballot.rules.words import BASE


@dataclass(frozen=True, slots=True)
class Measure:
    """text: the sum behind the value, as in `52 − 1 = 51`; the bare number when nothing was added."""

    value: int
    text: str


def measure(
    base: Base, facts: Facts, counted: Counted, *, recused_in_base: bool, option: Marks | None = None
) -> Measure:
    """option: whose votes for and against, on a list; the motion's otherwise."""
    match Base(base):
        case Base.CAST:
            return _added(*_ballots(counted), counted.blank, counted.invalid)
        case Base.VALID:
            if isinstance(counted, ListCount):
                return _reduced(counted.cast, counted.blank, counted.invalid)
            return _added(*_ballots(counted))
        case Base.FOR_AGAINST:
            if isinstance(counted, MotionCount):
                return _added(counted.yes, counted.no)
            marks = option or Marks(0)
            return _added(marks.votes, marks.against)
    return _heads(base, facts, recused_in_base=recused_in_base)


def base_sum(step: Step, base: Base, measured: Measure, option: int | None = None) -> Sum:
    """The line that names a base and shows how it came about."""
    vi, en = BASE[base]
    whom_vi, whom_en = ("", "") if option is None else (f" cho số {option}", f" on no. {option}")
    return Sum(
        True,
        f"{vi[0].upper()}{vi[1:]}{whom_vi}: {measured.text}.",
        f"{en[0].upper()}{en[1:]}{whom_en}: {measured.text}.",
        step,
        measured.text,
        "=",
        option,
    )


def _heads(base: Base, facts: Facts, *, recused_in_base: bool) -> Measure:
    start, excluded, recused = {
        Base.SUMMONED: (facts.summoned, 0, facts.recused),
        Base.SUMMONED_MINUS_EXCLUDED: (facts.summoned, facts.excluded, facts.recused),
        Base.SEATS: (facts.seats, 0, facts.recused),
        Base.PRESENT_AT_OPEN: (facts.present_at_open, 0, facts.recused_at_open),
        Base.PRESENT_AT_CLOSE: (facts.present_at_close, 0, facts.recused_at_close),
    }[base]
    less = [excluded] if base == Base.SUMMONED_MINUS_EXCLUDED else []
    return _reduced(start, *less, *([] if recused_in_base else [recused]))


def _ballots(counted: Counted) -> tuple[int, ...]:
    if isinstance(counted, MotionCount):
        return counted.yes, counted.no, counted.abstain
    return (counted.valid,)


def _added(*terms: int) -> Measure:
    return _joined(" + ", terms, sum(terms))


def _reduced(start: int, *less: int) -> Measure:
    return _joined(" − ", (start, *less), start - sum(less))


def _joined(operator: str, terms: tuple[int, ...], value: int) -> Measure:
    text = operator.join(map(str, terms))
    return Measure(value, f"{text} = {value}" if len(terms) > 1 else text)
