"""Particle orderings: functions of the set of particles, so that relabelling changes nothing."""

from collections.abc import Callable

import jax.numpy as jnp

from lcpjax.array_types import ManyPositions
from lcpjax.errors import OneLineError, did_you_mean


class OrderingError(OneLineError):
    """An ordering that does not exist."""


def as_sampled(positions: ManyPositions) -> ManyPositions:
    """The positions as they came: particles are exchangeable, so this order means nothing."""
    return positions


def by_height(positions: ManyPositions) -> ManyPositions:
    """The positions with particles from lowest to highest (the study's order)."""
    order = jnp.argsort(positions[..., 1], axis=-1)
    return jnp.take_along_axis(positions, order[..., None], axis=-2)


ORDERINGS: dict[str, Callable[[ManyPositions], ManyPositions]] = {
    "none": as_sampled,
    "height": by_height,
}


def order_particles(positions: ManyPositions, ordering: str) -> ManyPositions:
    """The same configurations with their particles in a canonical order.

    Args:
        positions: (..., particles, 2), in sigma.
        ordering: a name in ``ORDERINGS``.

    Raises:
        OrderingError: an unknown name.

    >>> order_particles(jnp.array([[0.0, 2.0], [5.0, 1.0]]), "height").tolist()
    [[5.0, 1.0], [0.0, 2.0]]
    """
    if ordering not in ORDERINGS:
        raise OrderingError(f"ordering = {ordering}: {did_you_mean(ordering, ORDERINGS)}")
    return ORDERINGS[ordering](positions)
