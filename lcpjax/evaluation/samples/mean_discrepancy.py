"""Maximum mean discrepancy of two samples, and its value by chance.

Source: Gretton et al., "A kernel two-sample test" (2012), equation 3 (unbiased) and section 8 (median heuristic).
"""

import functools

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from lcpjax.array_arguments import takes_arrays
from lcpjax.array_types import PRNGKey, Scalar
from lcpjax.errors import InputError

Points = Float[Array, "points dimensions"]
OtherPoints = Float[Array, "others dimensions"]

_FEWEST = 4


@takes_arrays
def median_distance(first: Points, second: OtherPoints) -> Scalar:
    """The median distance between different points of two samples together: the width of the kernel.

    Raises:
        InputError: fewer than two points together.
    """
    points = jnp.concatenate([first, second])
    if points.shape[0] < 2:
        raise InputError(f"a median distance needs at least 2 points, not {points.shape[0]}")
    rows, columns = jnp.triu_indices(points.shape[0], k=1)
    return jnp.sqrt(jnp.median(_squared_distances(points, points)[rows, columns]))


@takes_arrays
def mmd_squared(first: Points, second: OtherPoints, width: Scalar | float) -> Scalar:
    """MMD^2 with the kernel exp(-r^2 / (2 width^2)), unbiased: around 0, below it too, for one distribution; at most 2.

    Raises:
        InputError: fewer than 4 points.
    """
    _refuse_few(first, second)
    return _mmd_squared(first, second, jnp.float32(width))


@jax.jit
def _mmd_squared(first: jax.Array, second: jax.Array, width: Scalar) -> Scalar:
    across = jnp.mean(_kernel(first, second, width))
    return _mean_between(first, width) + _mean_between(second, width) - 2 * across


@takes_arrays
def split_half_floor(key: PRNGKey, sample: Points, width: Scalar | float, num_splits: int = 20) -> Scalar:
    """MMD^2 by chance: its root mean square between random halves of one sample.

    Halves have fewer points than the sample, so this is rather too large.

    Raises:
        InputError: fewer than 4 points.
    """
    _refuse_few(sample)
    return _split_half_floor(key, sample, jnp.float32(width), num_splits)


@functools.partial(jax.jit, static_argnames="num_splits")
def _split_half_floor(key: PRNGKey, sample: Points, width: Scalar, num_splits: int) -> Scalar:
    half = sample.shape[0] // 2

    def of_split(split_key: PRNGKey) -> Scalar:
        shuffled = jax.random.permutation(split_key, sample)
        return _mmd_squared(shuffled[:half], shuffled[half : 2 * half], width)

    return jnp.sqrt(jnp.mean(jax.lax.map(of_split, jax.random.split(key, num_splits)) ** 2))


def _mean_between(points: jax.Array, width: Scalar) -> Scalar:
    """Mean of the kernel over pairs of different points."""
    number = points.shape[0]
    kernel = _kernel(points, points, width) * (1.0 - jnp.eye(number))
    return jnp.sum(kernel) / (number * (number - 1))


def _kernel(first: jax.Array, second: jax.Array, width: Scalar) -> jax.Array:
    return jnp.exp(-0.5 * _squared_distances(first, second) / width**2)


def _squared_distances(first: jax.Array, second: jax.Array) -> jax.Array:
    return jnp.sum((first[:, None] - second[None]) ** 2, axis=-1)


def _refuse_few(*samples: jax.Array) -> None:
    fewest = min(sample.shape[0] for sample in samples)
    if fewest < _FEWEST:
        raise InputError(f"a mean discrepancy needs at least {_FEWEST} points of each sample, not {fewest}")
