"""Places on a Hilbert curve: particles that are neighbours on it are neighbours in the box."""

import jax.numpy as jnp
from jaxtyping import Array, Float, UInt32

from lcpjax.array_types import ManyPositions

_NUM_LEVELS = 16


def hilbert_index(positions: ManyPositions) -> UInt32[Array, "*batch particles"]:
    """Position of each particle along a Hilbert curve, in cells of the curve's 16th level.

    The curve fills the smallest square that has a corner at the origin and holds
    the configuration, so that it needs to know no box and follows any change of
    units. Hilbert, Math. Ann. 38, 459 (1891).

    Args:
        positions: (..., particles, 2), at least 0.

    >>> corners = jnp.array([[0.1, 0.1], [0.9, 0.1], [0.1, 0.9], [0.9, 0.9]])
    >>> jnp.argsort(hilbert_index(corners)).tolist()  # up, across, down
    [0, 2, 3, 1]
    """
    side = jnp.max(positions, axis=(-2, -1), keepdims=True)
    cells = _cells(positions, jnp.where(side > 0, side, 1.0))
    x, y, index = cells[..., 0], cells[..., 1], jnp.zeros(cells.shape[:-1], jnp.uint32)

    for level in range(_NUM_LEVELS):
        half = 2 ** (_NUM_LEVELS - 1 - level)
        right, upper = x >= half, y >= half
        quarter = jnp.where(right, jnp.where(upper, 2, 3), jnp.where(upper, 1, 0)).astype(jnp.uint32)
        index = index * 4 + quarter
        x, y = x % half, y % half
        # The curve runs through its first quarter and its last one mirrored at a diagonal.
        mirrored_x = jnp.where(right, half - 1 - y, y)
        mirrored_y = jnp.where(right, half - 1 - x, x)
        x, y = jnp.where(upper, x, mirrored_x), jnp.where(upper, y, mirrored_y)
    return index


def _cells(positions: ManyPositions, side: Float[Array, "*batch 1 1"]) -> UInt32[Array, "*batch particles 2"]:
    number = 2**_NUM_LEVELS
    return jnp.clip(jnp.floor(positions / side * number), 0, number - 1).astype(jnp.uint32)
