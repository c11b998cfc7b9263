"""Sums that anybody can redo: what was compared, with the numbers, in Vietnamese and in English."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


@dataclass(frozen=True, slots=True)
class Ruling:
    """Whether a rule holds, and the sum with which anybody can redo it, in Vietnamese and in English."""

    holds: bool
    vi: str
    en: str


class Step(StrEnum):
    QUORUM_BASE = "quorum-base"
    QUORUM = "quorum"
    BASE = "base"
    MAJORITY = "majority"
    TIE = "tie"
    SEATS = "seats"
    BORDER = "border"
    ORDER = "order"
    SECOND_ROUND = "second-round"


@dataclass(frozen=True, slots=True)
class Sum(Ruling):
    """One step of an outcome.

    text: the bare sum, as in `26 × 2 = 52 > 51 × 1 = 51`; its sign is the truth about its two sides. asks:
    the sign that the rule asks for (`>`, `≥`, `≤`, `=`); the step holds when the truth is one it allows.
    option: the number on the ballot (from 1) of the person this is about, or None.
    """

    step: Step
    text: str
    asks: str
    option: int | None = None


def inequality(value: int, base: int, num: int, den: int, *, strict: bool) -> tuple[bool, str]:
    """Whether `value × den > base × num` (`≥` when not strict), of at least one in the base and one vote; and
    the sum. Nothing of nothing is never a majority."""
    if base < 1:
        return False, f"{base} < 1"
    if value < 1 and num == 0:
        return False, f"{value} < 1"
    left, right = value * den, base * num
    holds = left > right if strict else left >= right
    return holds, f"{value} × {den} = {left} {sign(left, right)} {base} × {num} = {right}"


def quorum(present: int, summoned: int, num: int, den: int) -> Ruling:
    """Whether enough of those summoned are present: `present × den ≥ summoned × num`, of at least one."""
    left, right = present * den, summoned * num
    holds = summoned > 0 and left >= right
    total = f"{present} × {den} = {left} {sign(left, right)} {summoned} × {num} = {right}"
    return Ruling(
        holds,
        f"{'Đủ' if holds else 'Chưa đủ'} túc số: có mặt {present} trên {summoned} người được triệu tập, "
        f"cần ít nhất {num}/{den} ({total}).",
        f"Quorum {'reached' if holds else 'not reached'}: {present} of {summoned} summoned are present, "
        f"at least {num}/{den} needed ({total}).",
    )


def carried(yes: int, no: int, num: int, den: int) -> Ruling:
    """Whether more than num/den of those for and against are for: `yes × den > (yes + no) × num`.

    Abstentions weigh nothing. Source: European Parliament, Rules of Procedure, Rule 194(3): only votes for
    and against count.
    """
    left, right = yes * den, (yes + no) * num
    holds = left > right
    total = f"{yes} × {den} = {left} {sign(left, right)} ({yes} + {no}) × {num} = {right}"
    return Ruling(
        holds,
        f"{'Thông qua' if holds else 'Không thông qua'}: cần hơn {num}/{den} số phiếu tán thành và không "
        f"tán thành ({total}).",
        f"{'Carried' if holds else 'Not carried'}: more than {num}/{den} of the votes for and against needed "
        f"({total}).",
    )


_SIGNS: Final = {-1: "<", 0: "=", 1: ">"}


def sign(left: int, right: int) -> str:
    return _SIGNS[(left > right) - (left < right)]


def hundredths(part: int, whole: int) -> int | None:
    """part of whole in hundredths of a percent, half up; None of nothing. For display: no rule reads it."""
    return None if whole < 1 else (part * 20_000 + whole) // (2 * whole)


def percent(part: int, whole: int) -> tuple[str, str]:
    """As `66,67 %` and `66.67 %`; a dash when there is nothing to take it of."""
    share = hundredths(part, whole)
    if share is None:
        return "—", "—"
    return f"{share // 100},{share % 100:02} %", f"{share // 100}.{share % 100:02} %"
