import jax
import numpy as np

from lcpjax.system import smallest_distances


def test_the_smallest_distance_is_that_of_the_nearest_pair():
    positions = np.asarray(jax.random.uniform(jax.random.key(0), (5, 6, 2), maxval=4.0))
    apart = positions[:, :, None] - positions[:, None]
    distances = np.linalg.norm(apart, axis=-1) + 100 * np.eye(6)
    np.testing.assert_allclose(smallest_distances(positions), distances.min(axis=(1, 2)), rtol=1e-5)


def test_without_a_pair_no_distance_is_small():
    for number in (0, 1):
        np.testing.assert_array_equal(smallest_distances(np.zeros((3, number, 2))), np.inf)
