"""The exact ratio against brute force: every set of particles, every pair of origins."""

import itertools
import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lcpjax.dataset.perturbed_sets import displace_particles, thrown_back
from lcpjax.errors import InputError
from lcpjax.evaluation.anomalies import Displacement, displacement_by_model, displacement_ratio
from lcpjax.evaluation.anomalies.displacement_ratio import ring_steps
from lcpjax.evaluation.anomalies.subsets import log_symmetric, probability_of_each
from lcpjax.system import System, pair_energy
from tests.evaluation.ideal_fluid import free_energy

SYSTEM = System(num_particles=3, box_side=4.0)
FLUID = free_energy()
# Two of them nearly in contact, one at a wall.
POSITIONS = jnp.array([[[1.0, 1.0], [2.05, 1.1], [3.95, 2.0]]])


def log_density(positions):
    energy = pair_energy(positions, SYSTEM.pair_energy_fn)
    falls = -jnp.asarray(FLUID.gamma, jnp.float32) * jnp.sum(positions[:, 1])
    constants = jnp.asarray(FLUID.log_partition_function, jnp.float32)
    return -energy + jax.nn.logsumexp(falls - constants)


@jax.jit
def of_many(positions):
    return jax.lax.map(log_density, positions, batch_size=512)


@pytest.fixture(scope="module")
def by_brute_force():
    """ln p' / p and the probabilities, two displaced of three, over all pairs of the same nodes."""
    steps = ring_steps(0.3, 12, 24)
    first, second = jnp.repeat(steps, len(steps), axis=0), jnp.tile(steps, (len(steps), 1))

    @jax.jit
    def of_pair(one, other):
        def of(a, b):
            x = POSITIONS[0].at[one].add(a).at[other].add(b)
            return log_density(thrown_back(x, 4.0))

        return jax.nn.logsumexp(jax.lax.map(lambda each: of(*each), (first, second), batch_size=4096))

    sets = list(itertools.combinations(range(3), 2))
    each = np.array([float(of_pair(*one)) for one in sets]) - 2 * math.log(len(steps))
    each -= float(log_density(POSITIONS[0]))
    fractions = np.exp(each - np.logaddexp.reduce(each))
    probability = [sum(fraction for fraction, one in zip(fractions, sets, strict=True) if i in one) for i in range(3)]
    return np.logaddexp.reduce(each) - math.log(3), np.array(probability)


@pytest.fixture(scope="module")
def many():
    about = Displacement(0.3, 2, stays_inside=True)
    found = displacement_ratio(jax.random.key(0), SYSTEM, FLUID, jnp.repeat(POSITIONS, 40, axis=0), about)
    return jax.tree.map(lambda part: np.asarray(part, np.float64), found)


def test_the_ratio_is_that_of_all_sets_and_all_origins(many, by_brute_force):
    ratios = np.exp(many.log_ratio - by_brute_force[0])
    error = ratios.std(ddof=1) / math.sqrt(len(ratios))
    # Draws are unbiased; float32 leaves 1e-5.
    assert abs(ratios.mean() - 1) < 4.3 * error + 1e-5
    assert error < 0.02


def test_particles_apart_have_another_one(many, by_brute_force):
    assert abs(many.of_particles_apart[0] - by_brute_force[0]) > 0.02


def test_the_probability_of_each_particle_is_that_of_the_sets_it_is_in(many, by_brute_force):
    mean = many.probability.mean(axis=0)
    errors = many.probability.std(axis=0, ddof=1) / math.sqrt(len(many.probability))
    # The mean of fractions is biased by the inverse of the 2,048 draws, and by as much again where noise is taken out.
    assert np.all(np.abs(mean - by_brute_force[1]) < 4.3 * errors + 0.001)
    np.testing.assert_allclose(many.probability.sum(axis=1), 2.0, rtol=1e-4)


def test_particles_apart_have_other_probabilities(many, by_brute_force):
    """The sibling: without the correction the check above fails."""
    apart = displacement_by_model(of_many, SYSTEM, POSITIONS, Displacement(0.3, 2, stays_inside=True), 64)
    assert np.abs(apart.probability[0] - by_brute_force[1]).max() > 0.01


def test_a_particle_outside_the_box_was_displaced_for_certain():
    outside = POSITIONS.at[0, 2, 0].set(4.05)
    found = displacement_ratio(jax.random.key(0), SYSTEM, FLUID, outside, Displacement(0.3, 1, stays_inside=False))
    assert float(found.log_ratio[0]) > 900
    assert float(found.probability[0, 2]) == pytest.approx(1.0, abs=1e-4)


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


def test_a_model_that_is_the_fluid_gives_the_ratio_of_particles_apart():
    about = Displacement(0.3, 2, stays_inside=True)

    own = displacement_by_model(of_many, SYSTEM, POSITIONS, about, 64)
    exact = displacement_ratio(jax.random.key(0), SYSTEM, FLUID, POSITIONS, about)
    # Of 64 nodes in four rings against 288 in twelve.
    assert own.log_ratio[0] == pytest.approx(float(exact.of_particles_apart[0]), abs=0.05)
    assert own.probability.sum() == pytest.approx(2.0, rel=1e-4)


def test_more_displaced_particles_than_there_are_are_refused():
    with pytest.raises(InputError, match="num_displaced = 4: must be 1 to 3"):
        displacement_ratio(jax.random.key(0), SYSTEM, FLUID, POSITIONS, Displacement(0.3, 4, stays_inside=True))


def test_a_particle_too_far_away_to_have_come_from_the_box_was_displaced_for_certain():
    far = jnp.concatenate([POSITIONS.at[0, 2].set(value) for value in (10.0, 1e3, 1e25)])
    found = displacement_ratio(jax.random.key(0), SYSTEM, FLUID, far, Displacement(0.3, 2, stays_inside=True))
    assert np.all(np.asarray(found.log_ratio) > 900)
    np.testing.assert_allclose(found.probability[:, 2], 1.0, atol=1e-4)


def test_by_a_model_too_whose_density_overflows_there():
    def overflowing(positions):
        return jnp.where(jnp.any(positions > 4.0, axis=(1, 2)), jnp.nan, jnp.zeros(len(positions)))

    far, about = POSITIONS.at[0, 2].set(1e25), Displacement(0.3, 1, stays_inside=True)
    found = displacement_by_model(overflowing, SYSTEM, far, about, 4)
    assert found.log_ratio[0] > 900
    np.testing.assert_allclose(found.probability, [[0.0, 0.0, 1.0]])
