"""Mean imputation of a rectangle's diagonal."""

import jax.numpy as jnp
import numpy as np

from lcpjax.experiments.missing_data.masks import mean_filled
from lcpjax.representation import distance_matrix


def test_means_are_filled_in_and_then_made_distances_of_points():
    points = jnp.array([[0.0, 0.0], [3.0, 0.0], [3.0, 4.0], [0.0, 4.0]])
    truth = distance_matrix(points)[None]
    observed = jnp.ones((1, 4, 4), bool).at[0, 0, 2].set(False).at[0, 2, 0].set(False)
    filled, scaled = mean_filled(truth, observed, jnp.full((4, 4), 6.0))
    assert filled[0, 0, 2] == 6.0
    np.testing.assert_array_equal(np.where(observed, filled, 0.0), np.where(observed, truth, 0.0))
    # Points in the plane cannot have all of these: something observed changes.
    assert float(jnp.max(jnp.abs(jnp.where(observed, scaled - truth, 0.0)))) > 0.01
