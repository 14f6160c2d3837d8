"""Checks of configurations and distance matrices, where their values can be seen."""

import jax
import jax.numpy as jnp
from jax.core import Tracer

from lcpjax.array_arguments import takes_arrays
from lcpjax.array_types import Floats
from lcpjax.errors import InputError

LARGEST_ASYMMETRY = 1e-4
"""Of a distance matrix, over its largest distance: far above rounding, far below any model's error."""


@takes_arrays
def check_positions(positions: Floats, wanted_by: str) -> None:
    """Raise unless these are coordinates, (..., particles, 2), all of them finite.

    Inside a jitted function only the shape is known, and only it is checked.

    Args:
        wanted_by: who asks, the beginning of the message.

    Raises:
        InputError: a wrong shape, distance matrices among them, or a value that is not finite.
    """
    if positions.ndim < 2 or positions.shape[-1] != 2:
        square = positions.ndim >= 2 and positions.shape[-1] == positions.shape[-2]
        got = "distance matrices" if square else "an array"
        raise InputError(f"{wanted_by}: needs coordinates (..., particles, 2), not {got} of shape {positions.shape}")
    if number := _count(~jnp.isfinite(positions)):
        raise InputError(f"{wanted_by}: {number} of {positions.size} coordinates are not finite")


@takes_arrays
def check_distances(distances: Floats, wanted_by: str) -> None:
    """Raise unless these are distance matrices: square, finite, none negative, symmetric, zero diagonal.

    Inside a jitted function only the shape is known, and only it is checked.

    Args:
        wanted_by: who asks, the beginning of the message.

    Raises:
        InputError: the first of these that is not so.
    """
    if distances.ndim < 2 or distances.shape[-1] != distances.shape[-2]:
        raise InputError(
            f"{wanted_by}: needs distance matrices (..., particles, particles), not an array of shape {distances.shape}"
        )
    if distances.shape[-1] == 0:
        raise InputError(f"{wanted_by}: needs at least one particle, not an array of shape {distances.shape}")
    if number := _count(~jnp.isfinite(distances)):
        raise InputError(f"{wanted_by}: {number} of {distances.size} distances are not finite")
    if number := _count(distances < 0):
        raise InputError(f"{wanted_by}: {number} of {distances.size} distances are negative")
    allowed = LARGEST_ASYMMETRY * jnp.max(distances, initial=0.0)
    if _count(jnp.abs(jnp.diagonal(distances, axis1=-2, axis2=-1)) > allowed):
        raise InputError(f"{wanted_by}: a particle's distance to itself is not 0")
    if _count(jnp.abs(distances - jnp.swapaxes(distances, -2, -1)) > allowed):
        raise InputError(f"{wanted_by}: a distance matrix is not symmetric")


def _count(faults: jax.Array) -> int:
    """Number of faults; 0 where values cannot be seen because the function is being compiled."""
    if isinstance(faults, Tracer):
        return 0
    return int(jax.device_get(jnp.sum(faults)))
