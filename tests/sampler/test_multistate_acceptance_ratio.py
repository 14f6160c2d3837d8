"""Acceptance ratios of several Gaussians at once, whose ln Z are known."""

import math

import numpy as np
import pytest

from lcpjax.errors import InputError
from lcpjax.sampler.multistate_acceptance_ratio import log_partition_functions

# exp(-(x - c)^2 / 2 w^2): ln Z relative to the first one is ln w.
CENTRES, WIDTHS = np.array([0.0, 1.0, 2.5]), np.array([1.0, 0.5, 2.0])
EXACT = np.log(WIDTHS)
NUMBERS = (4000, 2000, 1000)


def log_densities(numbers=NUMBERS, seed=0, error_of_density=0.0):
    """Of samples of each Gaussian, ln of all three; the first one too large by a factor exp(error)."""
    rng = np.random.default_rng(seed)
    samples = [
        centre + width * rng.normal(size=(number, 1))
        for centre, width, number in zip(CENTRES, WIDTHS, numbers, strict=True)
    ]
    return [-((x - CENTRES) ** 2) / (2 * WIDTHS**2) + error_of_density * np.array([1.0, 0.0, 0.0]) for x in samples]


def test_ln_z_of_three_gaussians_are_those_of_their_widths():
    found = log_partition_functions(log_densities())
    assert np.abs((found.values - EXACT)[1:] / found.errors[1:]).max() < 4.3
    assert found.errors[1:].max() < 0.05
    # Able to fail: a first density that is not normalised, by less than these samples would miss.
    wrong = log_partition_functions(log_densities(error_of_density=0.25))
    assert np.abs((wrong.values - EXACT)[1:] / wrong.errors[1:]).max() > 4.3


def test_errors_and_their_correlation_are_those_of_repetitions():
    repeated = [log_partition_functions(log_densities((200, 100, 50), seed)) for seed in range(100)]
    scatter = np.cov(np.array([each.values[1:] for each in repeated]).T)
    expected = np.mean([each.covariance[1:, 1:] for each in repeated], axis=0)
    # A variance of 100 values is known to 14 %.
    np.testing.assert_allclose(scatter, expected, atol=4.3 * 0.14 * expected.max())
    # Both compare with the same samples of the first one.
    assert scatter[0, 1] > 0


def test_where_a_density_is_zero_its_share_is():
    # Uniform on [0, 2] and on [0, 1]: exactly what half of the samples say.
    x = (np.arange(1000)[:, None] + 0.5) / 500
    uniform = np.where(x < np.array([2.0, 1.0]), 0.0, -np.inf)
    found = log_partition_functions([uniform, np.zeros((10, 2))])
    assert found.values[1] == pytest.approx(math.log(0.5), abs=1e-6)


@pytest.mark.parametrize(
    ("densities", "complaint"),
    [
        ([np.zeros((1, 2)), np.zeros((2, 2))], "at least 2 of each"),
        ([np.zeros((2, 3)), np.zeros((2, 3))], "of 3 densities"),
        ([np.zeros((2, 2)), np.full((2, 2), np.nan)], "not a number"),
        ([np.array([[0.0, -np.inf]] * 2), np.array([[0.0, -np.inf]] * 2)], "0 at every sample"),
        ([np.array([[0.0, -np.inf]] * 2), np.array([[-np.inf, 0.0]] * 2)], "too little in common"),
    ],
)
def test_what_has_no_answer_is_refused_in_one_line(densities, complaint):
    with pytest.raises(InputError, match=complaint) as refused:
        log_partition_functions(densities)
    assert "\n" not in str(refused.value)
