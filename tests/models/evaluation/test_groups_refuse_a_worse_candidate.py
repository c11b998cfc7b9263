from dataclasses import replace

import numpy as np
import pytest

from models.evaluation.acquire import Acquired
from models.evaluation.groups import GroupRates, rates_by_group, worsened
from models.evaluation.persons import Persons
from tests.models.evaluation.made_faces import crowd

THRESHOLD = 0.5


def half(acquired: Acquired, persons: Persons) -> dict[str, str]:
    return {name: ("even", "odd")[code % 2] for name, code in zip(acquired.names, persons.codes, strict=True)}


def measured(failed_persons: set[int]) -> tuple[GroupRates, ...]:
    acquired, persons = crowd(21, [3] * 80, scatter=0.05)
    got = ~np.isin(persons.codes, list(failed_persons))
    lacking = Acquired(acquired.names, acquired.embeddings, got, acquired.faults)
    return rates_by_group(lacking, persons, half(acquired, persons), THRESHOLD)


BASELINE = measured({0, 1, 2, 3, 4, 5, 6, 7})  # four persons of forty in each group


def test_rates_are_those_within_the_group() -> None:
    even, odd = BASELINE
    assert (even.group, even.photographs, even.persons) == ("even", 120, 40)
    assert (even.genuine, even.impostor) == (120, 40 * 39 // 2 * 9)
    assert odd.fnmr is not None
    assert odd.fmr is not None
    assert odd.fnmr.value == pytest.approx(0.1)
    assert odd.fnmr.low < 0.1 < odd.fnmr.high
    assert odd.fmr.value == 0
    assert odd.fmr.high == pytest.approx(3.8415 / (40 * 39 / 2 + 3.8415), rel=1e-3)


def test_the_same_networks_again_are_accepted() -> None:
    assert worsened(BASELINE, BASELINE) == []


def test_a_little_worse_within_the_interval_is_accepted() -> None:
    assert worsened(measured({0, 1, 2, 3, 4, 5, 6, 7, 9}), BASELINE) == []


def test_one_group_that_is_worse_is_enough_to_refuse() -> None:
    candidate = measured({1, 3, 5, 7, *range(9, 30, 2)})  # better for the even, much worse for the odd
    reasons = worsened(candidate, BASELINE)
    assert len(reasons) == 1
    assert reasons[0].startswith("group odd: FNMR 37.500% is above ")


def test_false_matches_of_one_group_are_enough_to_refuse() -> None:
    acquired, persons = crowd(21, [3] * 80, scatter=0.05)
    rows = acquired.embeddings.copy()
    rows[persons.codes == 3] = rows[persons.codes == 5]  # two persons of the odd group become one
    alike = Acquired(acquired.names, rows, acquired.acquired, acquired.faults)
    groups = half(acquired, persons)
    candidate = rates_by_group(alike, persons, groups, THRESHOLD)
    reasons = worsened(candidate, rates_by_group(acquired, persons, groups, THRESHOLD))
    assert len(reasons) == 0  # nine of seven thousand pairs, one pair of persons: within what none can show
    rows[np.isin(persons.codes, range(3, 21, 2))] = rows[persons.codes == 5][0]
    reasons = worsened(rates_by_group(alike, persons, groups, THRESHOLD), BASELINE)
    assert [reason.split(" 4")[0] for reason in reasons] == ["group odd: FMR"]


def test_reports_over_other_photographs_cannot_be_compared() -> None:
    even, odd = BASELINE
    assert worsened([even], BASELINE) == [
        "group odd is in one of the two reports only: they cannot be compared"
    ]
    assert worsened(BASELINE, [even]) == worsened([even], BASELINE)
    fewer = replace(odd, photographs=119)
    assert worsened([even, fewer], BASELINE) == [
        "group odd was measured on other photographs: the reports cannot be compared"
    ]


def test_a_group_of_one_person_or_of_single_photographs_lacks_a_rate() -> None:
    acquired, persons = crowd(22, [3, 1, 1])
    groups = {
        name: ("one" if code == 0 else "singles")
        for name, code in zip(acquired.names, persons.codes, strict=True)
    }
    one, singles = rates_by_group(acquired, persons, groups, THRESHOLD)
    assert one.fmr is None
    assert one.fnmr is not None
    assert singles.fnmr is None
    assert singles.fmr is not None
    assert worsened([one, singles], [one, singles]) == []
