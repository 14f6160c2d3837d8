import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from sklearn.decomposition import PCA

from lcpjax.errors import InputError
from lcpjax.evaluation.reconstruction.linear_code import learn_linear_code, linear_code_errors
from lcpjax.representation import Representation

REPRESENTATION = Representation("distance_matrix", "height")


def configurations(number, seed):
    return jax.random.uniform(jax.random.key(seed), (number, 6, 2)) * 5.0


# More than two chunks, and not a whole number of them.
TRAIN, TEST = configurations(2500, 1), configurations(70, 2)


def matrices(positions):
    return np.asarray(REPRESENTATION.of(positions), np.float64).reshape(len(positions), -1)


@pytest.fixture(scope="module")
def code():
    return learn_linear_code(REPRESENTATION, TRAIN)


@pytest.mark.parametrize("num_components", [1, 5, 14])
def test_the_linear_row_is_that_of_scikit_learn(code, num_components):
    reference = PCA(num_components, svd_solver="full").fit(matrices(TRAIN))
    restored = reference.inverse_transform(reference.transform(matrices(TEST)))
    expected = np.mean((matrices(TEST) - restored) ** 2)
    # float32 against float64: the covariance of 2500 matrices is good to about 1e-5.
    np.testing.assert_allclose(linear_code_errors(code, REPRESENTATION, TEST, num_components).mse, expected, rtol=1e-3)


def test_the_variances_are_those_of_scikit_learn(code):
    reference = PCA(svd_solver="full").fit(matrices(TRAIN))
    unbiased = np.asarray(code.variances) * 2500 / 2499
    np.testing.assert_allclose(unbiased[:10], reference.explained_variance_[:10], rtol=1e-3)


def test_no_component_leaves_the_error_of_the_mean_and_all_leave_none(code):
    expected = np.mean((matrices(TEST) - matrices(TRAIN).mean(0)) ** 2)
    np.testing.assert_allclose(linear_code_errors(code, REPRESENTATION, TEST, 0).mse, expected, rtol=1e-4)
    # Rounding of float32 numbers of size 5 in two products.
    assert float(linear_code_errors(code, REPRESENTATION, TEST, 36).mse) < 1e-9 * expected
    assert float(linear_code_errors(code, REPRESENTATION, TEST, 40).mse) < 1e-9 * expected


def test_more_components_never_do_worse_on_what_they_were_learned_from(code):
    errors = [float(linear_code_errors(code, REPRESENTATION, TRAIN, number).mse) for number in range(0, 16, 3)]
    assert all(after < before for before, after in itertools.pairwise(errors))


def test_the_order_of_particles_given_does_not_matter(code):
    shuffled = jax.random.permutation(jax.random.key(3), TEST, axis=1)
    np.testing.assert_allclose(
        linear_code_errors(code, REPRESENTATION, shuffled, jnp.int32(5)).mse,
        linear_code_errors(code, REPRESENTATION, TEST, jnp.int32(5)).mse,
        rtol=1e-5,
    )


@pytest.mark.parametrize("name", ["coordinates", "distance_matrix", "anchored_distances"])
def test_distances_and_coordinates_are_those_of_what_scikit_learn_restores(name):
    representation = Representation(name, "height", box_side=5.0)
    train, test = (representation.of(positions) for positions in (TRAIN, TEST))
    reference = PCA(6, svd_solver="full").fit(np.asarray(train, np.float64).reshape(len(train), -1))
    rows = np.asarray(test, np.float64).reshape(len(test), -1)
    restored = jnp.asarray(reference.inverse_transform(reference.transform(rows)).reshape(test.shape), jnp.float32)
    errors = linear_code_errors(learn_linear_code(representation, TRAIN), representation, TEST, 6)
    of_distances = jnp.mean((representation.distances(restored) - representation.distances(test)) ** 2)
    np.testing.assert_allclose(errors.distance_mse, of_distances, rtol=1e-3)
    if representation.has_coordinates:
        moved = representation.coordinates(restored) - representation.order(TEST)
        np.testing.assert_allclose(errors.rmsd, jnp.sqrt(jnp.mean(jnp.sum(moved**2, axis=-1))), rtol=1e-3)
    else:
        assert bool(jnp.isnan(errors.rmsd))


def test_of_coordinates_the_rmsd_is_that_of_the_entries_and_of_distances_the_error_is_theirs():
    coordinates, distances = Representation("coordinates"), REPRESENTATION
    of_coordinates = linear_code_errors(learn_linear_code(coordinates, TRAIN), coordinates, TEST, 4)
    np.testing.assert_allclose(of_coordinates.rmsd, jnp.sqrt(2 * of_coordinates.mse), rtol=1e-5)
    of_distances = linear_code_errors(learn_linear_code(distances, TRAIN), distances, TEST, 4)
    np.testing.assert_allclose(of_distances.distance_mse, of_distances.mse, rtol=1e-5)


def test_an_empty_set_is_refused_in_one_line(code):
    for empty in (lambda: learn_linear_code(REPRESENTATION, TRAIN[:0]), lambda: errors_of(code, TRAIN[:0])):
        with pytest.raises(InputError, match="this split is empty"):
            empty()


def errors_of(code, positions):
    return linear_code_errors(code, REPRESENTATION, positions, 4)
