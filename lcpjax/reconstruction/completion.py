"""Completion of missing distances: points in the plane that fit the observed ones best."""

import functools
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax.core import Tracer
from jaxtyping import Array, Float

from lcpjax.array_arguments import takes_arrays
from lcpjax.array_types import DistanceMatrix, Floats, ManyPositions, PRNGKey
from lcpjax.errors import InputError
from lcpjax.reconstruction.gram import eigen_decomposition, gram_matrix
from lcpjax.reconstruction.stress_descent import least_stress
from lcpjax.representation import check_distances, distance_matrix
from lcpjax.runtime.jax_settings import key_of_seed, own_settings

# Of the starts after the first, in root mean squares of the observed distances.
_DISPLACEMENT = 0.3
# Moves at most: in space only the way past each other matters, in the plane the last digit.
_MOVES_IN_SPACE, _MOVES_IN_PLANE = 20, 100
# Configurations searched side by side. All wait for the slowest, for which only an accelerator makes up.
_BATCH, _BATCH_OF_ACCELERATORS = 1, 256


class FittedPoints(NamedTuple):
    """Points in the plane, and how well they fit the observed distances."""

    positions: ManyPositions
    """(..., particles, 2), in sigma, around the origin, up to a rotation and a mirror."""
    stress: Float[Array, "*batch"]
    """Root mean square over the observed pairs of the error of their distance, in sigma."""


@takes_arrays
def complete_distances(distances: Floats, observed: jax.Array, *, num_starts: int = 8, seed: int = 0) -> DistanceMatrix:
    """All distances of the points in the plane that fit the observed ones best, in sigma.

    Arguments and errors are those of ``fit_points``. Observed entries are not copied
    back: the result is always a matrix of points in a plane, and what no such
    points have comes out changed.

    >>> rectangle = jnp.array([[0.0, 0.0], [3.0, 0.0], [3.0, 4.0], [0.0, 4.0], [1.0, 1.0]])
    >>> observed = jnp.ones((5, 5), bool).at[0, 2].set(False).at[2, 0].set(False)
    >>> round(complete_distances(distance_matrix(rectangle), observed)[0, 2].item(), 4)
    5.0
    """
    return distance_matrix(fit_points(distances, observed, num_starts=num_starts, seed=seed).positions)


@takes_arrays
def fit_points(
    distances: Floats,
    observed: jax.Array,
    *,
    num_starts: int = 8,
    seed: int = 0,
    starts: Float[Array, "... 2"] | None = None,
) -> FittedPoints:
    """Points in the plane that fit the observed distances best, in sigma, and how well they do.

    Least s-stress, the sum over observed pairs of (|x_i - x_j|^2 - d_ij^2)^2, found from
    several starts, each first in three dimensions, where points pass each other
    that are in each other's way in the plane. A small stress does not say that what
    is missing is right: a particle with two links fits as well on either side of
    them. Takes batches itself and is not for ``jax.vmap``, which would undo what
    ``eigen_decomposition`` does against waiting for ever.

    Args:
        distances: (..., particles, particles), in sigma; what was not observed may be anything.
        observed: bool, of the same shape; the diagonal counts as observed.
        num_starts: at least 1; all but the first are displaced at random.
        seed: of these displacements, the same for every configuration.
        starts: (..., starts, particles, 2), in sigma, in the place of all others: searched in the plane alone, from
            where they are.

    Raises:
        InputError: a mask of another type or shape or not symmetric, particles that no chain of
            observed distances joins, no start, or starts of another shape.
        InputError: matrices not square, or observed distances not finite, negative or not symmetric.
    """
    if num_starts < 1:
        raise InputError(f"num_starts = {num_starts}: must be at least 1")
    _check_mask(distances, observed)
    known = jnp.where(observed, distances, 0.0)
    check_distances(known, "completion of distances")
    pairs = observed & ~jnp.broadcast_to(jnp.eye(known.shape[-1], dtype=bool), known.shape)
    known, pairs = (each.reshape(-1, *distances.shape[-2:]) for each in (known, pairs))
    paths = _shortest_paths(known, pairs)
    _check_links(paths)
    unit = _unit(known, pairs)
    if starts is None:
        with own_settings(any_width=True):
            first = _starts(paths / unit, key_of_seed(seed), num_starts)
    else:
        first = _given_starts(starts, distances.shape) / unit[:, None]
    found = _fitted(known, pairs, first, unit)
    return FittedPoints(*(each.reshape(*distances.shape[:-2], *each.shape[1:]) for each in found))


def _check_mask(distances: jax.Array, observed: jax.Array) -> None:
    if observed.dtype != bool or observed.shape != distances.shape:
        raise InputError(
            f"observed: needs bool of the distances' shape {distances.shape}, not {observed.dtype} of {observed.shape}"
        )
    # What is not square, the check of distances refuses.
    is_square = observed.ndim >= 2 and observed.shape[-1] == observed.shape[-2]
    if is_square and _is_seen(jnp.any(observed != jnp.swapaxes(observed, -2, -1))):
        raise InputError("observed: a mask is not symmetric")


def _check_links(paths: DistanceMatrix) -> None:
    apart = jnp.isinf(paths)
    if _is_seen(jnp.any(apart)):
        number, one, other = (index.item() for index in jnp.unravel_index(jnp.argmax(apart), apart.shape))
        raise InputError(f"observed: no chain of distances joins particles {one} and {other} of configuration {number}")


