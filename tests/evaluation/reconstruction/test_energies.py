import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lcpjax.errors import InputError
from lcpjax.evaluation.reconstruction.energies import (
    compare_energies,
    cut_pair_energies,
    energy_rise,
    noise_floor,
    pair_energies,
    with_gaussian_error,
)
from lcpjax.evaluation.reconstruction.reconstruction_error import aligned_rmsd, rmsd
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


def test_a_shift_of_all_energies_is_their_distance():
    fluid = np.linspace(-40.0, -20.0, 101)
    found = compare_energies(fluid + 2.9, fluid)
    assert found.wasserstein == pytest.approx(2.9, abs=1e-9)
    assert found.median == pytest.approx(-27.1)
    assert found.kolmogorov_smirnov == pytest.approx(15 / 101)  # 15 values lie below the first of the others
    assert found.clipped_fraction == 0.0


def test_an_overlap_counts_as_a_hundred_however_large():
    fluid = np.zeros(4)
    once, infinite = (compare_energies(np.array([0.0, 0.0, 0.0, value]), fluid) for value in (1e6, np.inf))
    assert once == infinite
    assert once.wasserstein == pytest.approx(25.0)
    assert once.clipped_fraction == 0.25


def test_the_floor_is_what_two_samples_of_one_distribution_differ_by_and_falls_with_their_number():
    few, many = (np.random.default_rng(0).normal(size=number) for number in (100, 6400))
    floors = [noise_floor(jax.random.key(0), each, np.zeros(len(each))).wasserstein for each in (few, many)]
    halves = [np.random.default_rng(seed).normal(size=(2, 50)) for seed in range(100)]
    expected = np.mean([compare_energies(*each).wasserstein for each in halves])
    # Of one sample of 100: its own spread is off by a tenth or so.
    assert floors[0] == pytest.approx(expected, rel=0.25)
    assert floors[1] == pytest.approx(floors[0] / 8, rel=0.3)


def test_halves_have_the_same_fraction_of_every_gamma():
    gamma = np.tile([0.1, 1.0], 50)
    assert noise_floor(jax.random.key(0), -30.0 * gamma, gamma).wasserstein == 0.0
    assert noise_floor(jax.random.key(0), -30.0 * gamma, np.zeros(100)).wasserstein > 0.5


def test_what_a_configuration_gained_has_no_scatter_of_the_fluid_in_it():
    fluid = np.random.default_rng(0).normal(-30.0, 8.0, 400)
    gained = np.random.default_rng(1).normal(0.05, 0.1, 400)
    found = energy_rise(fluid + gained, fluid)
    assert found.mean == pytest.approx(gained.mean())
    assert found.standard_error == pytest.approx(0.005, rel=0.1)
    assert energy_rise(np.array([np.inf, 0.0]), np.zeros(2)).mean == 50.0


@pytest.mark.parametrize("is_aligned", [False, True])
def test_gaussian_errors_have_the_rmsd_asked_for_of_every_configuration(is_aligned):
    truth = jax.random.uniform(jax.random.key(0), (2000, 6, 2), maxval=4.0)
    asked = jnp.where(jnp.arange(2000) < 1000, 0.05, 0.1)
    moved = with_gaussian_error(jax.random.key(1), truth, asked, is_aligned=is_aligned)
    deviation = np.asarray((aligned_rmsd if is_aligned else rmsd)(truth, moved))
    for half, expected in ((deviation[:1000], 0.05), (deviation[1000:], 0.1)):
        # 9,000 errors or more: 1 % is one standard error.
        assert float(np.sqrt(np.mean(half**2))) == pytest.approx(expected, rel=0.04)


def test_what_is_not_a_number_counts_as_an_overlap():
    assert compare_energies(np.array([0.0, np.nan]), np.zeros(2)) == compare_energies(
        np.array([0.0, np.inf]), np.zeros(2)
    )


def test_nothing_cannot_be_compared():
    with pytest.raises(InputError, match="energies: 0 and 3; both must be at least 1"):
        compare_energies(np.array([]), np.zeros(3))
    with pytest.raises(InputError, match="a split into halves needs at least 2"):
        noise_floor(jax.random.key(0), np.zeros(3), np.array([0.1, 1.0, 1.0]))
