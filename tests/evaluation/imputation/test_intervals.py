import numpy as np
import pytest
from scipy.stats import binomtest

from lcpjax.errors import InputError
from lcpjax.evaluation.imputation import energies_of_distances, fraction_interval, quality_of, widening
from lcpjax.system import System

CONFIGURATIONS, DRAWS, PARTICLES = 400, 200, 6
UPPER = np.triu(np.ones((PARTICLES, PARTICLES), bool), 1)


def _gaussian(scale, shift=0.0):
    """Truth from N(0, 1) around 5, and draws from N(shift, scale^2) around it."""
    random = np.random.default_rng(0)
    truth = 5 + random.normal(size=(CONFIGURATIONS, PARTICLES, PARTICLES))
    draws = 5 + shift + scale * random.normal(size=(CONFIGURATIONS, DRAWS, PARTICLES, PARTICLES))
    missing = np.zeros_like(truth, bool)
    missing[:, 0, 1:] = missing[:, 1:, 0] = True
    return draws.astype(np.float32), truth.astype(np.float32), missing


def test_draws_from_the_true_distribution_are_calibrated_and_have_the_least_score():
    right = quality_of(*_gaussian(1.0))
    # Four standard errors; 200 draws know their quantiles to 0.004 of a fraction.
    assert abs(right.coverage - 0.9) < 4 * right.coverage_error + 0.004
    # Of a standard normal with itself: 1 / sqrt(pi).
    assert abs(right.crps - 1 / np.sqrt(np.pi)) < 4 * right.crps_error
    assert abs(right.width - 2 * 1.6449) < 0.05
    assert abs(right.diversity - 1.0) < 0.02
    for wrong in (_gaussian(0.5), _gaussian(2.0), _gaussian(1.0, shift=1.0)):
        assert quality_of(*wrong).crps > right.crps + 0.02


@pytest.mark.parametrize(("scale", "is_too_small"), [(0.5, True), (2.0, False)])
def test_coverage_distinguishes_draws_that_are_too_sure_from_those_that_are_not_sure_enough(scale, is_too_small):
    found = quality_of(*_gaussian(scale))
    deviation = (found.coverage - 0.9) / found.coverage_error
    assert deviation < -10 if is_too_small else deviation > 5


def test_widening_makes_intervals_hold_what_they_are_to_hold():
    draws, truth, missing = _gaussian(0.5)
    half = CONFIGURATIONS // 2
    scale = widening(draws[:half], truth[:half], missing[:half])
    assert 1.8 < scale < 2.2
    mean = draws[half:].mean(axis=1, keepdims=True)
    found = quality_of(mean + scale * (draws[half:] - mean), truth[half:], missing[half:])
    assert abs(found.coverage - 0.9) < 4 * np.sqrt(2) * found.coverage_error


def test_what_is_fixed_needs_room_for_rounding():
    truth = np.full((2, 3, 3), 2.0, np.float32)
    draws = np.full((2, 5, 3, 3), 2.0001, np.float32)
    missing = np.ones((2, 3, 3), bool)
    assert quality_of(draws, truth, missing).coverage == 0.0
    assert quality_of(draws, truth, missing, rounding=1e-3).coverage == 1.0


def test_too_few_draws_and_nothing_missing_are_refused():
    draws, truth, missing = _gaussian(1.0)
    with pytest.raises(InputError, match="at least 2"):
        quality_of(draws[:, :1], truth, missing)
    with pytest.raises(InputError, match="misses nothing"):
        quality_of(draws, truth, np.zeros_like(missing))


def test_energies_of_distances_are_those_of_the_points():
    matrix = np.array([[0.0, 2 ** (1 / 6), 9.0], [2 ** (1 / 6), 0.0, 9.0], [9.0, 9.0, 0.0]], np.float32)
    # One pair in its minimum, two at 9 sigma: 4 (9^-12 - 9^-6) each.
    expected = -1.0 + 2 * 4 * (9.0**-12 - 9.0**-6)
    np.testing.assert_allclose(energies_of_distances(matrix[None], System()), [expected], rtol=1e-5)
    matrix[0, 1] = matrix[1, 0] = 0.1
    assert energies_of_distances(matrix[None], System())[0] == 100.0


@pytest.mark.parametrize(("inside", "trials"), [(0, 24), (21, 24), (24, 24), (180, 200)])
def test_of_independent_trials_the_interval_is_wilsons(inside, trials):
    known = binomtest(inside, trials).proportion_ci(method="wilson")
    fraction = inside / trials
    error = np.sqrt(fraction * (1 - fraction) / trials)
    # Rounding, and six digits of the normal quantile.
    assert fraction_interval(fraction, error, trials) == pytest.approx((known.low, known.high), abs=1e-6)
    assert fraction_interval(fraction, np.nan, trials) == pytest.approx((known.low, known.high), abs=1e-6)


def test_the_interval_holds_the_nominal_coverage_of_right_draws_and_not_of_wrong_ones():
    """Five distances a configuration, of one point: they are inside together more often than not."""
    right, wrong = quality_of(*_gaussian(1.0)), quality_of(*_gaussian(0.5))
    assert right.coverage_low < 0.9 < right.coverage_high
    assert wrong.coverage_high < 0.9
    # Many distances scatter less than one of each configuration would.
    one = fraction_interval(right.coverage, np.nan, CONFIGURATIONS)
    assert right.coverage_high - right.coverage_low < one[1] - one[0]


def test_a_fraction_of_nothing_is_refused():
    with pytest.raises(InputError, match="of 0 trials"):
        fraction_interval(0.5, 0.1, 0)
