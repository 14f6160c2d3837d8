import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lcpjax.system import PAIR_POTENTIALS, lennard_jones, pair_energy, total_energy

FORMULAS = {
    "lennard_jones": lambda r: 4.0 * (r**-12 - r**-6),
    "soft_power": lambda r: 4.0 * (r**-4 - r**-2),
}


def double_loop(positions, gamma, formula):
    energy = gamma * positions[:, 1].sum()
    for i in range(len(positions)):
        for j in range(i):
            energy += formula(np.linalg.norm(positions[i] - positions[j]))
    return energy


def spread_out(seed, num_particles=30):
    """Particles near a square grid, so that no energy is astronomically large."""
    generator = np.random.default_rng(seed)
    grid = np.stack(np.meshgrid(np.arange(6), np.arange(6)), axis=-1).reshape(-1, 2)[:num_particles] * 1.6
    return grid + generator.uniform(0, 0.4, grid.shape)


@pytest.mark.parametrize("name", PAIR_POTENTIALS)
@pytest.mark.parametrize("seed", range(3))
def test_the_energy_is_that_of_a_plain_double_loop(name, seed):
    positions, gamma = spread_out(seed), 0.7
    expected = double_loop(positions, gamma, FORMULAS[name])
    energy = total_energy(jnp.asarray(positions, jnp.float32), gamma, PAIR_POTENTIALS[name])
    # 435 terms of size 1 or less plus 30 heights of up to 9: float32 rounding of the coordinates
    # (1e-7 relative) times the slope of the potential, summed.
    np.testing.assert_allclose(energy, expected, atol=435 * 9 * np.finfo(np.float32).eps)


def test_relabelling_particles_changes_nothing():
    positions = jnp.asarray(spread_out(0), jnp.float32)
    shuffled = jax.random.permutation(jax.random.key(1), positions, axis=0)
    np.testing.assert_allclose(total_energy(shuffled, 0.4), total_energy(positions, 0.4), rtol=1e-5)


def test_the_pair_energy_keeps_every_rigid_motion_and_gravity_only_the_sideways_ones():
    positions = jnp.asarray(spread_out(0), jnp.float32)
    turned, lifted = positions[:, ::-1] * jnp.array([[1.0, -1.0]]), positions + jnp.array([[0.0, 1.0]])
    sideways, mirrored = positions + jnp.array([[1.0, 0.0]]), positions * jnp.array([[-1.0, 1.0]])
    for moved in (turned, lifted, sideways, mirrored):
        np.testing.assert_allclose(pair_energy(moved), pair_energy(positions), rtol=1e-4)
    for moved in (sideways, mirrored):
        np.testing.assert_allclose(total_energy(moved, 0.4), total_energy(positions, 0.4), rtol=1e-4)
    # Lifting 30 particles by 1 costs 30 gamma.
    np.testing.assert_allclose(total_energy(lifted, 0.4) - total_energy(positions, 0.4), 12.0, rtol=1e-3)


def test_two_particles_on_one_point_have_infinite_energy():
    assert float(total_energy(jnp.zeros((2, 2)), 0.1, lennard_jones)) == np.inf
