"""Does it work alike for everybody? Error rates within each group, and whether a candidate worsens any."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from models.evaluation.acquire import Acquired
from models.evaluation.all_pairs import false_matches, genuine_pairs, impostor_count, impostor_weight
from models.evaluation.bootstrap import Estimate, estimate, resamplings
from models.evaluation.persons import Codes, Persons

_ROUNDING: Final = 1e-5  # a report keeps six digits


@dataclass(frozen=True, slots=True)
class GroupRates:
    """One group, all against all within it, at the gate's own threshold.

    `fnmr` is None when nobody of the group has two photographs, `fmr` when the group is one person. Intervals
    resample persons; where none or all err, or persons are few, they are Wilson's, on persons (FNMR) or on
    pairs of persons (FMR).
    """

    group: str
    photographs: int
    persons: int
    genuine: int
    impostor: int
    fnmr: Estimate | None
    fmr: Estimate | None


def rates_by_group(
    acquired: Acquired, persons: Persons, groups: Mapping[str, str], threshold: float
) -> tuple[GroupRates, ...]:
    """Every group in order of name; `groups` has one for each photograph."""
    of_each = np.array([groups[name] for name in acquired.names])
    return tuple(
        _within(acquired, persons, np.flatnonzero(of_each == group), str(group), threshold)
        for group in np.unique(of_each)
    )


def worsened(candidate: Iterable[GroupRates], baseline: Iterable[GroupRates]) -> list[str]:
    """Why the candidate must not replace the baseline, a sentence each; empty when it may.

    A group is worsened when its FNMR or FMR lies above the upper end of the baseline's interval. Rates over
    other groups or other photographs cannot be compared, which is a reason too. Where nobody was matched
    wrongly the interval takes pairs of persons as independent, so it is narrow, and the guard the stricter.
    """
    now, before = {one.group: one for one in candidate}, {one.group: one for one in baseline}
    reasons = []
    for group in sorted(now.keys() | before.keys()):
        new, old = now.get(group), before.get(group)
        if new is None or old is None:
            reasons.append(f"group {group} is in one of the two reports only: they cannot be compared")
        elif _counts(new) != _counts(old):
            reasons.append(f"group {group} was measured on other photographs: the reports cannot be compared")
        else:
            reasons += _above(group, "FNMR", new.fnmr, old.fnmr) + _above(group, "FMR", new.fmr, old.fmr)
    return reasons


def _above(group: str, rate: str, new: Estimate | None, old: Estimate | None) -> list[str]:
    if new is None or old is None or new.value <= old.high * (1 + _ROUNDING):
        return []
    return [
        f"group {group}: {rate} {new.value:.3%} is above {old.high:.3%}, where the baseline's interval ends"
    ]


def _counts(one: GroupRates) -> tuple[int, int, int, int]:
    return one.photographs, one.persons, one.genuine, one.impostor


def _within(acquired: Acquired, persons: Persons, members: Codes, group: str, threshold: float) -> GroupRates:
    part = Acquired(
        tuple(acquired.names[i] for i in members),
        acquired.embeddings[members],
        acquired.acquired[members],
        tuple(acquired.faults[i] for i in members),
    )
    found, codes = np.unique(persons.codes[members], return_inverse=True)
    people = Persons(codes.astype(np.int64), int(found.size))
    weights = resamplings(people.count)
    pairs = genuine_pairs(part, people)
    with np.errstate(divide="ignore", invalid="ignore"):
        fmr = false_matches(part, people, threshold).weight(weights) / impostor_weight(weights, people)
    return GroupRates(
        group=group,
        photographs=len(part.names),
        persons=people.count,
        genuine=int(pairs.scores.size),
        impostor=impostor_count(people),
        fnmr=estimate(pairs.missed(threshold, weights), int(np.unique(pairs.persons).size)),
        fmr=estimate(fmr, people.count * (people.count - 1) // 2),
    )
