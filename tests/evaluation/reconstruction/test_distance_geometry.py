import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lcpjax.evaluation.reconstruction.distance_geometry import fraction_of_triangle_violations, rank_two_fraction
from lcpjax.representation import distance_matrix

POINTS = jax.random.uniform(jax.random.key(0), (300, 8, 2)) * 10.0
DISTANCES = distance_matrix(POINTS)
NOISY = jnp.abs(DISTANCES + jax.random.normal(jax.random.key(1), DISTANCES.shape))


def fraction_by_hand(matrix):
    sides = 0.5 * (np.asarray(matrix) + np.asarray(matrix).T)
    triples = list(itertools.combinations(range(len(sides)), 3))
    longest = [sorted((sides[i, j], sides[i, k], sides[j, k])) for i, j, k in triples]
    return np.mean([c > a + b + 1e-4 for a, b, c in longest])


def test_points_in_a_plane_break_no_triangle():
    assert fraction_of_triangle_violations(DISTANCES).tolist() == [0.0] * 300


def test_points_on_a_line_break_none_by_rounding_and_would_without_a_tolerance():
    on_a_line = distance_matrix(POINTS[..., :1] * jnp.array([[[0.3, 0.7]]]))
    assert fraction_of_triangle_violations(on_a_line).tolist() == [0.0] * 300
    assert float(fraction_of_triangle_violations(on_a_line, 0.0).max()) > 0.1


def test_every_triple_is_counted_once():
    fractions = fraction_of_triangle_violations(NOISY, 1e-4)
    np.testing.assert_allclose(fractions, [fraction_by_hand(matrix) for matrix in NOISY], rtol=1e-6)
    assert float(fractions.min()) > 0.0


def test_one_side_too_long_breaks_all_triangles_that_have_it():
    longer = DISTANCES.at[:, 2, 5].set(100.0).at[:, 5, 2].set(100.0)
    # 6 of 56 triples.
    np.testing.assert_allclose(fraction_of_triangle_violations(longer), 6 / 56, rtol=1e-6)
    assert fraction_of_triangle_violations(longer, 100.0).tolist() == [0.0] * 300


def test_two_particles_make_no_triangle_and_what_is_not_a_number_is_not_hidden():
    assert fraction_of_triangle_violations(DISTANCES[:, :2, :2]).tolist() == [0.0] * 300
    broken = fraction_of_triangle_violations(DISTANCES.at[7, 1, 2].set(jnp.nan))
    assert np.flatnonzero(np.isnan(broken)).tolist() == [7]
    assert np.flatnonzero(np.isnan(rank_two_fraction(DISTANCES.at[7, 1, 2].set(jnp.nan)))).tolist() == [7]


def test_the_numbers_of_particles_do_not_matter():
    order = jax.random.permutation(jax.random.key(2), 8)
    renamed = NOISY[:, order][:, :, order]
    np.testing.assert_allclose(
        fraction_of_triangle_violations(renamed), fraction_of_triangle_violations(NOISY), rtol=1e-6
    )
    np.testing.assert_allclose(rank_two_fraction(renamed), rank_two_fraction(NOISY), rtol=1e-4)


def test_points_in_a_plane_have_rank_two_and_noise_takes_some_of_it():
    # 6 eigenvalues of float32 rounding, of the size of 200 eps each, over a sum of about 100.
    assert float(rank_two_fraction(DISTANCES).min()) > 1 - 6 * 200 * 8 * np.finfo(np.float32).eps / 100
    assert float(rank_two_fraction(NOISY).max()) < 0.99


def test_the_fraction_of_a_regular_tetrahedron_is_two_thirds_and_of_particles_at_one_place_one():
    tetrahedron = jnp.ones((1, 4, 4)) - jnp.eye(4)[None]
    np.testing.assert_allclose(rank_two_fraction(tetrahedron), [2 / 3], rtol=1e-5)
    assert rank_two_fraction(jnp.zeros((2, 4, 4))).tolist() == [1.0, 1.0]


def test_negative_eigenvalues_count_against_it():
    # Three particles with sides 1, 1 and 3: eigenvalues 9/2 and -5/6, and no coordinates.
    impossible = jnp.array([[[0.0, 1.0, 3.0], [1.0, 0.0, 1.0], [3.0, 1.0, 0.0]]])
    np.testing.assert_allclose(rank_two_fraction(impossible), [4.5 / (4.5 + 5 / 6)], rtol=1e-5)
    assert fraction_of_triangle_violations(impossible).tolist() == [1.0]


@pytest.mark.parametrize("number", [1, 300])
def test_a_configuration_is_evaluated_as_in_a_batch(number):
    np.testing.assert_allclose(
        fraction_of_triangle_violations(NOISY[:number])[0], fraction_of_triangle_violations(NOISY[:2])[0]
    )
