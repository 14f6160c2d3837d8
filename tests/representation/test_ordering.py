import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from lcpjax.errors import InputError
from lcpjax.representation import distance_matrix, learn_template, order_particles
from lcpjax.representation.hilbert import hilbert_index
from lcpjax.representation.ordering import by_height, by_hilbert_curve

POSITIONS = jax.random.uniform(jax.random.key(0), (7, 12, 2)) * 10.0
TEMPLATE = jax.random.uniform(jax.random.key(1), (12, 2)) * 10.0


def test_the_curve_visits_every_cell_once_and_goes_from_each_to_a_neighbour():
    cells = np.array(list(itertools.product(range(16), range(16))), np.float32) + 0.5
    # The last cell's far corner gives the square its side of 16.
    index = np.asarray(hilbert_index(jnp.asarray(np.concatenate([cells, [[16.0, 16.0]]], dtype=np.float32))))[:-1]
    visited = cells[np.argsort(index)]
    assert len(np.unique(index)) == 256
    steps = np.abs(np.diff(visited, axis=0)).sum(axis=1)
    assert (steps == 1).all()


def test_the_curve_does_not_depend_on_the_unit_of_length():
    np.testing.assert_array_equal(hilbert_index(POSITIONS), hilbert_index(4.0 * POSITIONS))


def test_the_lowest_particle_comes_first_and_its_neighbours_follow():
    for ordered in np.asarray(order_particles(POSITIONS, "lowest")):
        assert ordered[0, 1] == ordered[:, 1].min()
        assert (np.diff(np.linalg.norm(ordered - ordered[0], axis=1)) >= 0).all()


def test_assignments_cost_what_scipys_do():
    for positions, ordered in zip(POSITIONS, order_particles(POSITIONS, "template", TEMPLATE), strict=True):
        costs = np.sum((np.asarray(TEMPLATE)[:, None] - np.asarray(positions)[None]) ** 2, axis=-1, dtype=np.float64)
        rows, columns = linear_sum_assignment(costs)
        np.testing.assert_array_equal(np.asarray(positions)[columns], ordered)
        assert costs[rows, columns].sum() == pytest.approx(float(jnp.sum((ordered - TEMPLATE) ** 2)), rel=1e-5)


def test_template_order_is_a_function_of_the_set_of_particles_and_keeps_them_all():
    ordered = order_particles(POSITIONS, "template", TEMPLATE)
    shuffled = jax.random.permutation(jax.random.key(2), POSITIONS, axis=1)
    assert bool((order_particles(shuffled, "template", TEMPLATE) == ordered).all())
    for first, second in zip(np.asarray(ordered), np.asarray(POSITIONS), strict=True):
        assert sorted(map(tuple, first)) == sorted(map(tuple, second))


def test_one_configuration_is_ordered_as_in_a_batch():
    one = order_particles(POSITIONS[3], "template", TEMPLATE)
    assert bool((one == order_particles(POSITIONS, "template", TEMPLATE)[3]).all())


def test_a_template_is_found_again_from_noisy_copies_with_particles_in_any_order():
    keys = jax.random.split(jax.random.key(3), 60)
    grid = jnp.stack(jnp.meshgrid(jnp.arange(4.0), jnp.arange(3.0)), axis=-1).reshape(12, 2) * 2.0
    noisy = jax.vmap(lambda key: jax.random.permutation(key, grid, axis=0))(keys)
    noisy = noisy + 0.1 * jax.random.normal(jax.random.key(4), noisy.shape)
    template = learn_template(noisy, by_height)
    # In any order itself: every place of the grid has one particle of the template at it.
    distances = jnp.linalg.norm(template[:, None] - grid[None], axis=-1)
    assert sorted(jnp.argmin(distances, axis=1).tolist()) == list(range(12))
    # Sixty copies with a noise of 0.1 each.
    assert float(distances.min(axis=1).max()) < 4.3 * 0.1 / np.sqrt(60) * np.sqrt(2)


def test_a_template_starts_from_the_hilbert_curve_unless_told_otherwise():
    assert bool((learn_template(POSITIONS) == learn_template(POSITIONS, by_hilbert_curve)).all())
    assert not bool((learn_template(POSITIONS) == learn_template(POSITIONS, by_height)).all())


@pytest.mark.parametrize("num_gammas", [2, 4, 8])
def test_a_template_is_learned_from_all_gammas_however_they_take_turns(num_gammas):
    # Two particles far apart whose height is the index of their gamma.
    turn = jnp.arange(8192.0) % num_gammas
    x = jnp.broadcast_to(jnp.array([0.0, 100.0]), (8192, 2))
    heights = learn_template(jnp.stack([x, jnp.stack([turn, turn], axis=1)], axis=-1))[:, 1]
    # The mean of 1,024 of them, drawn.
    error = np.sqrt((num_gammas**2 - 1) / 12 / 1024)
    np.testing.assert_allclose(heights, (num_gammas - 1) / 2, atol=4.3 * error)


@pytest.mark.parametrize("ordering", ["none", "height", "lowest", "hilbert", "template"])
def test_an_order_needs_coordinates_and_says_so_when_it_gets_distances(ordering):
    template = TEMPLATE if ordering == "template" else None
    with pytest.raises(
        InputError, match=rf"ordering = {ordering}: needs coordinates .* not distance matrices of shape"
    ):
        order_particles(distance_matrix(POSITIONS), ordering, template)
    with pytest.raises(InputError, match=r"not an array of shape \(12,\)"):
        order_particles(jnp.zeros(12), ordering, template)


@pytest.mark.parametrize("value", [jnp.nan, jnp.inf])
def test_coordinates_that_are_not_finite_are_refused_in_one_line(value):
    broken = POSITIONS.at[3, 1, 0].set(value)
    with pytest.raises(InputError, match="ordering = height: 1 of 168 coordinates are not finite"):
        order_particles(broken, "height")
    with pytest.raises(InputError, match="1 of 168 coordinates are not finite"):
        learn_template(broken)


def test_inside_a_compiled_function_values_are_not_looked_at_and_shapes_are():
    ordered = jax.jit(lambda positions: order_particles(positions, "height"))
    assert bool(jnp.isnan(ordered(POSITIONS.at[3, 1, 0].set(jnp.nan))).any())
    with pytest.raises(InputError, match="needs coordinates"):
        ordered(distance_matrix(POSITIONS))


@pytest.mark.parametrize("positions", [POSITIONS[:0], POSITIONS[0], POSITIONS[:, :0]])
def test_a_template_needs_a_configuration_to_learn_from(positions):
    with pytest.raises(InputError, match="at least one configuration of one particle"):
        learn_template(positions)


@pytest.mark.parametrize(
    ("ordering", "template", "complaint"),
    [
        ("template", None, "needs a template"),
        ("template", TEMPLATE[:5], "the template has shape"),
        ("height", TEMPLATE, "takes no template"),
        ("templte", None, "did you mean 'template'"),
    ],
)
def test_what_cannot_be_ordered_is_refused_in_one_line(ordering, template, complaint):
    with pytest.raises(InputError, match=complaint):
        order_particles(POSITIONS, ordering, template)
