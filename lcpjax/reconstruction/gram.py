"""Coordinates from distances through the Gram matrix: classical multidimensional scaling."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from lcpjax.array_types import DistanceMatrix, Floats, ManyPositions
from lcpjax.representation import check_distances

GramMatrix = Float[Array, "*batch particles particles"]
EigenValues = Float[Array, "*batch particles"]


def coordinates_from_distances(distances: Floats) -> ManyPositions:
    """Coordinates with these distances, (..., particles, 2), in sigma, around the origin.

    Up to a rigid motion and a mirror, which distances do not tell: exact where the
    distances are those of points in a plane, else from the best positive Gram
    matrix of rank 2. Torgerson, Psychometrika 17, 401 (1952). Has no useful
    gradient where eigenvalues coincide.

    Args:
        distances: (..., particles, particles), in sigma; what a model decodes goes through ``symmetrised`` first.

    Raises:
        InputError: not square, not finite, negative, not symmetric, or a diagonal that is not 0.

    >>> points = coordinates_from_distances(jnp.array([[0.0, 3.0, 4.0], [3.0, 0.0, 5.0], [4.0, 5.0, 0.0]]))
    >>> round(float(jnp.linalg.norm(points[1] - points[2])), 4)
    5.0
    """
    check_distances(distances, "coordinates from distances")
    return _coordinates(distances)


@jax.jit
def gram_matrix(distances: DistanceMatrix) -> GramMatrix:
    """Scalar products of the positions around their centroid, in sigma squared: -1/2 J D^2 J, J = 1 - 1/N.

    Args:
        distances: (..., particles, particles), in sigma; taken as they are, checked for nothing.
    """
    squared = distances**2
    rows, columns = jnp.mean(squared, axis=-1, keepdims=True), jnp.mean(squared, axis=-2, keepdims=True)
    return -0.5 * (squared - rows - columns + jnp.mean(squared, axis=(-2, -1), keepdims=True))


def symmetrised(matrices: DistanceMatrix) -> DistanceMatrix:
    """The nearest matrices that could hold distances, in sigma: symmetric, none negative, zero diagonal.

    >>> symmetrised(jnp.array([[0.5, 1.0], [3.0, -0.5]])).tolist()
    [[0.0, 2.0], [2.0, 0.0]]
    """
    halves = 0.5 * (matrices + jnp.swapaxes(matrices, -2, -1))
    on_diagonal = jnp.broadcast_to(jnp.eye(matrices.shape[-1], dtype=bool), matrices.shape)
    return jnp.where(on_diagonal, 0.0, jnp.maximum(halves, 0.0))


def eigen_decomposition(matrices: GramMatrix) -> tuple[EigenValues, GramMatrix]:
    """Eigenvalues of symmetric matrices, rising, and their eigenvectors as columns.

    One matrix after the other on a CPU: for a batch jaxlib blocks a thread of
    XLA's pool until other threads of that pool have done their share, and as many
    such calls at once as it has threads wait for ever (seen in a run on two cores
    with jaxlib 0.10.1). Not slower either: most matrices here are small.

    Args:
        matrices: (..., rows, rows).
    """
    flat = matrices.reshape(-1, *matrices.shape[-2:])
    values, vectors = jax.lax.platform_dependent(
        flat, cpu=lambda each: jax.lax.map(_decomposed, each), default=_decomposed
    )
    return values.reshape(matrices.shape[:-1]), vectors.reshape(matrices.shape)


def _decomposed(matrices: GramMatrix) -> tuple[EigenValues, GramMatrix]:
    return tuple(jnp.linalg.eigh(matrices))


@jax.jit
def _coordinates(distances: DistanceMatrix) -> ManyPositions:
    values, vectors = eigen_decomposition(gram_matrix(distances))
    # A single particle has one eigenvalue, and needs two coordinates all the same.
    missing = max(2 - values.shape[-1], 0)
    padding = [(0, 0)] * (values.ndim - 1)
    values = jnp.pad(values, [*padding, (missing, 0)])
    vectors = jnp.pad(vectors, [*padding, (0, 0), (missing, 0)])
    lengths = jnp.sqrt(jnp.maximum(values[..., None, :-3:-1], 0.0))
    return vectors[..., :, :-3:-1] * lengths
