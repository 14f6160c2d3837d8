"""Global rigidity: whether observed distances determine all others, for a graph in the plane."""

import numpy as np
from jaxtyping import Bool, Float64

from lcpjax.array_arguments import takes_arrays
from lcpjax.errors import InputError
from lcpjax.sampler.streams import Seed

Graph = Bool[np.ndarray, "particles particles"]

# Singular values below this fraction of the largest are 0: of random places they lie above 1e-6, rounding below 1e-12.
_SMALLEST = 1e-9


@takes_arrays
def is_globally_rigid(observed: Graph) -> bool:
    """Whether distances of these pairs determine one configuration in the plane, up to rigid motions and a mirror.

    For almost all configurations; some special ones, as points on a line, may have more. By the rank of a random
    equilibrium stress at random places: it is particles - 3 exactly for globally rigid graphs (Gortler, Healy and
    Thurston, "Characterizing generic global rigidity", Amer. J. Math. 132, 897, 2010).

    Args:
        observed: symmetric; the diagonal does not matter.

    Raises:
        InputError: not square, or not symmetric.

    >>> square = np.array([[0, 1, 0, 1], [1, 0, 1, 0], [0, 1, 0, 1], [1, 0, 1, 0]], bool)
    >>> is_globally_rigid(square), is_globally_rigid(np.ones((4, 4), bool))
    (False, True)
    """
    if observed.ndim != 2 or observed.shape[0] != observed.shape[1] or (observed != observed.T).any():
        raise InputError(f"observed: needs a symmetric square matrix, not one of shape {observed.shape}")
    number = len(observed)
    first, second = np.nonzero(np.triu(observed, 1))
    if number <= 3:
        return len(first) == number * (number - 1) // 2
    random = np.random.default_rng(Seed.EVALUATION)
    matrix = rigidity_matrix(random.normal(size=(number, 2)), first, second)
    left, values, _ = np.linalg.svd(matrix)
    rank = _rank(values)
    if rank < 2 * number - 3 or len(first) == rank:
        return False
    stress = left[:, rank:] @ random.normal(size=len(first) - rank)
    laplacian = np.zeros((number, number))
    np.add.at(laplacian, (first, second), -stress)
    laplacian += laplacian.T
    laplacian -= np.diag(laplacian.sum(axis=0))
    return _rank(np.linalg.svd(laplacian, compute_uv=False)) == number - 3


def rigidity_matrix(
    places: Float64[np.ndarray, "particles 2"], first: np.ndarray, second: np.ndarray
) -> Float64[np.ndarray, "pairs coordinates"]:
    """Rigidity matrix: derivatives of half the squared distance of each pair by each coordinate."""
    number, pairs = len(places), np.arange(len(first))
    apart = places[first] - places[second]
    matrix = np.zeros((len(first), number, 2))
    matrix[pairs, first], matrix[pairs, second] = apart, -apart
    return matrix.reshape(len(first), 2 * number)


def _rank(values: np.ndarray) -> int:
    return int(np.sum(values > _SMALLEST * max(values.max(initial=0.0), 1e-300)))
