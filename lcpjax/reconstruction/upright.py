"""Orientation from the order of heights alone, and its error."""

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int

from lcpjax.array_arguments import takes_arrays
from lcpjax.array_types import Floats, ManyPositions, Positions
from lcpjax.errors import InputError
from lcpjax.reconstruction.alignment import References
from lcpjax.representation import check_positions

_Angles = Float[Array, " angles"]

_MOST_NUMBERS = 2**22
"""Angles sorted at once, points squared for each configuration."""

_ROUNDING = 32
"""In machine epsilons: far above what a difference or an angle rounds, far below what could be seen."""


@takes_arrays
def turn_upright(points: Floats) -> ManyPositions:
    """The points turned until their rows are in rising height order, (..., points, 2), in sigma; lowest at y = 0.

    Turned about their centroid, whose x is kept, never mirrored: by the angle at
    which the fewest pairs i < j have y_j < y_i. Each pair allows half a circle, so
    the fewest hold on whole intervals of angles, and the middle of the widest is
    taken; of those equally wide the one that needs the least rotation. An interval
    too narrow for rounding (4e-6 radians in float32) is none. The mirror image
    x -> -x has the same heights: reflected points come upright too, reflected.
    Points that are all the same, and fewer than two, are not turned.

    Args:
        points: (..., points, 2), in sigma; row 0 is the lowest.

    Raises:
        InputError: a wrong shape, or a value that is not finite.

    >>> turn_upright(jnp.array([[3.0, 0.0], [1.0, 0.0]])).round(3).tolist()
    [[2.0, 0.0], [2.0, 2.0]]
    """
    check_positions(points, "turn upright")
    return _upright(points) if points.shape[-2] else points


@takes_arrays
def orientation_error(points: ManyPositions, reference: References) -> Float[Array, "*batch"]:
    """Angle by which the points must still be turned to fit the reference best, in degrees from 0 to 180.

    In closed form, as in ``align``, which also moves them. Of the points and their
    mirror image x -> -x the one that fits better, as heights do not distinguish them;
    where both fit equally well (points on a line) the smaller angle. 0 where
    no angle is preferred.

    Args:
        points: (..., points, 2).
        reference: of the same shape.

    Raises:
        InputError: shapes that differ, or no points.

    >>> up = jnp.array([[0.0, 0.0], [1.0, 1.0], [0.0, 2.0]])
    >>> round(float(orientation_error(jnp.array([[0.0, 0.0], [-1.0, 1.0], [-2.0, 0.0]]), up)), 3)
    90.0
    """
    if points.shape != reference.shape or points.shape[-2] == 0:
        raise InputError(
            f"points of shape {points.shape} have no orientation to a reference of shape {reference.shape}: "
            "the shapes must be equal, with at least one point"
        )
    return _orientation_error(points, reference)


@jax.jit
def _orientation_error(points: ManyPositions, reference: ManyPositions) -> Float[Array, "*batch"]:
    x, r = (each - jnp.mean(each, axis=-2, keepdims=True) for each in (points, reference))
    across, along = jnp.sum(x[..., 0] * r[..., 0], axis=-1), jnp.sum(x[..., 0] * r[..., 1], axis=-1)
    upwards, back = jnp.sum(x[..., 1] * r[..., 1], axis=-1), jnp.sum(x[..., 1] * r[..., 0], axis=-1)
    # What a rotation gains by its cosine and by its sine, of the points and of their mirror image.
    of_cosine, of_sine = jnp.stack([upwards + across, upwards - across]), jnp.stack([along - back, -along - back])
    angle, gain = jnp.abs(jnp.arctan2(of_sine, of_cosine)), jnp.hypot(of_cosine, of_sine)
    least = jnp.max(gain, axis=0, keepdims=True) * (1 - _ROUNDING * jnp.finfo(gain.dtype).eps)
    # Not `gain >= least`, which would hide a coordinate that is not a number.
    angle = jnp.min(jnp.where(gain < least, jnp.inf, angle), axis=0)
    return jnp.minimum(jnp.degrees(angle), 180.0)


@jax.jit
def _upright(points: ManyPositions) -> ManyPositions:
    flat = points.reshape(-1, *points.shape[-2:])
    batch = max(_MOST_NUMBERS // points.shape[-2] ** 2, 1)
    return jax.lax.map(_upright_one, flat, batch_size=batch).reshape(points.shape)


def _upright_one(points: Positions) -> Positions:
    centre = jnp.mean(points, axis=0)
    around = points - centre[None]
    angle = _upright_angle(around) if points.shape[0] > 1 else jnp.zeros((), points.dtype)
    cosine, sine = jnp.cos(angle), jnp.sin(angle)
    heights = sine * around[:, 0] + cosine * around[:, 1]
    across = cosine * around[:, 0] - sine * around[:, 1]
    return jnp.stack([centre[0] + across, heights - jnp.min(heights)], axis=-1)


def _upright_angle(around: Positions) -> Float[Array, ""]:
    """Middle of the widest interval with the fewest pairs out of order, in radians from -pi to pi."""
    rounding = _ROUNDING * jnp.finfo(around.dtype).eps
    lower, upper = np.triu_indices(around.shape[0], k=1)
    apart = around[upper] - around[lower]
    length = jnp.hypot(apart[:, 0], apart[:, 1])
    is_apart = length > rounding * jnp.max(jnp.abs(around))
    direction = jnp.arctan2(apart[:, 1], apart[:, 0])
    # A pair that coincides cuts no interval in two: its breakpoints are those of the pair farthest apart.
    angles, widths, violated = _intervals(jnp.where(is_apart, direction, direction[jnp.argmax(length)]), is_apart)
    fewest = jnp.min(jnp.where(widths > rounding, violated, violated.size))
    widths_of_fewest = jnp.where((widths > rounding) & (violated == fewest), widths, -1.0)
    is_widest = widths_of_fewest >= jnp.max(widths_of_fewest) - rounding
    middle = jnp.mod(angles + 0.5 * widths + jnp.pi, 2 * jnp.pi) - jnp.pi
    middle = middle[jnp.argmin(jnp.where(is_widest, jnp.abs(middle), jnp.inf))]
    return jnp.where(jnp.any(is_apart), middle, 0.0)


def _intervals(
    direction: Float[Array, " pairs"], is_apart: Bool[Array, " pairs"]
) -> tuple[_Angles, _Angles, Int[Array, " angles"]]:
    """Start of each interval of rotations and its width, in radians; its pairs out of order less the last one's."""
    # Turned by t a pair is out of order while its direction + t lies between pi and 2 pi.
    start, end = jnp.mod(jnp.pi - direction, 2 * jnp.pi), jnp.mod(-direction, 2 * jnp.pi)
    angles, steps = jnp.concatenate([start, end]), is_apart.astype(jnp.int32)
    order = jnp.argsort(angles)
    angles, steps = angles[order], jnp.concatenate([steps, -steps])[order]
    return angles, jnp.diff(angles, append=angles[:1] + 2 * jnp.pi), jnp.cumsum(steps, dtype=jnp.int32)
