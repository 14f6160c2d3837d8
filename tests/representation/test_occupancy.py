"""Images of configurations and back: exact where no cell holds two, and what happens where one does."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lcpjax.errors import InputError
from lcpjax.representation import OccupancyGrid

SIDE = 10.0
GRID = OccupancyGrid(16, SIDE, with_offsets=True)


def one_a_cell(number=12, seed=0):
    """Configurations of which no cell of GRID holds two, none near the side of a cell."""
    keys = jax.random.split(jax.random.key(seed), 3)
    cells = jnp.stack([jax.random.permutation(each, 16**2)[:number] for each in jax.random.split(keys[0], 5)])
    offsets = jax.random.uniform(keys[1], (5, number, 2), minval=-0.49, maxval=0.49)
    corners = jnp.stack([cells % 16, cells // 16], axis=-1).astype(jnp.float32)
    return (corners + 0.5 + offsets) * GRID.cell_side


def sorted_rows(positions):
    return np.array([sorted(map(tuple, each)) for each in np.asarray(positions).tolist()])


def test_positions_come_back_as_a_set_where_no_cell_holds_two():
    positions = one_a_cell()
    found = GRID.positions(GRID.represent(positions), 12)
    # float32 at 10 sigma.
    np.testing.assert_allclose(sorted_rows(found), sorted_rows(positions), atol=5e-6)


def test_offsets_beyond_a_cell_lead_to_its_side_and_not_to_the_next():
    image = GRID.represent(one_a_cell())
    beyond = image.at[..., 1:].mul(3.0)
    found = GRID.positions(beyond, 12)
    np.testing.assert_array_equal(GRID.represent(found)[..., 0], image[..., 0])
    # What lies within is left where it is: a third of them.
    moved = np.abs(np.asarray(GRID.represent(found)[..., 1:]))
    assert moved.max() == pytest.approx(0.5, abs=2e-4)
    within = np.abs(np.asarray(beyond[..., 1:])) < 0.49
    np.testing.assert_allclose(moved[within], np.abs(np.asarray(beyond[..., 1:]))[within], atol=1e-5)


def test_without_offsets_the_centres_of_cells_come_back():
    plain, positions = OccupancyGrid(16, SIDE), one_a_cell()
    found = plain.positions(plain.represent(positions), 12)
    np.testing.assert_array_equal(plain.represent(found), plain.represent(positions))
    # Cells of equal counts come in their own order.
    errors = np.asarray(found - GRID.positions(GRID.represent(positions), 12))
    assert np.abs(errors).max() <= 0.5 * plain.cell_side
    assert np.abs(errors).max() > 0.2 * plain.cell_side


def test_images_do_not_know_in_which_order_particles_came():
    positions = one_a_cell()
    np.testing.assert_allclose(GRID.represent(positions[:, ::-1]), GRID.represent(positions), atol=1e-6)


def test_two_in_one_cell_are_a_count_of_two_at_the_mean_of_their_places():
    grid = OccupancyGrid(2, 10.0, with_offsets=True)
    image = grid.represent(jnp.array([[[1.0, 1.0], [3.0, 2.0]]]))
    np.testing.assert_allclose(image[0, 0, 0], [2.0, (2.0 - 2.5) / 5, (1.5 - 2.5) / 5], atol=1e-6)
    found = grid.positions(image, 2)
    # One of them comes back there, the other at the centre of a cell where nobody is.
    np.testing.assert_allclose(found[0], [[2.0, 1.5], [7.5, 2.5]], atol=1e-6)


def test_what_is_outside_the_box_counts_at_its_wall_and_the_first_row_is_the_lowest():
    image = OccupancyGrid(2, 10.0).represent(jnp.array([[[-1.0, -1.0], [11.0, 0.0], [2.0, 10.0]]]))
    assert image.tolist() == [[[1.0, 1.0], [1.0, 0.0]]]


def test_a_grid_with_fewer_cells_than_particles_is_refused():
    grid = OccupancyGrid(2, 10.0)
    with pytest.raises(InputError, match="cells = 2: 4 cells cannot hold 5 particles"):
        grid.positions(jnp.zeros((1, 2, 2)), 5)


@pytest.mark.parametrize(("cells", "side", "complaint"), [(0, 4.0, "cells = 0"), (2, 0.0, "box_side = 0")])
def test_a_grid_without_cells_or_box_is_refused(cells, side, complaint):
    with pytest.raises(InputError, match=complaint):
        OccupancyGrid(cells, side)
