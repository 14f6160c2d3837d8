"""Descent in s-stress from one start: the least squares of squared distances."""

import jax
import jax.numpy as jnp
from jax.scipy.sparse.linalg import cg
from jaxtyping import Array, Float

from lcpjax.array_types import Count, Scalar

Points = Float[Array, "particles dimensions"]
Squares = Float[Array, "particles particles"]


def least_stress(start: Points, wanted: Squares, weights: Squares, most: Count) -> tuple[Points, Scalar]:
    """End point of damped Gauss-Newton moves from one start (Levenberg and Marquardt), and the s-stress there.

    The s-stress is the sum of weights (|x_i - x_j|^2 - wanted_ij)^2 over all ordered pairs.

    Args:
        start: in a unit in which distances are about 1.
        wanted: squared distances; where the weight is 0 they may be anything finite.
        weights: 1 for pairs that count, else 0.
        most: moves at most.
    """
    smallest = jnp.finfo(start.dtype).eps

    def moved(search: tuple[jax.Array, ...]) -> tuple[jax.Array, ...]:
        points, stress, damping, _, number = search
        move = _move(points, wanted, weights, damping)
        new_stress = jnp.sum(_errors(points + move, wanted, weights) ** 2)
        better = new_stress < stress
        points, stress = jnp.where(better, points + move, points), jnp.where(better, new_stress, stress)
        damping = jnp.clip(damping * jnp.where(better, 0.2, 4.0), smallest, 1 / smallest)
        return points, stress, damping, jnp.max(jnp.abs(move), initial=0.0), number + 1

    one = jnp.ones((), start.dtype)
    first = start, jnp.sum(_errors(start, wanted, weights) ** 2), one, one, jnp.zeros((), most.dtype)
    points, stress, *_ = jax.lax.while_loop(lambda now: (now[3] > 10 * smallest) & (now[4] < most), moved, first)
    return points, stress


def _errors(points: jax.Array, wanted: jax.Array, weights: jax.Array) -> jax.Array:
    return weights * (jnp.sum((points[:, None] - points[None]) ** 2, axis=-1) - wanted)


def _move(points: jax.Array, wanted: jax.Array, weights: jax.Array, damping: jax.Array) -> jax.Array:
    """Damped Gauss-Newton move, to about three digits: the next one corrects the rest.

    By conjugate gradients, which a batch may run side by side, unlike a factorisation on a CPU.
    """
    displacements = points[:, None] - points[None]
    slopes = weights[..., None] * displacements
    gradient = jnp.sum(_errors(points, wanted, weights)[..., None] * displacements, axis=1)

    def curvature(move: jax.Array) -> jax.Array:
        along = jnp.sum(slopes * (move[:, None] - move[None]), axis=-1, keepdims=True)
        return 2.0 * jnp.sum(along * displacements, axis=1) + damping * move

    return cg(curvature, -gradient, tol=1e-3, maxiter=60)[0]
