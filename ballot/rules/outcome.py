"""What a question decided: a pure function of rule, facts and count. Normative: RULES.md."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from ballot.rules.rule import Rule, SecondRound, Tie
from ballot.rules.sums import Sum
from ballot.rules.words import Words


class Verdict(StrEnum):
    CARRIED = "carried"
    NOT_CARRIED = "not-carried"
    NO_QUORUM = "no-quorum"
    TIE = "tie"
    """People decide next: who, says `Outcome.decides`."""
    ELECTED = "elected"
    NOT_ELECTED = "not-elected"
    SECOND_ROUND = "second-round"
    """Seats are left; those in `elected` have theirs already."""


VERDICT: Final[dict[Verdict, Words]] = {
    Verdict.CARRIED: ("Thông qua", "Carried"),
    Verdict.NOT_CARRIED: ("Không thông qua", "Not carried"),
    Verdict.NO_QUORUM: ("Chưa đủ túc số, không có kết quả", "No quorum, so no result"),
    Verdict.TIE: ("Ngang phiếu, chưa có kết quả cuối cùng", "A tie, not yet decided"),
    Verdict.ELECTED: ("Trúng cử", "Elected"),
    Verdict.NOT_ELECTED: ("Không ai trúng cử", "Nobody is elected"),
    Verdict.SECOND_ROUND: ("Cần bầu tiếp vòng sau", "Another round is needed"),
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """Numbers are those on the ballot, from 1.

    elected, not_elected, tied: most votes first. candidates: who stands in the next question (a second round,
    or a new ballot among those tied), as on this ballot. left: seats not filled. decides: who decides a tie.
    """

    verdict: Verdict
    sums: tuple[Sum, ...]
    elected: tuple[int, ...] = ()
    not_elected: tuple[int, ...] = ()
    tied: tuple[int, ...] = ()
    candidates: tuple[int, ...] = ()
    left: int = 0
    decides: Tie = Tie.NONE

    @property
    def text(self) -> str:
        """The one text form, for the signed result (RULES.md §7)."""
        parts = [str(self.verdict)]
        for word, numbers in (("elected", self.elected), ("tied", self.tied), ("next", self.candidates)):
            if numbers:
                parts.append(f"{word}={','.join(map(str, numbers))}")
        if self.left:
            parts.append(f"left={self.left}")
        if self.decides != Tie.NONE:
            parts.append(f"by={self.decides}")
        return " ".join(parts)

    @property
    def words(self) -> Words:
        return VERDICT[self.verdict]


def following(rule: Rule, outcome: Outcome) -> Rule | None:
    """The rule of the question that comes next, None when none does.

    A new ballot among those tied uses up no round. The limit on the surplus is one of the first list.
    """
    if not outcome.candidates:
        return None
    after = replace(rule, seats=outcome.left, surplus_percent_max=None)
    if outcome.verdict == Verdict.SECOND_ROUND:
        after = replace(after, rounds_max=rule.rounds_max - 1)
        if after.rounds_max == 1:
            after = replace(after, second_round=SecondRound.NONE, second_round_m=0)
    return after


def ranked(votes: Sequence[int], numbers: Sequence[int]) -> list[int]:
    """Most votes first; with equal votes in the order of the ballot, which decides nothing."""
    return sorted(numbers, key=lambda number: (-votes[number - 1], number))
