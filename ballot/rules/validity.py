"""Which ballots of a list are valid, and their sum (RULES.md §3)."""

from collections.abc import Collection, Iterable, Sequence
from enum import StrEnum

from ballot.rules.counted import ListCount, Marks
from ballot.rules.rule import Rule


class Validity(StrEnum):
    VALID = "valid"
    BLANK = "blank"
    INVALID = "invalid"


def judge(rule: Rule, options_n: int, chosen: Collection[int]) -> Validity:
    """Of a ballot that chooses people by their number from 1.

    Source: Decision 244-QĐ/TW, Art. 17: fewer than the seats is valid, more is not; nobody chosen from a list
    of several is invalid, or blank where the rule allows it. Of a list of one, nobody chosen is a vote.
    """
    if len(chosen) != len(set(chosen)) or any(not 1 <= number <= options_n for number in chosen):
        return Validity.INVALID
    if len(chosen) > rule.seats:
        return Validity.INVALID
    if chosen or options_n == 1:
        return Validity.VALID
    return Validity.BLANK if rule.blank_allowed else Validity.INVALID


def row(agree: bool, disagree: bool) -> Marks:
    """Of one person on a list without surplus: both boxes or neither is no vote for or against this person,
    and the ballot stays valid (Decision 190-QĐ/TW, Art. 30)."""
    return Marks(int(agree and not disagree), int(disagree and not agree))


def count_choices(rule: Rule, options_n: int, ballots: Iterable[Collection[int]]) -> ListCount:
    """The sum of ballots that choose people by their number from 1."""
    votes = [0] * options_n
    found = dict.fromkeys(Validity, 0)
    for chosen in ballots:
        validity = judge(rule, options_n, chosen)
        found[validity] += 1
        if validity is Validity.VALID:
            for number in chosen:
                votes[number - 1] += 1
    return ListCount(
        valid=found[Validity.VALID],
        options=tuple(Marks(number) for number in votes),
        blank=found[Validity.BLANK],
        invalid=found[Validity.INVALID],
    )


def count_rows(options_n: int, ballots: Iterable[Sequence[tuple[bool, bool]]]) -> ListCount:
    """The sum of ballots with (agree, disagree) per person. One with another number of rows is invalid."""
    votes, against = [0] * options_n, [0] * options_n
    valid = invalid = 0
    for rows in ballots:
        if len(rows) != options_n:
            invalid += 1
            continue
        valid += 1
        for at, (agree, disagree) in enumerate(rows):
            marks = row(agree, disagree)
            votes[at] += marks.votes
            against[at] += marks.against
    return ListCount(valid, tuple(map(Marks, votes, against)), invalid=invalid)
