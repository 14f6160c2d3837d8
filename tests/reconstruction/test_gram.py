import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lcpjax.errors import InputError
from lcpjax.reconstruction import align, coordinates_from_distances, eigen_decomposition, gram_matrix, symmetrised
from lcpjax.representation import distance_matrix

POINTS = jax.random.uniform(jax.random.key(0), (5, 12, 2)) * 10.0
DISTANCES = distance_matrix(POINTS)
# float32: squares of up to 200 in the Gram matrix, over the root of its second eigenvalue (about 10).
ROUNDING = 200 * 8 * np.finfo(np.float32).eps / 10


def test_coordinates_come_back_up_to_a_rigid_motion_and_a_mirror():
    found = coordinates_from_distances(DISTANCES)
    assert found.shape == POINTS.shape
    assert float(align(found, POINTS)[1].max()) < ROUNDING
    np.testing.assert_allclose(found.mean(axis=1), 0.0, atol=ROUNDING)


def test_the_check_of_the_way_back_fails_where_one_distance_is_wrong():
    wrong = DISTANCES.at[:, 0, 1].add(1.0).at[:, 1, 0].add(1.0)
    assert float(align(coordinates_from_distances(wrong), POINTS)[1].min()) > 100 * ROUNDING


def test_one_matrix_is_as_in_a_batch():
    found = coordinates_from_distances(DISTANCES[2])
    assert float(align(found, POINTS[2])[1]) < ROUNDING


def test_the_gram_matrix_holds_scalar_products_around_the_centroid():
    centred = np.asarray(POINTS, np.float64) - np.mean(POINTS, axis=1, keepdims=True)
    expected = centred @ centred.transpose(0, 2, 1)
    # Squares of up to 200 in float32.
    np.testing.assert_allclose(gram_matrix(DISTANCES), expected, atol=200 * 8 * np.finfo(np.float32).eps)


@pytest.mark.parametrize(
    ("points", "number"), [([[3.0, 4.0]], 1), ([[0.0, 0.0], [3.0, 4.0]], 2), ([[1.0, 1.0]] * 4, 4)]
)
def test_few_particles_and_coinciding_ones_have_coordinates_too(points, number):
    found = coordinates_from_distances(distance_matrix(jnp.array(points)))
    assert found.shape == (number, 2)
    np.testing.assert_allclose(distance_matrix(found), distance_matrix(jnp.array(points)), atol=1e-5)


def test_what_a_model_decodes_becomes_symmetric_with_a_zero_diagonal_and_distances_stay():
    noisy = DISTANCES + jax.random.normal(jax.random.key(1), DISTANCES.shape)
    found = symmetrised(noisy)
    assert bool((found == jnp.swapaxes(found, -2, -1)).all())
    assert bool((jnp.diagonal(found, axis1=-2, axis2=-1) == 0).all())
    assert bool((found >= 0).all())
    assert bool((symmetrised(DISTANCES) == DISTANCES).all())
    assert coordinates_from_distances(found).shape == POINTS.shape


@pytest.mark.parametrize(
    ("distances", "complaint"),
    [
        (POINTS, r"needs distance matrices \(..., particles, particles\), not an array of shape \(5, 12, 2\)"),
        (DISTANCES.at[1, 2, 3].set(jnp.nan), "1 of 720 distances are not finite"),
        (-DISTANCES, "660 of 720 distances are negative"),
        (DISTANCES.at[1, 2, 2].set(0.5), "distance to itself is not 0"),
        (DISTANCES.at[1, 2, 3].add(0.5), "is not symmetric"),
    ],
)
def test_what_are_no_distances_is_refused_in_one_line(distances, complaint):
    with pytest.raises(InputError, match=complaint):
        coordinates_from_distances(distances)


def test_rounding_is_no_asymmetry():
    coordinates_from_distances(DISTANCES * (1 + 1e-6 * jax.random.normal(jax.random.key(2), DISTANCES.shape)))


def test_no_matrices_and_matrices_of_no_rows_have_no_eigenvalues():
    for shape in ((0, 3, 3), (0, 0), (2, 0, 0)):
        values, vectors = eigen_decomposition(np.zeros(shape))
        assert values.shape == shape[:-1]
        assert vectors.shape == shape


def test_many_matrices_decompose_as_each_alone_and_never_in_a_batched_call_on_a_cpu():
    halves = jax.random.normal(jax.random.key(3), (2, 3, 5, 5))
    matrices = halves + jnp.swapaxes(halves, -2, -1)
    values, vectors = eigen_decomposition(matrices)
    np.testing.assert_allclose(values, np.linalg.eigvalsh(np.asarray(matrices)), atol=1e-5)
    np.testing.assert_allclose(jnp.einsum("...ik,...k,...jk->...ij", vectors, values, vectors), matrices, atol=1e-5)
    # jaxlib's batched call can wait for ever there: see the function's docstring.
    program = jax.jit(eigen_decomposition).trace(matrices).lower(lowering_platforms=("cpu",)).as_text()
    (call,) = [line for line in program.splitlines() if "lapack_ssyevd" in line]
    assert "tensor<6x5x5xf32>" not in call
