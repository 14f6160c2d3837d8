"""All distances between the particles of a configuration."""

import jax.numpy as jnp

from lcpjax.array_arguments import takes_arrays
from lcpjax.array_types import DistanceMatrix, ManyPositions


@takes_arrays
def distance_matrix(positions: ManyPositions) -> DistanceMatrix:
    """Distances between all particles, in sigma: symmetric, zero diagonal.

    d_ij = |x_i - x_j|. Its gradient is zero where two particles coincide (the
    diagonal among them), where the true one does not exist.

    Args:
        positions: (..., particles, 2), in sigma.

    >>> distance_matrix(jnp.array([[0.0, 0.0], [3.0, 4.0]])).tolist()
    [[0.0, 5.0], [5.0, 0.0]]
    """
    displacements = positions[..., :, None, :] - positions[..., None, :, :]
    squared = jnp.sum(displacements**2, axis=-1)
    # Two selections, so that no gradient ever passes through sqrt at 0, where it is infinite.
    # Not `> 0`, which would turn a coordinate that is not a number into a distance of 0.
    apart = squared != 0
    return jnp.where(apart, jnp.sqrt(jnp.where(apart, squared, 1.0)), 0.0)
