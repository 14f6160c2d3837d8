"""The exact ratio against brute force: every set of particles, every pair of origins."""

import itertools
import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lcpjax.dataset.perturbed_sets import Displacement, displace_particles
from lcpjax.errors import InputError
from lcpjax.evaluation.anomalies import displacement_ratio
from lcpjax.evaluation.anomalies.subsets import log_symmetric, probability_of_each
from lcpjax.system import System
from tests.evaluation.anomalies.three_particles import FLUID, POSITIONS, SYSTEM, by_brute_force


@pytest.fixture(scope="module")
def many():
    about = Displacement(0.3, 2, stays_inside=True)
    found = displacement_ratio(jax.random.key(0), SYSTEM, FLUID, jnp.repeat(POSITIONS, 40, axis=0), about)
    return jax.tree.map(lambda part: np.asarray(part, np.float64), found)


def test_the_ratio_is_that_of_all_sets_and_all_origins(many):
    ratios = np.exp(many.log_ratio - by_brute_force()[0])
    error = ratios.std(ddof=1) / math.sqrt(len(ratios))
    # Draws are unbiased; float32 leaves 1e-5.
    assert abs(ratios.mean() - 1) < 4.3 * error + 1e-5
    assert error < 0.02


def test_particles_apart_have_another_one(many):
    assert abs(many.of_particles_apart[0] - by_brute_force()[0]) > 0.02


def test_the_probability_of_each_particle_is_that_of_the_sets_it_is_in(many):
    mean = many.probability.mean(axis=0)
    errors = many.probability.std(axis=0, ddof=1) / math.sqrt(len(many.probability))
    # The mean of fractions is biased by the inverse of the 2,048 draws, and by as much again where noise is taken out.
    assert np.all(np.abs(mean - by_brute_force()[1]) < 4.3 * errors + 0.001)
    np.testing.assert_allclose(many.probability.sum(axis=1), 2.0, rtol=1e-4)


def test_a_particle_outside_the_box_was_displaced_for_certain():
    outside = POSITIONS.at[0, 2, 0].set(4.05)
    found = displacement_ratio(jax.random.key(0), SYSTEM, FLUID, outside, Displacement(0.3, 1, stays_inside=False))
    assert float(found.log_ratio[0]) > 900
    assert float(found.probability[0, 2]) == pytest.approx(1.0, abs=1e-4)


@pytest.mark.slow
def test_displaced_configurations_have_a_larger_ratio_than_they_had_before():
    grid = jnp.stack(jnp.meshgrid(jnp.arange(4.0), jnp.arange(4.0)), axis=-1).reshape(-1, 2) * 1.1 + 0.4
    system, about = System(num_particles=16, box_side=4.2), Displacement(0.2, 4, stays_inside=True)
    normal = jnp.repeat(grid[None], 16, axis=0)
    moved = displace_particles(jax.random.key(1), normal, system, 0.2, stays_inside=True)
    ratios = [
        np.asarray(displacement_ratio(jax.random.key(2), system, FLUID, each, about).log_ratio)
        for each in (normal, moved.positions)
    ]
    # All of 16: by chance once in 65,000.
    assert np.all(ratios[1] > ratios[0].mean())


def test_symmetric_polynomials_are_sums_over_sets():
    values = np.array([0.5, 2.0, 3.0, 7.0])
    products = [math.prod(one) for one in itertools.combinations(values, 2)]
    log_r = jnp.log(jnp.asarray(values, jnp.float32))
    assert math.exp(log_symmetric(log_r, 2)[-1, -1]) == pytest.approx(sum(products), rel=1e-5)
    with_last = sum(7.0 * each for each in values[:3])
    assert float(probability_of_each(log_r, 2)[3]) == pytest.approx(with_last / sum(products), rel=1e-5)


def test_more_displaced_particles_than_there_are_are_refused():
    with pytest.raises(InputError, match="num_displaced = 4: must be 1 to 3"):
        displacement_ratio(jax.random.key(0), SYSTEM, FLUID, POSITIONS, Displacement(0.3, 4, stays_inside=True))


def test_a_particle_too_far_away_to_have_come_from_the_box_was_displaced_for_certain():
    far = jnp.concatenate([POSITIONS.at[0, 2].set(value) for value in (10.0, 1e3, 1e25)])
    found = displacement_ratio(jax.random.key(0), SYSTEM, FLUID, far, Displacement(0.3, 2, stays_inside=True))
    assert np.all(np.asarray(found.log_ratio) > 900)
    np.testing.assert_allclose(found.probability[:, 2], 1.0, atol=1e-4)
