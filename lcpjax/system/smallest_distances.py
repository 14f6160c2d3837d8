"""Smallest pair distance of configurations."""

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from lcpjax.array_arguments import takes_arrays
from lcpjax.array_types import Configurations2D, PerConfiguration

# Configurations of which all pairs exist at once.
_BATCH = 512


@takes_arrays
@jax.jit
def smallest_distances(positions: Configurations2D) -> PerConfiguration:
    """Distance of the nearest pair of each configuration, (configurations,), in sigma; infinite where there is none.

    >>> smallest_distances([[[0.0, 0.0], [3.0, 0.0], [3.0, 4.0]]]).tolist()
    [3.0]
    """
    first, second = np.triu_indices(positions.shape[1], k=1)

    def of_one(configuration: Array) -> Array:
        squared = jnp.sum((configuration[first] - configuration[second]) ** 2, axis=-1)
        return jnp.sqrt(jnp.min(squared, initial=jnp.inf))

    return jax.lax.map(of_one, positions, batch_size=_BATCH)
