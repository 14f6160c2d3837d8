"""Points known up to a rigid motion, brought to rest like a tumbler toy: on the side nearest their centre of mass."""

import functools

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from lcpjax.array_arguments import takes_arrays
from lcpjax.array_types import Floats, ManyPositions, Positions
from lcpjax.errors import InputError
from lcpjax.representation import check_positions

_Pairs = Float[Array, "particles particles"]

_MOST_NUMBERS = 2**23
"""Heights held at once, points cubed for each configuration; any more at once is no faster."""

_ROUNDING = 32
"""In machine epsilons: far above what a rotation rounds (about 4), far below what could be seen."""


@takes_arrays
def tumble(points: Floats, *, mirrored: bool = False) -> ManyPositions:
    """The points at rest on y = 0 with none below, (..., points, 2), in sigma; their mean x is kept.

    Of the sides of the convex hull above which the centre of mass lies, the one
    nearest to it comes down: of all ways to set the points on a floor this has the
    lowest mean height. Of sides equally near to rounding the one that needs the
    least rotation, a side already level first: what is at rest stays. The pose is
    independent of how the points were turned, but of two sides nearly equally near
    noise may choose. Points on a line lie flat; points that are all the same are
    only lowered. Not made to be differentiated.

    Args:
        points: (..., points, 2), in sigma; all of the same mass.
        mirrored: the other of the two mirror images, left and right exchanged about the
            centre of mass; distances do not determine which of the two is right.

    Raises:
        InputError: a wrong shape, or a value that is not finite.
        InputError: no points.

    >>> tumble(jnp.array([[0.0, 2.0], [1.0, 2.0], [1.0, 5.0], [0.0, 5.0]])).tolist()
    [[-1.0, 1.0], [-1.0, 0.0], [2.0, 0.0], [2.0, 1.0]]
    """
    check_positions(points, "tumble")
    if points.shape[-2] == 0:
        raise InputError(f"tumble: needs at least one point, and an array of shape {points.shape} has none")
    return _tumbled(points, jnp.asarray(mirrored))


@jax.jit
def _tumbled(points: ManyPositions, mirrored: Bool[Array, ""]) -> ManyPositions:
    flat = points.reshape(-1, *points.shape[-2:])
    of_one = functools.partial(_at_rest, mirrored=mirrored)
    return jax.lax.map(of_one, flat, batch_size=max(_MOST_NUMBERS // points.shape[-2] ** 3, 1)).reshape(points.shape)


def _at_rest(points: Positions, mirrored: Bool[Array, ""]) -> Positions:
    centre = jnp.mean(points, axis=0)
    around = points - centre[None]
    # The centre's x is in it because the result is given at that x, and rounds accordingly.
    largest = jnp.max(jnp.abs(around)) + jnp.abs(centre[0])
    cosine, sine = _lowest_side(around, _ROUNDING * jnp.finfo(points.dtype).eps * largest)
    across = cosine * around[:, 0] + sine * around[:, 1]
    heights = cosine * around[:, 1] - sine * around[:, 0]
    across = jnp.where(mirrored, -across, across)
    return jnp.stack([centre[0] + across, heights - jnp.min(heights)], axis=-1)


def _lowest_side(around: Positions, rounding: Float[Array, ""]) -> Float[Array, "2"]:
    """Direction of the side to come down, counterclockwise around the points; (1, 0) where there is none."""
    apart = around[None] - around[:, None]
    length = jnp.hypot(apart[..., 0], apart[..., 1])
    has_direction = length > rounding
    # Where no pair is a side the first one is taken, a point and itself: level, and nothing is turned.
    level = jnp.asarray([1.0, 0.0], apart.dtype)[None, None]
    along = jnp.where(has_direction[..., None], apart / jnp.where(has_direction, length, 1.0)[..., None], level)
    distance, is_side = _sides(around, along, length, rounding)
    distance = jnp.where(is_side & has_direction, distance, jnp.inf)
    # A side once level stays chosen, though rounding may have moved it out of those equally near.
    is_level = (jnp.abs(apart[..., 1]) <= rounding) & (apart[..., 0] > 0)
    is_nearest = distance <= jnp.min(distance) + rounding * jnp.where(is_level, 2.0, 1.0)
    rotation = jnp.abs(jnp.arctan2(along[..., 1], along[..., 0]))
    return along.reshape(-1, 2)[jnp.argmin(jnp.where(is_nearest & jnp.isfinite(distance), rotation, jnp.inf))]


def _sides(
    around: Positions, along: Float[Array, "particles particles 2"], length: _Pairs, rounding: Float[Array, ""]
) -> tuple[_Pairs, Bool[Array, "particles particles"]]:
    """Distance of the centre from the line through each pair, in sigma, and whether the pair is a side below it."""
    (x, y), (cosine, sine) = around.T, jnp.moveaxis(along, -1, 0)
    distance = sine * x[:, None] - cosine * y[:, None]
    # Products written out: a matrix product may be rounded to fewer digits on a GPU.
    lowest = distance + jnp.min(cosine[..., None] * y[None, None] - sine[..., None] * x[None, None], axis=-1)
    foot = -(cosine * x[:, None] + sine * y[:, None])
    # The nearest side has its foot within it, unless it lies at an end and is rounded.
    return distance, (lowest >= -rounding) & (foot >= -rounding) & (foot <= length + rounding)
