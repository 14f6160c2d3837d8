"""Distances to the nearest of the data, and the fraction of them beyond the usual ones."""

import jax
import jax.numpy as jnp

from lcpjax.array_arguments import takes_arrays
from lcpjax.array_types import HeldOutSamples, PerSample, Samples, Scalar
from lcpjax.errors import InputError

# Samples whose distances to all data exist at once.
_BATCH = 64


@takes_arrays
@jax.jit
def distances_to_nearest(samples: HeldOutSamples, data: Samples) -> jax.Array:
    """Euclidean distance over all entries from each sample to the nearest of the data, (held_out,).

    Raises:
        InputError: no data.
    """
    if data.shape[0] == 0:
        raise InputError("data: no samples; none of them is the nearest")
    rows = data.reshape(data.shape[0], -1)

    def of_one(sample: jax.Array) -> Scalar:
        return jnp.sqrt(jnp.min(jnp.sum((rows - sample[None]) ** 2, axis=-1)))

    return jax.lax.map(of_one, samples.reshape(samples.shape[0], -1), batch_size=_BATCH)


@takes_arrays
def fraction_beyond(distances: PerSample, usual: jax.Array, quantile: float = 0.95) -> Scalar:
    """Fraction of distances above a quantile of the usual ones.

    Raises:
        InputError: no usual distances.

    >>> fraction_beyond(jnp.array([0.5, 3.0]), jnp.linspace(0.0, 1.0, 101)).item()
    0.5
    """
    if usual.size == 0:
        raise InputError("usual: no distances, which have no quantile")
    return jnp.mean(distances > jnp.quantile(usual, quantile), dtype=jnp.float32)
