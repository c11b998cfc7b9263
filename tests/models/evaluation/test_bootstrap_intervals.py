import numpy as np
import pytest

from models.evaluation.bootstrap import estimate, resamplings, wilson


def test_the_first_round_is_the_sample_and_every_round_draws_as_many() -> None:
    weights = resamplings(37, rounds=50)
    assert (weights[0] == 1).all()
    assert (weights.sum(axis=1) == 37).all()
    assert np.array_equal(weights, resamplings(37, rounds=50))


def test_an_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(5)
    covered = 0
    for seed in range(200):
        missed = rng.random(120) < 0.2
        found = estimate(resamplings(120, rounds=400, seed=seed) @ missed / 120.0, 120)
        assert found is not None
        covered += found.low <= 0.2 <= found.high
    assert 0.9 <= covered / 200 <= 0.99


def test_pairs_of_one_person_widen_the_interval() -> None:
    rng = np.random.default_rng(6)
    weights = resamplings(60)
    bad = rng.random(60) < 0.3  # persons all of whose ten pairs fail
    together = estimate(weights @ bad / 60.0, 60)
    alone = estimate(resamplings(600) @ np.repeat(bad, 10) / 600.0, 600)
    assert together is not None
    assert alone is not None
    assert together.high - together.low > 2 * (alone.high - alone.low)


def ends(rates: list[float], trials: int) -> tuple[float, float, float]:
    found = estimate(np.array(rates), trials)
    assert found is not None
    return found.low, found.value, found.high


def test_no_event_at_all_still_has_an_upper_end() -> None:
    assert ends([0.0] * 100, 50) == pytest.approx((0, 0, 0.0713), abs=1e-4)
    assert ends([1.0] * 100, 50) == pytest.approx((0.9287, 1, 1), abs=1e-4)


def test_a_few_persons_have_the_interval_that_so_few_can_show() -> None:
    one_frame_in_300 = [1 / 300] + [0.0, 1 / 300, 2 / 300] * 30
    assert ends(one_frame_in_300, 9) == pytest.approx((0, 1 / 300, wilson(9 / 300, 9)[1]))
    assert ends(one_frame_in_300, 9)[2] > ends([0.0] * 91, 9)[2] > 0.25
    assert ends(one_frame_in_300, 30)[2] == pytest.approx(2 / 300)


def test_rounds_without_anybody_concerned_are_left_out_and_no_rate_is_none() -> None:
    assert ends([0.5, np.nan, 0.4, 0.6], 30) == pytest.approx((0.405, 0.5, 0.595))
    assert ends([0.5, np.nan], 30) == (0.5, 0.5, 0.5)
    assert estimate(np.array([np.nan, 0.1]), 3) is None


def test_wilson_as_published() -> None:
    # Newcombe, Statistics in Medicine 17 (1998), table I, method 3: 81 of 263, 15 of 148, 0 of 20.
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=1e-4)
    assert wilson(15, 148) == pytest.approx((0.0624, 0.1605), abs=1e-4)
    assert wilson(0, 20) == pytest.approx((0, 0.1611), abs=1e-4)
    assert wilson(0, 0) == (0, 1)
