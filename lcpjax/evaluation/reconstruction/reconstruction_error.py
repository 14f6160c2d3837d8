"""Errors of reconstructions: distance MSE, and RMSD before and after rigid alignment."""

import jax.numpy as jnp
from jaxtyping import Array, Float

from lcpjax.array_arguments import takes_arrays
from lcpjax.array_types import Configurations2D, PerConfiguration, Scalar
from lcpjax.errors import InputError
from lcpjax.reconstruction import align

Matrices = Float[Array, "configurations particles particles"]
OtherMatrices = Float[Array, "other_configurations other_particles other_particles"]
OtherConfigurations2D = Float[Array, "other_configurations other_particles 2"]


@takes_arrays
def distance_mse(distances: Matrices, reconstructed: OtherMatrices) -> PerConfiguration:
    """Mean squared error over all N x N entries of each configuration, the diagonal too, in sigma squared.

    Args:
        distances: (configurations, particles, particles), in sigma.
        reconstructed: the same, in the same particle order.

    Raises:
        InputError: shapes that differ.
    """
    _check_shapes(distances, reconstructed)
    return jnp.mean((reconstructed - distances) ** 2, axis=(1, 2))


@takes_arrays
def rmsd(positions: Configurations2D, reconstructed: OtherConfigurations2D) -> PerConfiguration:
    """Root mean square distance of particles from where they were, unaligned and in order, in sigma.

    Args:
        positions: (configurations, particles, 2), in sigma.
        reconstructed: the same, in the same particle order.

    Raises:
        InputError: shapes that differ.
    """
    _check_shapes(positions, reconstructed)
    return jnp.sqrt(jnp.mean(jnp.sum((reconstructed - positions) ** 2, axis=-1), axis=-1))


@takes_arrays
def aligned_rmsd(
    positions: Configurations2D, reconstructed: OtherConfigurations2D, *, mirror_allowed: bool = True
) -> PerConfiguration:
    """``rmsd`` after the rigid motion of each reconstruction that minimises it, in sigma.

    Args:
        positions: (configurations, particles, 2), in sigma.
        reconstructed: the same, in the same particle order.
        mirror_allowed: where the representation does not distinguish mirror images.

    Raises:
        InputError: shapes that differ.
    """
    _check_shapes(positions, reconstructed)
    return align(reconstructed, positions, mirror_allowed=mirror_allowed)[1]


@takes_arrays
def over_all(rmsd_of_each: PerConfiguration) -> Scalar:
    """The RMSD over the particles of all configurations: the root of the mean square, in sigma.

    >>> float(over_all(jnp.array([1.0, 7.0])))
    5.0
    """
    return jnp.sqrt(jnp.mean(rmsd_of_each**2))


def _check_shapes(first: Array, second: Array) -> None:
    if first.shape != second.shape:
        raise InputError(f"reconstructions have shape {second.shape}, what went in {first.shape}")
