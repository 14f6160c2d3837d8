import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lcpjax.errors import InputError
from lcpjax.evaluation.samples.mean_discrepancy import median_distance, mmd_squared, split_half_floor


def normal(seed, number=300, dims=2):
    return jax.random.normal(jax.random.key(seed), (number, dims))


def test_it_is_the_sum_over_pairs_of_different_points():
    first, second = np.random.default_rng(0).normal(size=(2, 5, 3)).astype(np.float32)

    def mean_kernel(one, other):
        pairs = [(x, y) for i, x in enumerate(one) for j, y in enumerate(other) if one is not other or i != j]
        return np.mean([math.exp(-0.5 * np.sum((x - y) ** 2) / 1.5**2) for x, y in pairs])

    expected = mean_kernel(first, first) + mean_kernel(second, second) - 2 * mean_kernel(first, second)
    found = mmd_squared(jnp.asarray(first), jnp.asarray(second), 1.5)
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_of_two_normal_distributions_it_is_what_theory_says():
    """In one dimension, width and both variances 1, means s apart: 2 (1 - exp(-s^2 / 6)) / sqrt(3)."""
    shift, repeats = 1.0, 30
    found = np.array(
        [mmd_squared(normal(2 * k, 200, 1), normal(2 * k + 1, 200, 1) + shift, 1.0) for k in range(repeats)]
    )
    expected, farther = (2 * (1 - math.exp(-(s**2) / 6)) / math.sqrt(3) for s in (shift, 1.2 * shift))
    error = found.std(ddof=1) / math.sqrt(repeats)
    assert abs(found.mean() - expected) < 4.3 * error
    assert abs(found.mean() - farther) > 4.3 * error


def test_of_one_distribution_it_is_nothing_relative_to_its_floor_and_of_two_it_is_much():
    first, second = normal(0), normal(1)
    width = median_distance(first, second)
    floor = float(split_half_floor(jax.random.key(2), first, width))
    assert abs(float(mmd_squared(first, second, width))) < 3 * floor
    assert float(mmd_squared(first, second + 1.0, width)) > 10 * floor


def test_it_does_not_change_when_the_plane_is_moved_turned_or_scaled():
    first, second = normal(0), 0.5 * normal(1)
    turn = jnp.array([[0.6, -0.8], [0.8, 0.6]])

    def moved(points):
        return 7.0 * jnp.matmul(points, turn, precision="highest") + 3.0

    there = mmd_squared(moved(first), moved(second), median_distance(moved(first), moved(second)))
    here = mmd_squared(first, second, median_distance(first, second))
    np.testing.assert_allclose(there, here, rtol=1e-3)
    # Its width goes with the points; one that stays gives another value.
    assert abs(float(mmd_squared(moved(first), moved(second), median_distance(first, second)) - here)) > 0.1 * here


def test_the_width_is_the_median_over_all_pairs():
    points = jnp.array([[0.0], [1.0], [3.0]])
    assert float(median_distance(points[:2], points[2:])) == 2.0


def test_too_few_points_are_refused():
    with pytest.raises(InputError, match="needs at least 4 points of each sample, not 3"):
        mmd_squared(normal(0, 3), normal(1), 1.0)
    with pytest.raises(InputError, match="needs at least 2 points, not 1"):
        median_distance(normal(0, 1), normal(0, 0))
