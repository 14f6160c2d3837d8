"""F1 of cells, RMSD without names, and how much of an image is a mean: exact values and what they must tell apart."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lcpjax.experiments.occupancy_images.occupied_cells import (
    assigned_rmsd,
    cell_f1,
    chance_f1,
    fraction_of_mean_image,
    fraction_of_rows,
    fraction_that_share_a_cell,
    image_f1,
)
from lcpjax.representation import OccupancyGrid

SIDE = 4.0
UNIFORM = SIDE * jax.random.uniform(jax.random.key(0), (4000, 3, 2))


def test_f1_counts_hits_over_the_mean_of_decoded_and_true_cells():
    true = jnp.array([[[0.5, 0.5], [1.5, 0.5], [2.5, 0.5]]])
    found = jnp.array([[[0.6, 0.4], [1.5, 1.5], [2.5, 2.5]]])
    assert cell_f1(true, true, 4, SIDE) == 1.0
    assert cell_f1(true, found, 4, SIDE) == pytest.approx(1 / 3)
    # Two in one cell are one decoded cell.
    assert cell_f1(true, jnp.array([[[0.5, 0.5], [0.6, 0.6], [3.5, 3.5]]]), 4, SIDE) == pytest.approx(2 / 5)


def test_chance_is_what_random_cells_have():
    keys = jax.random.split(jax.random.key(1), len(UNIFORM))
    guesses = jax.vmap(lambda key: jax.random.permutation(key, 16)[:3])(keys)
    centres = jnp.stack([guesses % 4, guesses // 4], axis=-1).astype(jnp.float32) + 0.5
    found = cell_f1(UNIFORM, centres, 4, SIDE)
    # Hits of 12,000 guesses, each with a chance of 0.18: three standard errors.
    assert found == pytest.approx(chance_f1(UNIFORM, 4, SIDE), abs=0.011)
    assert cell_f1(UNIFORM, UNIFORM, 4, SIDE) > chance_f1(UNIFORM, 4, SIDE) + 0.5


def test_the_same_image_for_all_is_right_where_particles_usually_are():
    low = UNIFORM * jnp.array([1.0, 0.25])[None, None]
    lowest_row = jnp.zeros((4, 4)).at[0].set(1.0)
    assert image_f1(low, lowest_row, SIDE) > 0.6
    assert image_f1(low, lowest_row[::-1], SIDE) == 0.0


def test_shared_cells_are_counted_by_configuration_and_by_cell():
    positions = jnp.array([[[0.5, 0.5], [0.6, 0.6], [2.5, 0.5]], [[0.5, 0.5], [1.5, 0.5], [2.5, 0.5]]])
    assert fraction_that_share_a_cell(positions, 4, SIDE) == (0.5, 0.2)


def test_rmsd_takes_particles_by_the_best_assignment_and_moves_nothing():
    positions = UNIFORM[:20]
    np.testing.assert_allclose(assigned_rmsd(positions, positions[:, ::-1]), 0.0, atol=1e-7)
    shifted = assigned_rmsd(positions, positions + jnp.array([0.01, 0.0])[None, None])
    # float32 at 4 sigma.
    np.testing.assert_allclose(shifted, 0.01, rtol=1e-3)


def test_what_draws_one_image_is_distinguished_from_what_draws_its_input():
    grid = OccupancyGrid(4, SIDE)
    tilted = UNIFORM**2 / SIDE
    images = np.asarray(grid.represent(tilted)) > 0
    mean = images.mean(axis=0)
    faint = np.broadcast_to(0.3 * mean + 0.1, images.shape)
    assert fraction_of_mean_image(faint, mean) == pytest.approx(1.0)
    assert fraction_of_mean_image(images, mean) < 0.3
    rows = np.broadcast_to(np.arange(4.0)[:, None], images.shape)
    assert fraction_of_rows(rows) == pytest.approx(1.0)
    assert fraction_of_rows(np.swapaxes(rows, 1, 2)) == pytest.approx(0.0)
    assert 0.0 < fraction_of_rows(images) < 0.6
