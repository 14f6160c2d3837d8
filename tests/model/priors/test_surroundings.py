import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lcpjax.model.priors import surroundings
from lcpjax.system import System, pair_energy

SYSTEM = System(num_particles=4, box_side=5.0, temperature=2.0)
ROWS = jnp.arange(4)
BEFORE = surroundings.before(ROWS, 4)


def some_positions(batch=3):
    positions = np.random.default_rng(0).uniform(0.0, 5.0, (batch, 4, 2)).astype(np.float32)
    return jnp.asarray(np.take_along_axis(positions, positions[..., 1].argsort(-1)[..., None], 1))


def mirrored(positions):
    return positions.at[..., 0].set(5.0 - positions[..., 0])


def test_the_boltzmann_factor_is_that_of_the_energy_that_a_particle_adds():
    positions = some_positions()
    places, heights = jnp.array([1.0, 2.5]), positions[..., 1] + 0.1
    factors = surroundings.log_boltzmann_factors(positions, heights, places, ROWS, SYSTEM)
    added = jnp.stack([places[1], heights[0, 3]])
    with_it = pair_energy(jnp.concatenate([positions[0, :3], added[None]]))
    expected = -float(with_it - pair_energy(positions[0, :3])) / SYSTEM.temperature
    assert factors[0, 3, 1] == pytest.approx(np.logaddexp(expected, -12.0), abs=1e-3)
    np.testing.assert_allclose(factors[:, 0], 0.0, atol=1e-5)  # nothing below the lowest


def test_boltzmann_factors_of_any_rows_are_those_of_all_of_them():
    """All rows are taken in parts, each with the particles before its last; one row alone is not."""
    system = System(num_particles=20, box_side=5.0)
    positions = jax.random.uniform(jax.random.key(0), (2, 20, 2), maxval=5.0)
    places, heights = jnp.linspace(0.0, 5.0, 7), positions[..., 1]
    together = surroundings.log_boltzmann_factors(positions, heights, places, jnp.arange(20), system)
    for row in (0, 7, 19):
        rows = jnp.array([row])
        alone = surroundings.log_boltzmann_factors(positions, heights[:, rows], places, rows, system)
        np.testing.assert_allclose(alone[:, 0], together[:, row], atol=1e-4)
    squared = jnp.sum((jnp.stack([places[2], heights[0, 19]])[None] - positions[0, :19]) ** 2, axis=-1)
    energy = float(jnp.sum(system.pair_energy_fn(squared))) / system.temperature
    assert together[0, 19, 2] == pytest.approx(np.logaddexp(-min(energy, 48.0), -12.0), abs=1e-3)


def test_overlap_leaves_a_floor():
    positions = some_positions()
    factors = surroundings.log_boltzmann_factors(positions, positions[..., 1], positions[0, :1, 0], ROWS, SYSTEM)
    assert jnp.all(jnp.isfinite(factors))
    assert float(jnp.min(factors)) >= -12.001


def test_a_mirror_image_has_mirrored_fields_and_the_same_particles():
    positions, places = some_positions(), jnp.linspace(0.0, 5.0, 11)
    there, here = (surroundings.fields(p, p[..., 1], places, BEFORE) for p in (mirrored(positions), positions))
    np.testing.assert_allclose(there, here[:, :, ::-1], atol=1e-5)
    there, here = (
        surroundings.of_particles(p, jnp.arange(p.shape[1]), SYSTEM) for p in (mirrored(positions), positions)
    )
    np.testing.assert_allclose(there, here, atol=1e-4)


def test_no_gradient_goes_back_to_the_positions():
    def total(positions):
        fields = surroundings.fields(positions, positions[..., 1], jnp.linspace(0.0, 5.0, 3), BEFORE)
        return jnp.sum(fields) + jnp.sum(surroundings.of_particles(positions, jnp.arange(positions.shape[1]), SYSTEM))

    assert not jnp.any(jax.grad(total)(some_positions()))
