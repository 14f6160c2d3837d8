"""The best rigid motion of one set of points onto another, in closed form in two dimensions."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from lcpjax.array_arguments import takes_arrays
from lcpjax.array_types import ManyPositions
from lcpjax.errors import InputError

References = Float[Array, "*references reference_points 2"]


@takes_arrays
def align(
    points: ManyPositions, reference: References, *, mirror_allowed: bool = True
) -> tuple[ManyPositions, Float[Array, "*batch"]]:
    """The points after the motion that brings them closest to the reference, and the RMSD that remains, in sigma.

    RMSD^2 is the mean over points of the squared distance to their partner of
    the same row. Around the centroids, sum r . R(t) x = a cos t + b sin t with
    a = sum x . r and b = sum (x_1 r_2 - x_2 r_1): the best angle has the
    direction (a, b), and of the two images under a mirror the one with the longer
    (a, b) fits better. Kabsch, Acta Cryst. A 32, 922 (1976), without his
    decomposition. Points that no angle prefers are not turned.

    Args:
        points: (..., points, 2).
        reference: of the same shape.
        mirror_allowed: whether a reflection may be part of the motion.

    Raises:
        InputError: shapes that differ, or no points.

    >>> square = jnp.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])
    >>> moved, rmsd = align(jnp.array([[5.0, 5.0], [5.0, 6.0], [4.0, 6.0], [4.0, 5.0]]), square)
    >>> moved.tolist(), float(rmsd)
    ([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]], 0.0)
    """
    _check_shapes(points, reference)
    return _aligned(points, reference, jnp.asarray(mirror_allowed))


@takes_arrays
def aligned_square(points: ManyPositions, reference: References) -> Float[Array, "*batch"]:
    """RMSD^2 that remains after ``align``, in sigma squared, differentiable everywhere: a loss invariant under motions.

    (sum |x|^2 + sum |r|^2 - 2 length of (a, b)) / N, of the image under a mirror that fits better.

    Args:
        points: (..., points, 2).
        reference: of the same shape.

    Raises:
        InputError: shapes that differ, or no points.

    >>> square = jnp.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])
    >>> float(aligned_square(2.0 * square[::-1], square))
    0.5
    """
    _check_shapes(points, reference)
    x, r = (each - jnp.mean(each, axis=-2, keepdims=True) for each in (points, reference))
    image = x * jnp.asarray([-1.0, 1.0], x.dtype).reshape((1,) * (x.ndim - 1) + (2,))
    # The root of what vanishes has no slope.
    gains = [jnp.sqrt(sum(term**2 for term in _turn(each, r)) + 1e-12) for each in (x, image)]
    sizes = jnp.sum(x**2 + r**2, axis=(-2, -1))
    return (sizes - 2.0 * jnp.maximum(*gains)) / x.shape[-2]


def _check_shapes(points: ManyPositions, reference: References) -> None:
    if points.shape != reference.shape or points.shape[-2] == 0:
        raise InputError(
            f"points of shape {points.shape} cannot be aligned to a reference of shape {reference.shape}: "
            "the shapes must be equal, with at least one point"
        )


@jax.jit
def _aligned(
    points: ManyPositions, reference: ManyPositions, mirror_allowed: jax.Array
) -> tuple[ManyPositions, Float[Array, "*batch"]]:
    centroid = jnp.mean(reference, axis=-2, keepdims=True)
    x, r = points - jnp.mean(points, axis=-2, keepdims=True), reference - centroid
    image = x * jnp.asarray([-1.0, 1.0], x.dtype).reshape((1,) * (x.ndim - 1) + (2,))
    is_image = mirror_allowed & (jnp.hypot(*_turn(image, r)) > jnp.hypot(*_turn(x, r)))
    x = jnp.where(is_image[..., None, None], image, x)
    cosine, sine = _direction(*_turn(x, r))
    turned = jnp.stack([cosine * x[..., 0] - sine * x[..., 1], sine * x[..., 0] + cosine * x[..., 1]], axis=-1)
    rmsd = jnp.sqrt(jnp.mean(jnp.sum((turned - r) ** 2, axis=-1), axis=-1))
    return turned + centroid, rmsd


def _turn(x: ManyPositions, r: ManyPositions) -> tuple[jax.Array, jax.Array]:
    """Coefficients a and b of the cosine and the sine of a rotation of x in its overlap with the reference."""
    gain_of_cosine = jnp.sum(x * r, axis=(-2, -1))
    return gain_of_cosine, jnp.sum(x[..., 0] * r[..., 1] - x[..., 1] * r[..., 0], axis=-1)


def _direction(a: jax.Array, b: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Cosine and sine of the angle of (a, b), with an axis for points; (1, 0) where there is none."""
    length = jnp.hypot(a, b)
    # Not `> 0`, which would hide a coordinate that is not a number.
    has_angle = length != 0
    length = jnp.where(has_angle, length, 1.0)
    return jnp.where(has_angle, a / length, 1.0)[..., None], (b / length)[..., None]
