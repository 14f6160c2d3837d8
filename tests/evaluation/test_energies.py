import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lcpjax.evaluation import (
    EnergyError,
    compare_energies,
    cut_pair_energies,
    noise_floor,
    pair_energies,
    smallest_distances,
    with_gaussian_error,
)
from lcpjax.system import System, lennard_jones, pair_energy

SYSTEM = System(num_particles=6, box_side=4.0)
POSITIONS = jax.random.uniform(jax.random.key(0), (5, 6, 2), maxval=4.0)


def test_every_configuration_has_its_own_pair_energy_and_nothing_is_clipped():
    overlapping = POSITIONS.at[1, 0].set(POSITIONS[1, 1])
    energies = pair_energies(overlapping, SYSTEM)
    np.testing.assert_allclose(energies[0], pair_energy(POSITIONS[0]), rtol=1e-6)
    assert jnp.isposinf(energies[1])


def test_with_the_cut_an_overlap_counts_nothing_and_all_else_as_before():
    """The study's cut: a Lennard-Jones pair in contact has no energy."""
    three = jnp.array([[[0.0, 0.0], [0.2, 0.0], [3.0, 0.0]]])
    kept = lennard_jones(jnp.array(9.0)) + lennard_jones(jnp.array(2.8**2))
    np.testing.assert_allclose(cut_pair_energies(three, System(3, 4.0)), [kept], rtol=1e-5)
    assert float(pair_energies(three, System(3, 4.0))[0]) > 1e6


def test_the_smallest_distance_is_that_of_the_nearest_pair():
    apart = np.asarray(POSITIONS)[:, :, None] - np.asarray(POSITIONS)[:, None]
    distances = np.linalg.norm(apart, axis=-1) + 100 * np.eye(6)
    np.testing.assert_allclose(smallest_distances(POSITIONS), distances.min(axis=(1, 2)), rtol=1e-5)


def test_a_shift_of_all_energies_is_their_distance():
    fluid = np.linspace(-40.0, -20.0, 101)
    found = compare_energies(fluid + 2.9, fluid)
    assert found.wasserstein == pytest.approx(2.9, abs=1e-9)
    assert found.median == pytest.approx(-27.1)
    assert found.kolmogorov_smirnov == pytest.approx(15 / 101)  # 15 values lie below the first of the others
    assert found.clipped_share == 0.0


def test_an_overlap_counts_as_a_hundred_however_large():
    fluid = np.zeros(4)
    once, infinite = (compare_energies(np.array([0.0, 0.0, 0.0, value]), fluid) for value in (1e6, np.inf))
    assert once == infinite
    assert once.wasserstein == pytest.approx(25.0)
    assert once.clipped_share == 0.25


def test_the_floor_is_what_two_samples_of_one_law_differ_by_and_falls_with_their_number():
    few, many = (np.random.default_rng(0).normal(size=number) for number in (100, 6400))
    floors = [noise_floor(jax.random.key(0), each).wasserstein for each in (few, many)]
    halves = [np.random.default_rng(seed).normal(size=(2, 50)) for seed in range(100)]
    expected = np.mean([compare_energies(*each).wasserstein for each in halves])
    # Of one sample of 100: its own spread is off by a tenth or so.
    assert floors[0] == pytest.approx(expected, rel=0.25)
    assert floors[1] == pytest.approx(floors[0] / 8, rel=0.3)


def test_gaussian_errors_have_the_rmsd_asked_for():
    positions = jnp.zeros((2000, 6, 2))
    moved = with_gaussian_error(jax.random.key(1), positions, 0.3)
    found = float(jnp.sqrt(jnp.mean(jnp.sum(moved**2, axis=-1))))
    # 24,000 numbers: 0.5 % is one standard error.
    assert found == pytest.approx(0.3, rel=0.02)


def test_nothing_cannot_be_compared():
    with pytest.raises(EnergyError, match="energies: 0 and 3; both must be at least 1"):
        compare_energies(np.array([]), np.zeros(3))
    with pytest.raises(EnergyError, match="a split into halves needs at least 2"):
        noise_floor(jax.random.key(0), np.zeros(1))
