"""A whole secret election in memory, for what is measured after its close: everybody has voted."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ballot.board.verdicts import Accept
from ballot.rules.facts import Facts
from ballot.rules.presets import preset
from ballot.rules.rule import Rule
from ballot.shape import BLANK, Shape, at_most, one_of
from bench.ballots import people
from bench.errors import BenchError
from tests.ballot.board.election import Election


@dataclass(frozen=True, slots=True)
class Question:
    """name: in rows. rule: that counts it."""

    name: str
    shape: Shape
    rule: Rule


def motion() -> Question:
    return Question("three options", one_of(("yes", "no", "abstain")), preset("simple-majority"))


def long_list() -> Question:
    """More of a surplus than its standing orders allow: the rule is that of a hall that has no limit."""
    rule = replace(preset("vn-list-with-surplus", seats=45), surplus_percent_max=None)
    return Question("at most 45 of 60", at_most(45, people(60)), rule)


@dataclass(frozen=True, slots=True)
class Voted:
    """expected: what the counts must be."""

    election: Election
    question: Question
    expected: tuple[int, ...]

    @property
    def facts(self) -> Facts:
        n = len(self.election.units)
        return Facts(n, present_at_open=n, present_at_close=n)


def voted(question: Question, voters: int) -> Voted:
    """An open question, cast by every voter. Raises BenchError when a ballot is not taken."""
    election = Election(voters)
    options = question.shape.options
    labels = tuple(f"{number}. {option}" for number, option in enumerate(options, start=1))
    election.manifest = replace(
        election.manifest, shape=question.shape, labels=labels, rule=question.rule, min_anonymity=2
    )
    election.open()
    expected = [0] * len(options)
    for number, unit in enumerate(election.units):
        choices = _choices(question.shape, number)
        if not isinstance(unit.vote(choices), Accept):
            raise BenchError(f"ballot {number + 1} of {voters} is not taken: nothing is measured")
        expected = [count + choice for count, choice in zip(expected, choices, strict=True)]
    return Voted(election, question, tuple(expected))


def _choices(shape: Shape, number: int) -> Sequence[int]:
    """Another ballot for another number; of a list now and then a blank one."""
    options = shape.options
    if BLANK not in options:
        return [int(place == number % len(options)) for place in range(len(options))]
    persons, most = len(options) - 1, shape.relations[0].hi
    if number % 10 == 9:
        return [0] * persons + [1]
    first, some = number % persons, 1 + number % most
    return [int((place - first) % persons < some) for place in range(persons)] + [0]
