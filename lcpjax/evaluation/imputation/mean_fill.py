"""Mean imputation of distances, and its projection onto points in a plane."""

import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from lcpjax.array_arguments import takes_arrays
from lcpjax.reconstruction import embed_distances
from lcpjax.representation import distance_matrix

Matrices = Float[Array, "configurations particles particles"]


@takes_arrays
def mean_filled(
    distances: Matrices,
    observed: Bool[Array, "configurations particles particles"],
    means: Float[Array, "rows columns"],
) -> tuple[Matrices, Matrices]:
    """Matrices with means for what is missing, and those of the points in the plane nearest to them; in sigma.

    The latter by classical scaling.

    Args:
        distances: unobserved ones are ignored.
        means: of the training set, symmetric.
    """
    filled = jnp.where(observed, distances, means[None])
    return filled, distance_matrix(embed_distances(filled).positions)
