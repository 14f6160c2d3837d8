"""Gram matrices (scalar products of positions) from distances, and their eigendecomposition."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from lcpjax.array_arguments import takes_arrays
from lcpjax.array_types import DistanceMatrix

GramMatrix = Float[Array, "*batch particles particles"]
EigenValues = Float[Array, "*batch particles"]


@takes_arrays
@jax.jit
def gram_matrix(distances: DistanceMatrix) -> GramMatrix:
    """Scalar products of the positions around their centroid, in sigma squared: -1/2 J D^2 J, J = 1 - 1/N.

    Args:
        distances: (..., particles, particles), in sigma; taken as they are, checked for nothing.
    """
    squared = distances**2
    rows, columns = jnp.mean(squared, axis=-1, keepdims=True), jnp.mean(squared, axis=-2, keepdims=True)
    return -0.5 * (squared - rows - columns + jnp.mean(squared, axis=(-2, -1), keepdims=True))


@takes_arrays
@jax.jit
def gram_matrix_from_first(distances: DistanceMatrix) -> GramMatrix:
    """Scalar products of the positions relative to the first particle, in sigma squared.

    g_ij = (d_i1^2 + d_j1^2 - d_ij^2) / 2: the study's. Errors of the distances to the
    first particle are in all of it.

    Args:
        distances: (..., particles, particles), in sigma; taken as they are, checked for nothing.
    """
    squared = distances**2
    return 0.5 * (squared[..., :, :1] + squared[..., :1, :] - squared)


@takes_arrays
def symmetrised(matrices: DistanceMatrix) -> DistanceMatrix:
    """Nearest matrices that could be distances, in sigma: symmetric, none negative, zero diagonal.

    >>> symmetrised(jnp.array([[0.5, 1.0], [3.0, -0.5]])).tolist()
    [[0.0, 2.0], [2.0, 0.0]]
    """
    halves = 0.5 * (matrices + jnp.swapaxes(matrices, -2, -1))
    on_diagonal = jnp.broadcast_to(jnp.eye(matrices.shape[-1], dtype=bool), matrices.shape)
    return jnp.where(on_diagonal, 0.0, jnp.maximum(halves, 0.0))


@takes_arrays
def eigen_decomposition(matrices: GramMatrix) -> tuple[EigenValues, GramMatrix]:
    """Eigenvalues of symmetric matrices, rising, and their eigenvectors as columns.

    One matrix after the other on a CPU: for a batch jaxlib blocks a thread of
    XLA's pool until other threads of that pool have done their work, and as many
    such calls at once as it has threads wait for ever (seen in a run on two cores
    with jaxlib 0.10.1). Not slower either: most matrices here are small.

    Args:
        matrices: (..., rows, rows).
    """
    if matrices.size == 0:
        # Neither LAPACK nor a shape with -1 knows what to do with nothing.
        return jnp.zeros(matrices.shape[:-1], matrices.dtype), matrices
    flat = matrices.reshape(-1, *matrices.shape[-2:])
    values, vectors = jax.lax.platform_dependent(
        flat, cpu=lambda each: jax.lax.map(_decomposed, each), default=_decomposed
    )
    return values.reshape(matrices.shape[:-1]), vectors.reshape(matrices.shape)


def _decomposed(matrices: GramMatrix) -> tuple[EigenValues, GramMatrix]:
    return tuple(jnp.linalg.eigh(matrices))