def _is_seen(fault: jax.Array) -> bool:
    """Whether there is a fault; none where values cannot be seen because the function is being compiled."""
    return not isinstance(fault, Tracer) and bool(jax.device_get(fault))


@jax.jit
def _shortest_paths(known: DistanceMatrix, pairs: jax.Array) -> DistanceMatrix:
    """Lengths of the shortest paths over observed pairs, infinite where there is none (Floyd and Warshall)."""
    itself = jnp.broadcast_to(jnp.eye(known.shape[-1], dtype=bool), known.shape)
    direct = jnp.where(itself, 0.0, jnp.where(pairs, known, jnp.inf))

    def over(k: jax.Array, paths: DistanceMatrix) -> DistanceMatrix:
        to, onwards = jax.lax.dynamic_index_in_dim(paths, k, -1), jax.lax.dynamic_index_in_dim(paths, k, -2)
        return jnp.minimum(paths, to + onwards)

    return jax.lax.fori_loop(0, known.shape[-1], over, direct)


@jax.jit
def _unit(known: DistanceMatrix, pairs: jax.Array) -> Float[Array, "batch 1 1"]:
    """Root mean square of the observed values: s-stress has fourth powers, which float32 resolves best around 1."""
    weights = pairs.astype(known.dtype)
    unit = jnp.sqrt(jnp.sum(weights * known**2, axis=(-2, -1)) / jnp.maximum(jnp.sum(weights, axis=(-2, -1)), 1.0))
    return jnp.where(unit == 0, 1.0, unit)[:, None, None]


def _given_starts(starts: Float[Array, "... 2"], shape: tuple[int, ...]) -> Float[Array, "batch starts particles 3"]:
    if starts.ndim != len(shape) + 1 or starts.shape != (*shape[:-2], starts.shape[-3], shape[-1], 2):
        raise InputError(f"starts: of shape {starts.shape}, not (..., starts, particles, 2) of {shape}")
    flat = starts.reshape(-1, *starts.shape[-3:])
    # Without a height: what has none keeps none.
    return jnp.pad(flat, [(0, 0)] * 3 + [(1, 0)])


@jax.jit
def _fitted(
    known: DistanceMatrix,
    pairs: jax.Array,
    starts: Float[Array, "batch starts particles 3"],
    unit: Float[Array, "batch 1 1"],
) -> FittedPoints:
    weights = pairs.astype(known.dtype)
    number = jnp.maximum(jnp.sum(weights, axis=(-2, -1)), 1.0)
    search = jax.vmap(least_stress, in_axes=(0, None, None, None))
    batch = _BATCH if jax.default_backend() == "cpu" else _BATCH_OF_ACCELERATORS

    def stage(points: jax.Array, most: jax.Array) -> tuple[jax.Array, jax.Array]:
        each = (points, (known / unit) ** 2, weights)
        points, stresses = jax.lax.map(lambda one: search(*one, most), each, batch_size=batch)
        return _pressed(points), stresses

    # What has no height keeps none: one program serves in space and in the plane.
    points, stresses = jax.lax.scan(stage, starts, jnp.asarray([_MOVES_IN_SPACE, _MOVES_IN_PLANE]))
    best = jnp.argmin(stresses[-1], axis=1)[:, None, None, None]
    positions = jnp.take_along_axis(points, best, axis=1)[:, 0, :, 1:] * unit
    errors = weights * (distance_matrix(positions) - known) ** 2
    return FittedPoints(positions, jnp.sqrt(jnp.sum(errors, axis=(-2, -1)) / number))


@functools.partial(jax.jit, static_argnames="num_starts")
def _starts(paths: DistanceMatrix, key: PRNGKey, num_starts: int) -> Float[Array, "batch starts particles 3"]:
    """Classical scaling of the shortest paths in three dimensions, and the same displaced at random."""
    longest = jnp.max(paths, axis=(-2, -1), keepdims=True, where=jnp.isfinite(paths), initial=0.0)
    values, vectors = eigen_decomposition(gram_matrix(jnp.where(jnp.isfinite(paths), paths, longest)))
    scaled = vectors * jnp.sqrt(jnp.maximum(values, 0.0))[:, None]
    # Fewer than three particles have fewer than three eigenvalues.
    scaled = jnp.pad(scaled, [(0, 0), (0, 0), (max(3 - paths.shape[-1], 0), 0)])[..., -3:]
    displacements = _DISPLACEMENT * jax.random.normal(key, (num_starts, *scaled.shape[1:]), paths.dtype)
    return scaled[:, None] + displacements.at[0].set(0.0)[None]


def _pressed(points: Float[Array, "*batch particles 3"]) -> Float[Array, "*batch particles 3"]:
    """Points in the plane of their two longest principal axes, which become the second and third coordinate."""
    centred = points - jnp.mean(points, axis=-2, keepdims=True)
    # Some accelerators multiply matrices of float32 with three digits by default.
    exactly = functools.partial(jnp.matmul, precision="highest")
    _, axes = eigen_decomposition(exactly(jnp.swapaxes(centred, -2, -1), centred))
    return exactly(centred, axes).at[..., 0].set(0.0)
