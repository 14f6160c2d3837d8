import math

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.stats import multivariate_normal

from lcpjax.errors import InputError
from lcpjax.evaluation.latents.gaussian_codes import (
    distortion_of_rate,
    fit_gaussian,
    gaussian_of_each_gamma,
    log_density_of_mixture,
    rate_of_distortion,
)

SPECTRUM = np.array([0.3, 9.0, 0.02, 4.0, 1e-5, 1.0])
MIXING = np.random.default_rng(0).normal(size=(4, 4))
ROWS = np.random.default_rng(1).normal(size=(50_000, 4)) @ MIXING.T + np.array([1.0, -2.0, 0.0, 5.0])


def rate_by_root_finding(spectrum, error):
    """The independent route: the water level by bisection."""
    level = brentq(lambda level: np.minimum(level, spectrum).mean() - error, 0.0, spectrum.max(), xtol=1e-15)
    return 0.5 * np.log(np.maximum(spectrum / level, 1.0)).sum()


@pytest.mark.parametrize("error", [1e-6, 1e-3, 0.05, 0.4, 1.5, 2.3])
def test_the_rate_of_an_error_is_that_of_the_water_level(error):
    assert rate_of_distortion(SPECTRUM, error) == pytest.approx(rate_by_root_finding(SPECTRUM, error), rel=1e-9)


@pytest.mark.parametrize("rate", [0.0, 0.1, 1.0, 5.0, 40.0])
def test_rate_and_error_are_each_others_inverse(rate):
    assert rate_of_distortion(SPECTRUM, distortion_of_rate(SPECTRUM, rate)) == pytest.approx(rate, abs=1e-9)


def test_without_a_rate_the_error_is_the_mean_variance_and_without_an_error_the_rate_has_no_end():
    assert distortion_of_rate(SPECTRUM, 0.0) == pytest.approx(SPECTRUM.mean())
    assert rate_of_distortion(SPECTRUM, SPECTRUM.mean()) == 0.0
    assert rate_of_distortion(SPECTRUM, 100.0) == 0.0
    assert rate_of_distortion(SPECTRUM, 0.0) == math.inf


def test_equal_variances_share_the_rate_and_constant_coordinates_need_none():
    assert distortion_of_rate(np.full(4, 2.0), 4 * math.log(2)) == pytest.approx(2.0 / 4)
    with_constant = np.array([2.0, 2.0, 0.0, 0.0])
    assert distortion_of_rate(with_constant, 2 * math.log(2)) == pytest.approx(2.0 / 4 / 2)


def test_no_other_sharing_of_a_rate_leaves_a_smaller_error():
    fractions = np.random.default_rng(2).dirichlet(np.ones(6), size=2000)
    errors = (SPECTRUM * np.exp(-2 * 3.0 * fractions)).mean(axis=1)
    assert errors.min() > distortion_of_rate(SPECTRUM, 3.0)


def test_a_density_is_that_of_scipy():
    gaussian = fit_gaussian(ROWS)
    expected = multivariate_normal(ROWS.mean(axis=0), np.cov(ROWS.T, bias=True)).logpdf(ROWS[:100])
    np.testing.assert_allclose(gaussian.log_density(ROWS[:100]), expected, rtol=1e-9)
    np.testing.assert_allclose(gaussian.variances, np.sort(np.linalg.eigvalsh(np.cov(ROWS.T, bias=True)))[::-1])


def test_the_mean_density_of_what_was_fitted_is_its_entropy():
    gaussian = fit_gaussian(ROWS)
    entropy = 0.5 * np.linalg.slogdet(2 * math.pi * math.e * gaussian.covariance)[1]
    # Exact of the rows it was fitted to: their mean and covariance are its own.
    assert -gaussian.log_density(ROWS).mean() == pytest.approx(entropy, rel=1e-12)


def test_equal_gaussians_mixed_are_one_and_distant_ones_cost_ln_two():
    one = fit_gaussian(ROWS)
    np.testing.assert_allclose(log_density_of_mixture([one, one], ROWS[:50]), one.log_density(ROWS[:50]))
    both = np.concatenate([ROWS, ROWS + 1e3])
    mixed = gaussian_of_each_gamma(both, np.repeat([0.1, 0.4], len(ROWS)))
    densities = log_density_of_mixture(mixed, ROWS[:50])
    np.testing.assert_allclose(densities, one.log_density(ROWS[:50]) - math.log(2), rtol=1e-9)
    # And one Gaussian for both knows much less.
    assert fit_gaussian(both).log_density(ROWS).mean() < densities.mean() - 3


@pytest.mark.parametrize(
    ("rows", "complaint"),
    [
        (ROWS[:4], "a covariance of 4 coordinates needs more than 4 configurations, not 4"),
        (np.concatenate([ROWS, ROWS[:, :1]], axis=1), "coordinates that depend on each other"),
        (np.where(ROWS[7, 2] == ROWS, np.nan, ROWS), "coordinates that are not finite"),
        (np.where(ROWS[7, 2] == ROWS, np.inf, ROWS), "coordinates that are not finite"),
        (ROWS[:, :0], "a Gaussian needs at least one coordinate"),
    ],
)
def test_what_has_no_gaussian_density_is_refused_in_one_line(rows, complaint):
    with pytest.raises(InputError, match=complaint):
        fit_gaussian(rows)


def test_what_does_not_belong_to_a_gaussian_is_refused_in_one_line():
    with pytest.raises(InputError, match="rows: of 3 coordinates; this Gaussian has 4"):
        fit_gaussian(ROWS).log_density(ROWS[:, :3])
    with pytest.raises(InputError, match="gaussians: none"):
        log_density_of_mixture([], ROWS)
    for function in (distortion_of_rate, rate_of_distortion):
        for variances in ([], [1.0, np.nan]):
            with pytest.raises(InputError, match=f"variances: {len(variances)}, of which"):
                function(np.array(variances), 1.0)
