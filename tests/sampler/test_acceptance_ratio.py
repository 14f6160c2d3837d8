"""Bennett's acceptance ratio on Gaussians, whose ratio is known."""

import math

import numpy as np
import pytest

from lcpjax.sampler.acceptance_ratio import log_ratio

# exp(-x^2 / 2) and exp(-(x - 1)^2 / (2 * 0.25)): ln(Z_b / Z_a) = ln 0.5.
WIDTH, CENTRE = 0.5, 1.0


def work(x):
    return (x - CENTRE) ** 2 / (2 * WIDTH**2) - x**2 / 2


def samples(num_chains, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(num_chains, 5)), CENTRE + WIDTH * rng.normal(size=(2 * num_chains, 3))


def error_of(ratio):
    return math.hypot(
        *(each.std(ddof=1) / len(each) ** 0.5 for each in (ratio.influence_first, ratio.influence_second))
    )


def test_the_ratio_of_two_gaussians_is_that_of_their_widths():
    ratio = log_ratio(*map(work, samples(4000)))
    assert abs(ratio.value - math.log(WIDTH)) < 4.3 * error_of(ratio)
    assert error_of(ratio) < 0.02
    # Able to fail: the second Gaussian's samples taken for another one's.
    first, second = samples(4000)
    assert abs(log_ratio(work(first), work(second + 0.1)).value - math.log(WIDTH)) > 4.3 * error_of(ratio)


def test_the_error_is_the_scatter_of_repetitions():
    found = [log_ratio(*map(work, samples(200, seed))) for seed in range(200)]
    scatter = float(np.std([ratio.value for ratio in found], ddof=1))
    # The standard deviation of 200 values is known to 5 %.
    assert scatter == pytest.approx(np.mean([error_of(ratio) for ratio in found]), rel=0.2)


def test_samples_that_cannot_be_in_the_other_distribution_count_as_such():
    # Uniform on [0, 2] and on [0, 1].
    x = np.random.default_rng(0).uniform(0, 2, size=(4000, 1))
    ratio = log_ratio(np.where(x < 1, 0.0, np.inf), np.zeros((100, 1)))
    assert abs(ratio.value - math.log(0.5)) < 4.3 * error_of(ratio)
