import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lcpjax.errors import InputError
from lcpjax.evaluation.samples.structure import height_profile, pair_correlation
from lcpjax.sampler import sample
from lcpjax.system import System
from lcpjax.system.barometric_law import fraction_below, height_of_fraction

SIDE = 10.0


def ideal_gas(num_configurations, num_particles=10, gamma=0.5, seed=0):
    """Independent particles under gravity, drawn exactly: (configurations, particles, 2)."""
    fractions = np.random.default_rng(seed).random((num_configurations, num_particles, 2))
    heights = height_of_fraction(fractions[..., 1], np.array(gamma), np.array(SIDE))
    return jnp.asarray(np.stack([SIDE * fractions[..., 0], heights], axis=-1), jnp.float32)


def largest_deviate(measured, expected, errors):
    """In standard errors, over bins that hold something."""
    return np.max(np.abs(measured - expected)[errors > 0] / errors[errors > 0])


def barometric(gamma, edges, num_particles=10):
    return num_particles * np.diff(fraction_below(edges, np.array(gamma), np.array(SIDE))) / np.diff(edges)


def test_the_height_profile_of_an_ideal_gas_is_the_barometric_law():
    edges, density, error = height_profile(ideal_gas(4000), SIDE, 20)
    assert largest_deviate(density, barometric(0.5, edges), error) < 4.3
    assert largest_deviate(density, barometric(0.45, edges), error) > 4.3


def test_the_height_profile_holds_all_particles_those_on_the_walls_too():
    positions = jnp.zeros((3, 4, 2)).at[:, 2:, 1].set(SIDE)
    edges, density, error = height_profile(positions, SIDE, 5)
    assert density.tolist() == [1.0, 0.0, 0.0, 0.0, 1.0]
    assert error.tolist() == [0.0] * 5
    assert np.sum(density * np.diff(edges)) == 4


def test_the_error_of_the_height_profile_is_that_of_independent_particles():
    error = height_profile(ideal_gas(20_000, gamma=0.0), SIDE, 4).standard_error
    # Binomial: 10 particles, a quarter in each bin, 20,000 times; a variance is known to sqrt(2 / 20,000).
    expected = np.sqrt(10 * 0.25 * 0.75 / 20_000) / 2.5
    np.testing.assert_allclose(error, expected, rtol=4.3 * 0.5 * (2 / 20_000) ** 0.5)


@pytest.mark.parametrize("gamma", [0.0, 1.0])
def test_the_pair_correlation_of_an_ideal_gas_is_one_whatever_walls_and_gravity_do(gamma):
    _, ratio, error = pair_correlation(ideal_gas(4000, gamma=gamma), 5.0, 25)
    # A jackknife over 20 blocks: Student's t with 19 degrees of freedom passes 5.8 as rarely as a normal number 4.3.
    assert largest_deviate(ratio, 1.0, error) < 5.8
    assert np.sqrt(np.mean(((ratio - 1) / error) ** 2)) < 2


def test_particles_that_go_in_pairs_are_seen_to():
    """The sibling: every second particle moved to 1.1 above its neighbour."""
    positions = ideal_gas(4000, gamma=0.0)
    paired = positions.at[:, 1::2].set(positions[:, ::2] + jnp.array([[[0.0, 1.1]]]))
    _, ratio, error = pair_correlation(paired, 5.0, 25)
    assert largest_deviate(ratio, 1.0, error) > 5.8
    # Five pairs of 45 more in a bin that holds about 2 pi r dr / L^2 = 1.4 % of all.
    assert ratio[5] > 5


def test_distances_of_known_configurations_are_counted_by_hand():
    """Two particles 1.5 apart, and the next configuration the same 3 further: between them 3, 4.5, 1.5 and 3."""
    first = jnp.array([[0.1, 0.0], [1.6, 0.0]])
    second = first + jnp.array([[3.0, 0.0]])
    edges, ratio, error = pair_correlation(jnp.stack([first, second, first, second]), 5.0, 5)
    assert edges.tolist() == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]
    # All pairs within at 1.5, a quarter of those between; half of them at 3 and a quarter at 4.5, none within.
    assert np.nan_to_num(ratio, nan=-1.0).tolist() == [-1.0, 4.0, -1.0, 0.0, 0.0]
    assert error[[1, 3, 4]].tolist() == [0.0, 0.0, 0.0]


def test_the_counting_factor_is_that_of_all_pairs():
    """Four equal configurations of two particles 1.5 apart: all pairs within, half of those between, are so far."""
    configuration = jnp.array([[1.0, 1.0], [1.0, 2.5]])
    _, ratio, error = pair_correlation(jnp.stack([configuration] * 4), 3.0, 3)
    assert ratio[:2].tolist() == [0.0, 2.0]
    assert np.isnan(ratio[2])
    assert error[1] == 0


@pytest.mark.slow
def test_the_sampled_fluid_has_a_core_and_a_first_shell():
    system = System()
    positions = sample(jax.random.key(0), system, jnp.full(256, 0.4), num_sweeps=300).positions
    edges, ratio, _ = pair_correlation(positions, 5.0, 50)
    centres = (edges[1:] + edges[:-1]) / 2
    assert np.all(ratio[centres < 0.8] == 0)
    assert 1.0 < centres[np.argmax(ratio)] < 1.3
    assert np.max(ratio) > 1.5


@pytest.mark.parametrize("shape", [(3, 2, 2), (8, 1, 2)])
def test_too_little_to_pair_is_refused(shape):
    with pytest.raises(InputError, match="at least 4 configurations of 2 particles"):
        pair_correlation(jnp.zeros(shape), 1.0)
    with pytest.raises(InputError, match="at least 2 configurations"):
        height_profile(jnp.zeros((1, 2, 2)), SIDE)
