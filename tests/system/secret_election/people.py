"""Who does what in an election: from a seed, and remembered by the test alone."""

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from hallward.demo.voter import Act, Wish

CHOICES: Final = ("yes", "no", "abstain")
CHECKED, LEFT, SILENT = 0.08, 0.06, 0.05
"""Shares of those who check a ballot first, walk away from a prepared one, vote not at all."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What each unit's person will do. dies: units that go dark before a prepared ballot, for good."""

    wishes: Mapping[str, Sequence[Wish]]
    dies: frozenset[str]
    cuts: frozenset[str]
    """Units whose power is cut before a prepared ballot, and comes back."""
    silent: frozenset[str] = field(default_factory=frozenset)

    @property
    def voters(self) -> dict[str, str]:
        """unit -> the choice that will be cast there."""
        return {
            name: wishes[-1].choice
            for name, wishes in self.wishes.items()
            if wishes and name not in self.dies
        }

    @property
    def expected(self) -> list[int]:
        """Counts of yes, no, abstain."""
        counts = Counter(self.voters.values())
        return [counts[choice] for choice in CHOICES]


def plan(names: Sequence[str], rng: random.Random, dying: int) -> Plan:
    """For units of the crowd."""
    wishes: dict[str, list[Wish]] = {}
    dies = frozenset(rng.sample(list(names), dying))
    cuts, silent = set(), set()
    for name in names:
        kind = rng.random()
        cast = Wish(rng.choice(CHOICES))
        if name in dies:
            wishes[name] = [Wish(rng.choice(CHOICES), Act.LEAVE)]
        elif kind < CHECKED:
            wishes[name] = [Wish(rng.choice(CHOICES), Act.CHECK), cast]
        elif kind < CHECKED + LEFT:
            cuts.add(name)
            wishes[name] = [Wish(rng.choice(CHOICES), Act.LEAVE), cast]
        elif kind < CHECKED + LEFT + SILENT:
            silent.add(name)
            wishes[name] = []
        else:
            wishes[name] = [cast]
    return Plan(wishes, dies, frozenset(cuts), frozenset(silent))
