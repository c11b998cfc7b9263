import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.evaluation.rates import Weighed, best_threshold, equal_error, in_blocks, lowest_passing

SCORES = st.lists(st.integers(-5, 5).map(lambda n: n / 5) | st.just(float("-inf")), min_size=1, max_size=12)


def plain(*scores: float) -> Weighed:
    return Weighed.of(np.array(scores), np.ones((1, len(scores))))


def test_separable_scores_have_no_error() -> None:
    assert equal_error(plain(0.8, 0.9), plain(0.1, 0.2)) == [0]
    scores, same = np.array([0.1, 0.2, 0.8, 0.9]), np.array([False, False, True, True])
    assert best_threshold(scores, same) == pytest.approx(0.5)


def test_one_swapped_pair_in_four_is_an_error_of_a_quarter() -> None:
    assert equal_error(plain(0.9, 0.8, 0.7, 0.1), plain(0.2, 0.3, 0.4, 0.75)) == [0.25]


def test_the_best_threshold_may_lie_beyond_either_end() -> None:
    scores = np.array([0.2, 0.4])
    assert best_threshold(scores, np.array([True, True])) <= 0.2
    assert best_threshold(scores, np.array([False, False])) > 0.4


@pytest.mark.parametrize("same", [[True, True, True], [False, True, True], [True, False, False]])
def test_no_best_threshold_ever_accepts_a_failure_to_acquire(same: list[bool]) -> None:
    assert best_threshold(np.array([-np.inf, 0.2, 0.4]), np.array(same)) > -np.inf
    assert best_threshold(np.array([-np.inf] * 3), np.array(same)) > -np.inf


def test_failures_to_acquire_are_misses_in_the_equal_error_rate() -> None:
    assert equal_error(plain(0.9, 0.8, -np.inf, -np.inf), plain(0.1, 0.2)) == [0.5]  # at .2
    assert equal_error(plain(0.9, 0.8), plain(-np.inf, -np.inf)) == [0]


@given(SCORES, SCORES)
def test_the_equal_error_rate_is_that_of_trying_every_threshold(
    wanted: list[float], unwanted: list[float]
) -> None:
    cuts = [s for s in {*wanted, *unwanted} if s > -np.inf] + [np.inf]
    both = [(np.mean([s < cut for s in wanted]), np.mean([s >= cut for s in unwanted])) for cut in cuts]
    nearest = min(abs(refused - passed) for refused, passed in both)
    possible = [(r + p) / 2 for r, p in both if abs(r - p) <= nearest + 1e-12]
    assert any(equal_error(plain(*wanted), plain(*unwanted))[0] == pytest.approx(rate) for rate in possible)


@given(SCORES, st.sampled_from([0.0, 0.1, 0.25, 0.5]))
def test_a_bar_lets_no_more_than_its_share_pass_and_no_lower_score_would_do(
    scores: list[float], share: float
) -> None:
    bar = plain(*scores).bars(share)[0]
    assert np.mean([s > bar for s in scores]) <= share + 1e-12
    lower = [s for s in scores if s < bar]
    assert not lower or np.mean([s > max(lower) for s in scores]) > share


def test_a_weight_of_two_is_the_score_given_twice() -> None:
    weighed = Weighed.of(np.array([0.3, 0.9, 0.6]), np.array([[1.0, 2.0, 0.0]]))
    assert weighed.at_least(0.9) == pytest.approx(plain(0.3, 0.9, 0.9).at_least(0.9))
    assert weighed.bars(0.5)[0] == plain(0.3, 0.9, 0.9).bars(0.5)[0] == 0.9


def test_a_threshold_is_met_by_the_score_itself() -> None:
    assert plain(0.5, 0.4).at_least(0.5) == [0.5]
    assert plain(0.5, 0.4).above(0.5) == [0]
    assert 0.5 < lowest_passing(0.5) < 0.5 + 1e-9
    assert lowest_passing(-np.inf) == -1


def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    weights = np.random.default_rng(1).random((7, 3)).astype(np.float32)
    whole = in_blocks(weights, 1, lambda drawn: drawn.astype(np.float64) * 2)
    monkeypatch.setattr("models.evaluation.rates.BLOCK_ELEMENTS", 2)
    assert np.array_equal(in_blocks(weights, 1, lambda drawn: drawn.astype(np.float64) * 2), whole)
