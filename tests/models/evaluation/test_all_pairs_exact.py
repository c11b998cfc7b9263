from itertools import combinations

import numpy as np
import pytest

from models.evaluation import verification
from models.evaluation.acquire import Acquired
from models.evaluation.all_pairs import (
    false_matches,
    genuine_pairs,
    impostor_count,
    impostor_tail,
    impostor_weight,
)
from models.evaluation.bootstrap import resamplings
from models.evaluation.persons import Persons
from models.evaluation.verification import all_pairs
from tests.models.evaluation.made_faces import crowd

PHOTOGRAPHS = (1, 3, 2, 1, 5, 1, 4, 2, 1, 7)


def by_hand(acquired: Acquired, persons: Persons) -> tuple[list[float], list[tuple[float, int, int]]]:
    genuine, impostor = [], []
    for i, j in combinations(range(len(acquired.names)), 2):
        score = float(acquired.embeddings[i] @ acquired.embeddings[j])
        if not (acquired.acquired[i] and acquired.acquired[j]):
            score = -np.inf
        one, other = sorted((int(persons.codes[i]), int(persons.codes[j])))
        if one == other:
            genuine.append(score)
        else:
            impostor.append((score, one, other))
    return genuine, sorted(impostor, reverse=True)


@pytest.mark.parametrize("block", [1, 27, 60, 10_000])
@pytest.mark.parametrize("failed", [0, 4])
def test_the_tail_is_the_top_of_all_pairs_whatever_the_blocks(block: int, failed: int) -> None:
    acquired, persons = crowd(3, PHOTOGRAPHS, failed=failed)
    genuine, impostor = by_hand(acquired, persons)
    finite = [entry for entry in impostor if entry[0] > -np.inf]
    for size in (0, 1, 50, len(finite), 10_000):
        tail = impostor_tail(acquired, persons, size, block=block)
        assert tail.complete is (size >= len(finite))
        assert tail.scores == pytest.approx([score for score, _, _ in finite[:size]], abs=1e-6)
        assert list(zip(tail.one, tail.other, strict=True)) == [(a, b) for _, a, b in finite[:size]]
    assert sorted(genuine_pairs(acquired, persons).scores) == pytest.approx(sorted(genuine), abs=1e-6)
    assert impostor_count(persons) == len(impostor)


def test_the_tail_stays_exact_when_it_is_thrown_away_again_and_again(monkeypatch: pytest.MonkeyPatch) -> None:
    acquired, persons = crowd(8, PHOTOGRAPHS)
    whole = impostor_tail(acquired, persons, 40)
    monkeypatch.setattr("models.evaluation.all_pairs.BLOCK_SCORES", 5)
    assert impostor_tail(acquired, persons, 40, block=30).scores == pytest.approx(whole.scores, abs=1e-6)


@pytest.mark.parametrize("block", [1, 40, 10_000])
def test_false_matches_are_counted_for_each_two_persons(block: int) -> None:
    acquired, persons = crowd(4, PHOTOGRAPHS, failed=3)
    _, impostor = by_hand(acquired, persons)
    threshold = 0.05
    found = false_matches(acquired, persons, threshold, block=block)
    counted = dict(
        zip(zip(found.one.tolist(), found.other.tolist(), strict=True), found.count.tolist(), strict=True)
    )
    expected: dict[tuple[int, int], int] = {}
    for score, one, other in impostor:
        if score >= threshold:
            expected[one, other] = expected.get((one, other), 0) + 1
    assert counted == expected
    weights = resamplings(persons.count, rounds=5)
    for row, weight, total in zip(
        weights, found.weight(weights), impostor_weight(weights, persons), strict=True
    ):
        assert weight == sum(row[a] * row[b] * n for (a, b), n in expected.items())
        assert total == sum(row[a] * row[b] for _, a, b in impostor)


@pytest.mark.parametrize("failed", [0, 20])
def test_tar_at_far_equals_brute_force_with_failures_as_misses(failed: int) -> None:
    acquired, persons = crowd(5, [4] * 40, scatter=0.12, failed=failed)
    genuine, impostor = by_hand(acquired, persons)
    found = all_pairs(acquired, persons, 0.3, resamplings(persons.count, rounds=20))
    assert (found.genuine, found.impostor) == (len(genuine), len(impostor)) == (240, 12_480)
    for one in found.tar[:2]:
        allowed = int(one.far * len(impostor) + 1e-9)
        bar = impostor[allowed][0]
        assert one.tar is not None
        assert one.tar.value == pytest.approx(np.mean([score > bar + 1e-7 for score in genuine]))
        assert one.threshold == pytest.approx(bar, abs=1e-6)
        assert one.tar.low <= one.tar.value <= one.tar.high
    assert found.fnmr is not None
    assert found.fmr is not None
    assert found.fnmr.value == pytest.approx(np.mean([score < 0.3 for score in genuine]))
    assert found.fmr.value == pytest.approx(np.mean([score >= 0.3 for score, _, _ in impostor]))


def test_a_far_needs_ten_false_accepts_to_be_reported() -> None:
    acquired, persons = crowd(5, [4] * 40)  # 12,480 impostor pairs
    found = all_pairs(acquired, persons, 0.3, resamplings(persons.count, rounds=5))
    assert [(one.far, one.needs, one.tar is None) for one in found.tar] == [
        (1e-2, 1000, False),
        (1e-3, 10_000, False),
        (1e-4, 100_000, True),
        (1e-5, 1_000_000, True),
    ]


def test_a_thinned_tail_gives_the_same_interval_within_a_hair(monkeypatch: pytest.MonkeyPatch) -> None:
    acquired, persons = crowd(5, [4] * 120, scatter=0.16)
    weights = resamplings(persons.count, rounds=300)
    whole = all_pairs(acquired, persons, 0.3, weights).tar[0].tar
    monkeypatch.setattr(verification, "_TAIL_MAX", 800)
    thinned = all_pairs(acquired, persons, 0.3, weights).tar[0].tar
    assert whole is not None
    assert thinned is not None
    assert thinned.value == whole.value
    assert (thinned.low, thinned.high) == pytest.approx((whole.low, whole.high), abs=0.01)
