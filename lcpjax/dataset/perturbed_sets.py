"""Configurations unlike those of any fluid: some particles displaced, or points without physics."""

import math
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from lcpjax.array_types import Configurations2D, Count, Floats, PRNGKey, Scalar
from lcpjax.errors import InputError
from lcpjax.system import System


class Displacement(NamedTuple):
    """Displacement of some particles, as done or as suspected; hashable."""

    largest_step: float
    """In sigma: U(0, largest_step) in a random direction."""
    num_displaced: int
    stays_inside: bool
    """Whether walls reflect."""


class Displaced(NamedTuple):
    """Configurations of which some particles were moved."""

    positions: Configurations2D
    """In sigma, in the order they came in."""
    is_displaced: Bool[Array, "configurations particles"]


def displace_particles(
    key: PRNGKey,
    positions: Configurations2D,
    system: System,
    largest_step: float,
    *,
    num_displaced: int = 4,
    stays_inside: bool = False,
) -> Displaced:
    """Configurations with some particles moved, in sigma: each by U(0, largest_step) in a random direction.

    The study moved four, by up to 0.2, wherever that led; about one configuration in twelve then has a
    particle outside the box, which gives it away without any look at the rest.

    Args:
        positions: (configurations, particles, 2), in sigma.
        largest_step: in sigma, above 0.
        num_displaced: of each configuration, exactly; any particles, each set of them as likely.
        stays_inside: whether walls throw back what would leave the box.

    Raises:
        InputError: fewer than none displaced or more than there are, or a step that is no length or
            longer than the box.
    """
    if not 0 <= num_displaced <= positions.shape[-2]:
        raise InputError(f"num_displaced = {num_displaced}: must be 0 to {positions.shape[-2]} particles")
    if not 0 < largest_step <= system.box_side:
        raise InputError(f"largest_step = {largest_step}: must be above 0, at most {system.box_side} sigma")
    moved = _displaced(key, positions, jnp.float32(largest_step), jnp.int32(num_displaced))
    return moved._replace(positions=reflected(moved.positions, system.box_side)) if stays_inside else moved


@jax.jit
def _displaced(key: PRNGKey, positions: Configurations2D, largest_step: Scalar, num_displaced: Count) -> Displaced:
    which_key, length_key, angle_key = jax.random.split(key, 3)
    shape = positions.shape[:2]
    # The smallest of independent numbers: every set of particles is as likely.
    chosen = smallest(jax.random.uniform(which_key, shape), num_displaced)
    # Never 0: a particle that is displaced moves.
    lengths = largest_step * (1.0 - jax.random.uniform(length_key, shape))
    angles = 2 * math.pi * jax.random.uniform(angle_key, shape)
    steps = lengths[..., None] * jnp.stack([jnp.cos(angles), jnp.sin(angles)], axis=-1)
    return Displaced(jnp.where(chosen[..., None], positions + steps, positions), chosen)


def smallest(
    numbers: Float[Array, "configurations particles"], count: Count
) -> Bool[Array, "configurations particles"]:
    """Mask of the ``count`` smallest values of each row; ties go to the first.

    >>> smallest(jnp.array([[0.5, 0.2, 0.2, 0.2]]), jnp.int32(2)).tolist()
    [[False, True, True, False]]
    """
    # Of 23 bits two are equal in one configuration of 20,000: counting only smaller ones could take one too many.
    comes_first = jnp.tril(jnp.ones((numbers.shape[1],) * 2, bool), -1)[None]
    mine, others = numbers[:, :, None], numbers[:, None, :]
    ranks = jnp.sum((others < mine) | ((others == mine) & comes_first), axis=2)
    return ranks < count


def reflected(coordinates: Floats, box_side: float) -> Floats:
    """Coordinates of any shape, those beyond a wall mirrored in it; in sigma.

    A step that is reflected is as likely as its reverse.

    >>> reflected(jnp.array([-0.5, 3.0, 10.5]), 10.0).tolist()
    [0.5, 3.0, 9.5]
    """
    return box_side - jnp.abs(box_side - jnp.abs(coordinates))


def uniform_points(key: PRNGKey, number: int, system: System) -> Configurations2D:
    """Points without any physics, (number, particles, 2), in sigma: uniform in the box."""
    return system.box_side * jax.random.uniform(key, (number, system.num_particles, 2))
