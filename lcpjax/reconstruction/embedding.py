"""Coordinates from distances through the Gram matrix, and how far the distances are from planar ones."""

import functools
from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from lcpjax.array_arguments import takes_arrays
from lcpjax.array_types import DistanceMatrix, Floats, ManyPositions
from lcpjax.errors import InputError, did_you_mean
from lcpjax.reconstruction.gram import EigenValues, eigen_decomposition, gram_matrix, gram_matrix_from_first
from lcpjax.representation import check_distances, distance_matrix

PerMatrix = Float[Array, "*batch"]

ORIGINS: dict[str, Callable[[DistanceMatrix], Array]] = {
    "centroid": gram_matrix,
    "first_particle": gram_matrix_from_first,
}
"""Origin of positions, by name: the Gram matrix relative to it."""


class Embedding(NamedTuple):
    """Points in the plane, and the error of their distances."""

    positions: ManyPositions
    """(..., particles, 2), in sigma."""
    rank_two_fraction: PerMatrix
    """The two largest eigenvalues of the Gram matrix over the sum of the sizes of all: 1 for points in a plane."""
    negative_fraction: PerMatrix
    """The sizes of its negative eigenvalues over the same sum: 0 for points in any space."""
    stress: PerMatrix
    """Root of the sum of squared errors of the distances over that of squared distances (Kruskal's stress 1)."""


@takes_arrays
def embed_distances(distances: Floats, *, origin: str = "centroid") -> Embedding:
    """Points in the plane with these distances, up to a rigid motion and a mirror, and the quality of the embedding.

    From the two largest eigenvalues of the Gram matrix: exact where the distances
    are those of points in a plane. Around the centroid (Torgerson, Psychometrika
    17, 401, 1952) errors of all distances contribute equally; as seen from the
    first particle, the study's way, all those of its own distances are in every point.

    Args:
        distances: (..., particles, particles), in sigma; what a model decodes goes through ``symmetrised`` first.
        origin: a name in ``ORIGINS``: where positions are counted from.

    Raises:
        InputError: not square, not finite, negative, not symmetric, or a diagonal that is not 0.
        InputError: an unknown origin.

    >>> square = jnp.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])
    >>> found = embed_distances(distance_matrix(square))
    >>> found.rank_two_fraction.round(4).item(), found.stress.round(4).item()
    (1.0, 0.0)
    """
    if origin not in ORIGINS:
        raise InputError(f"origin = {origin}: {did_you_mean(origin, ORIGINS)}")
    check_distances(distances, "coordinates from distances")
    return _embedded(distances, origin)


@takes_arrays
def coordinates_from_distances(distances: Floats, *, origin: str = "centroid") -> ManyPositions:
    """Coordinates with these distances, (..., particles, 2), in sigma: the positions of ``embed_distances``.

    Has no useful gradient where eigenvalues coincide.

    >>> points = coordinates_from_distances(jnp.array([[0.0, 3.0, 4.0], [3.0, 0.0, 5.0], [4.0, 5.0, 0.0]]))
    >>> round(float(jnp.linalg.norm(points[1] - points[2])), 4)
    5.0
    """
    return embed_distances(distances, origin=origin).positions


@takes_arrays
def rank_two_fraction_of(values: EigenValues) -> PerMatrix:
    """The two largest eigenvalues, where positive, over the sum of the sizes of all; 1 where all are 0.

    Args:
        values: (..., particles), rising.
    """
    total = jnp.sum(jnp.abs(values), axis=-1)
    largest = jnp.sum(jnp.maximum(values[..., -2:], 0.0), axis=-1)
    # Particles that all coincide have coordinates.
    return jnp.where(total == 0, 1.0, largest / jnp.where(total == 0, 1.0, total))


@functools.partial(jax.jit, static_argnames="origin")
def _embedded(distances: DistanceMatrix, origin: str) -> Embedding:
    values, vectors = eigen_decomposition(ORIGINS[origin](distances))
    positions = _positions(values, vectors)
    total, squares = jnp.sum(jnp.abs(values), axis=-1), jnp.sum(distances**2, axis=(-2, -1))
    negative = jnp.sum(jnp.maximum(-values, 0.0), axis=-1)
    errors = jnp.sum((distance_matrix(positions) - distances) ** 2, axis=(-2, -1))
    return Embedding(
        positions,
        rank_two_fraction_of(values),
        negative / jnp.where(total == 0, 1.0, total),
        jnp.sqrt(errors / jnp.where(squares == 0, 1.0, squares)),
    )


def _positions(values: EigenValues, vectors: Array) -> ManyPositions:
    # A single particle has one eigenvalue, and needs two coordinates all the same.
    missing = max(2 - values.shape[-1], 0)
    padding = [(0, 0)] * (values.ndim - 1)
    values = jnp.pad(values, [*padding, (missing, 0)])
    vectors = jnp.pad(vectors, [*padding, (0, 0), (missing, 0)])
    lengths = jnp.sqrt(jnp.maximum(values[..., None, :-3:-1], 0.0))
    return vectors[..., :, :-3:-1] * lengths
