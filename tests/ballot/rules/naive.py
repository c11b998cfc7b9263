"""The rules once more, as a person would do them: fractions instead of products, sets instead of sorting.

Written from RULES.md, sharing nothing with ballot/rules but the data it reads.
"""

from collections.abc import Sequence
from fractions import Fraction

from ballot.rules.counted import Marks
from ballot.rules.rule import Rule


def reached(value: int, base: int, rule: Rule) -> bool:
    if value == 0 or base == 0:
        return False
    share, asked = Fraction(value, base), Fraction(rule.num, rule.den)
    return share > asked if rule.strict else share >= asked


def motion(rule: Rule, yes: int, no: int, base: int) -> str:
    if reached(yes, base, rule):
        return "carried"
    one_more = yes and Fraction(yes, base) == Fraction(rule.num, rule.den) and yes == no
    return f"tie by={rule.tie}" if one_more and rule.tie != "none" else "not-carried"


def election(rule: Rule, options: Sequence[Marks], base: int | None) -> tuple[set[int], set[int]]:
    """Who is elected for certain, and who is tied for what is left; base None: for and against each."""
    able = {
        number
        for number, marks in enumerate(options, 1)
        if reached(marks.votes, marks.votes + marks.against if base is None else base, rule)
    }
    sure = set()
    for number in able:
        as_good = sum(options[other - 1].votes >= options[number - 1].votes for other in able)
        if as_good <= rule.seats:
            sure.add(number)
    better = {
        number: sum(options[other - 1].votes > options[number - 1].votes for other in able) for number in able
    }
    tied = {number for number in able - sure if better[number] < rule.seats}
    return sure, tied
