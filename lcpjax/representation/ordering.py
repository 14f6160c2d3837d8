"""Particle orderings: functions of the set of particles, so that relabelling changes nothing."""

from collections.abc import Callable
from typing import TypeAlias

import jax.numpy as jnp
from jaxtyping import Array, Float, Shaped

from lcpjax.array_arguments import takes_arrays
from lcpjax.array_types import Floats, ManyPositions
from lcpjax.errors import InputError, did_you_mean
from lcpjax.representation.assignment import assign
from lcpjax.representation.hilbert import hilbert_index
from lcpjax.representation.input_checks import check_positions

Template: TypeAlias = Float[Array, "template_particles 2"]


def as_sampled(positions: ManyPositions) -> ManyPositions:
    """The positions as they came: particles are exchangeable, so this order carries no information."""
    return positions


def by_height(positions: ManyPositions) -> ManyPositions:
    """The positions with particles from lowest to highest (the study's order)."""
    return _sorted_by(positions, positions[..., 1])


def by_distance_to_lowest(positions: ManyPositions) -> ManyPositions:
    """The positions with the lowest particle first, then from the nearest to it to the farthest."""
    lowest = jnp.argmin(positions[..., 1], axis=-1)[..., None, None]
    displacements = positions - jnp.take_along_axis(positions, lowest, axis=-2)
    return _sorted_by(positions, jnp.sum(displacements**2, axis=-1))


def by_hilbert_curve(positions: ManyPositions) -> ManyPositions:
    """The positions with particles along a Hilbert curve: neighbours in the order are neighbours in the box."""
    return _sorted_by(positions, hilbert_index(positions))


ORDERINGS: dict[str, Callable[[ManyPositions], ManyPositions]] = {
    "none": as_sampled,
    "height": by_height,
    "lowest": by_distance_to_lowest,
    "hilbert": by_hilbert_curve,
}
"""Those that need nothing but the configuration."""
TEMPLATE = "template"
"""The one that must first learn a template."""


@takes_arrays
def order_particles(positions: Floats, ordering: str, template: Template | None = None) -> ManyPositions:
    """The same configurations with their particles in a canonical order.

    Args:
        positions: (..., particles, 2), in sigma.
        ordering: a name in ``ORDERINGS``, or ``template``.
        template: (particles, 2), in sigma, by ``learn_template``; for that ordering only.

    Raises:
        InputError: an unknown name, a template that is missing, not asked for, or of another number of particles.
        InputError: no coordinates, or some that are not finite.

    >>> order_particles(jnp.array([[0.0, 2.0], [5.0, 1.0]]), "height").tolist()
    [[5.0, 1.0], [0.0, 2.0]]
    """
    if ordering not in (names := (*ORDERINGS, TEMPLATE)):
        raise InputError(f"ordering = {ordering}: {did_you_mean(ordering, names)}")
    check_positions(positions, f"ordering = {ordering}")
    if ordering == TEMPLATE:
        if template is None:
            raise InputError("ordering = template: needs a template; learn_template makes one")
        if template.shape != positions.shape[-2:]:
            raise InputError(
                f"ordering = template: the template has shape {template.shape}, configurations {positions.shape[-2:]}"
            )
        return assign(positions, template)
    if template is not None:
        raise InputError(f"ordering = {ordering}: takes no template")
    return ORDERINGS[ordering](positions)


def _sorted_by(positions: ManyPositions, values: Shaped[Array, "*batch particles"]) -> ManyPositions:
    order = jnp.argsort(values, axis=-1)
    return jnp.take_along_axis(positions, order[..., None], axis=-2)
