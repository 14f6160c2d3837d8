import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.spatial.distance import cdist

from lcpjax.errors import InputError
from lcpjax.representation import (
    ORDERINGS,
    REPRESENTATIONS,
    Representation,
    distance_matrix,
    learn_normalisation,
    order_particles,
)

POSITIONS = jax.random.uniform(jax.random.key(0), (7, 12, 2)) * 10.0


def sorted_pairs(positions):
    return sorted(map(tuple, np.asarray(positions).tolist()))


@pytest.mark.parametrize("ordering", ORDERINGS)
def test_ordering_keeps_every_particle(ordering):
    ordered = order_particles(POSITIONS, ordering)
    assert ordered.shape == POSITIONS.shape
    assert all(sorted_pairs(a) == sorted_pairs(b) for a, b in zip(ordered, POSITIONS, strict=True))


@pytest.mark.parametrize("ordering", [name for name in ORDERINGS if name != "none"])
def test_an_ordering_is_a_function_of_the_set_of_particles(ordering):
    shuffled = jax.random.permutation(jax.random.key(1), POSITIONS, axis=1)
    assert bool((order_particles(shuffled, ordering) == order_particles(POSITIONS, ordering)).all())


def test_the_check_for_a_function_of_the_set_fails_without_an_order():
    shuffled = jax.random.permutation(jax.random.key(1), POSITIONS, axis=1)
    assert not bool((order_particles(shuffled, "none") == order_particles(POSITIONS, "none")).all())


def test_height_order_goes_up():
    assert bool((jnp.diff(order_particles(POSITIONS, "height")[..., 1], axis=-1) >= 0).all())


def test_unknown_names_are_refused_with_the_nearest():
    with pytest.raises(InputError, match="did you mean 'height'"):
        order_particles(POSITIONS, "heigth")
    with pytest.raises(InputError, match="did you mean 'distance_matrix'"):
        Representation("distance_matrx")
    with pytest.raises(InputError, match="ordering = hight"):
        Representation("distance_matrix", "hight")


def test_distances_are_those_of_scipy():
    for positions, matrix in zip(POSITIONS, distance_matrix(POSITIONS), strict=True):
        # float32: rounding of coordinates of size 10, amplified where particles are close.
        np.testing.assert_allclose(matrix, cdist(positions, positions), atol=1e-5)


def test_a_distance_matrix_is_symmetric_with_a_zero_diagonal_and_obeys_the_triangle_inequality():
    matrix = np.asarray(distance_matrix(POSITIONS))
    assert (matrix == matrix.transpose(0, 2, 1)).all()
    assert (np.diagonal(matrix, axis1=1, axis2=2) == 0).all()
    detours = matrix[:, :, :, None] + matrix[:, None, :, :]
    assert (matrix[:, :, None, :] <= detours.transpose(0, 1, 2, 3) + 1e-5).all()


def test_distances_survive_any_rigid_motion_and_mirror():
    angle = 0.7
    rotation = jnp.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    moved = POSITIONS @ rotation.T + jnp.array([[[3.0, -2.0]]])
    for image in (moved, POSITIONS * jnp.array([[[-1.0, 1.0]]])):
        np.testing.assert_allclose(distance_matrix(image), distance_matrix(POSITIONS), atol=2e-5)


def test_the_gradient_of_a_distance_is_finite_where_particles_coincide():
    gradient = jax.grad(lambda positions: distance_matrix(positions).sum())(jnp.zeros((3, 2)))
    assert bool((gradient == 0).all())


def test_a_coordinate_that_is_not_a_number_is_not_hidden():
    matrix = distance_matrix(POSITIONS[0].at[3, 1].set(jnp.nan))
    assert bool(jnp.isnan(matrix[3]).all())
    assert int(jnp.isnan(matrix).sum()) == 2 * 12 - 1


@pytest.mark.parametrize("name", REPRESENTATIONS)
def test_a_representation_says_its_own_shape(name):
    representation = Representation(name)
    samples = representation.represent(representation.order(POSITIONS))
    assert samples.shape == (7, *representation.sample_shape(12))


def test_normalised_samples_have_mean_zero_and_deviation_one_and_come_back():
    samples = distance_matrix(POSITIONS)
    normalisation = learn_normalisation(samples)
    normalised = normalisation.normalise(samples)
    np.testing.assert_allclose(normalised.mean(axis=0), 0.0, atol=1e-5)
    np.testing.assert_allclose(jnp.mean(normalised**2), 1.0, rtol=1e-5)
    np.testing.assert_allclose(normalisation.restore(normalised), samples, atol=1e-5)


def test_samples_with_other_entries_are_not_normalised():
    normalisation = learn_normalisation(jnp.eye(3))
    for convert in (normalisation.normalise, normalisation.restore):
        for other in (jnp.zeros((2, 4)), jnp.zeros((2, 2, 3)), jnp.zeros((2,))):
            with pytest.raises(InputError, match=r"^Normalisation\.\w+: samples have shape .*, expected \(batch, 3\)$"):
                convert(other)


def test_samples_without_variation_are_normalised_without_dividing_by_zero():
    constant = jnp.full((4, 3), 2.0)
    assert bool((learn_normalisation(constant).normalise(constant) == 0).all())


def test_a_template_is_learned_once_and_says_so_where_it_is_missing():
    representation = Representation(ordering="template")
    assert representation.lacks_template
    with pytest.raises(InputError, match="needs a template"):
        representation.order(POSITIONS)
    learned = representation.learn(POSITIONS)
    assert not learned.lacks_template
    assert len(learned.template) == 12
    # Better named places make particles at the same row lie closer to their mean.
    spreads = [float(jnp.var(each.order(POSITIONS), axis=0).mean()) for each in (learned, Representation())]
    assert spreads[0] < 0.5 * spreads[1]
    # Others have nothing to learn.
    assert Representation().learn(POSITIONS) == Representation()


@pytest.mark.parametrize("name", ["coordinates", "anchored_distances"])
def test_coordinates_come_back_in_order_where_a_representation_has_them(name):
    representation = Representation(name, box_side=11.0)
    assert representation.has_coordinates
    ordered = representation.order(POSITIONS)
    # float32: squares of distances up to 16 over a side of 11.
    np.testing.assert_allclose(representation.coordinates(representation.represent(ordered)), ordered, atol=2e-5)


def test_distances_alone_give_no_coordinates_back():
    assert not Representation().has_coordinates
    with pytest.raises(InputError, match="gives no coordinates back"):
        Representation().coordinates(distance_matrix(POSITIONS))


@pytest.mark.parametrize("name", REPRESENTATIONS)
def test_every_representation_implies_the_distances_between_particles(name):
    representation = Representation(name)
    samples = representation.represent(POSITIONS)
    np.testing.assert_allclose(representation.distances(samples), distance_matrix(POSITIONS), atol=1e-6)


def test_anchors_know_a_mirror_image_and_distances_alone_do_not():
    mirrored = jnp.array([[[10.0, 0.0]]]) + POSITIONS * jnp.array([[[-1.0, 1.0]]])
    anchored, plain = (Representation(name).represent for name in ("anchored_distances", "distance_matrix"))
    assert float(jnp.abs(anchored(mirrored) - anchored(POSITIONS)).max()) > 1.0
    assert float(jnp.abs(plain(mirrored) - plain(POSITIONS)).max()) < 1e-4
