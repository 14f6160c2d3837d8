"""The one interface of every representation: ordered positions in, samples for a model out."""

from collections.abc import Callable
from dataclasses import dataclass

import jax
import jax.numpy as jnp

from lcpjax.array_types import ManyPositions, Samples
from lcpjax.errors import OneLineError, did_you_mean
from lcpjax.representation.distance_matrix import distance_matrix
from lcpjax.representation.ordering import ORDERINGS, order_particles

REPRESENTATIONS: dict[str, Callable[[ManyPositions], Samples]] = {
    "distance_matrix": distance_matrix,
}


class RepresentationError(OneLineError):
    """A representation that does not exist."""


@dataclass(frozen=True)
class Representation:
    """Which particles come first, and what is said about them.

    Args:
        name: a name in ``REPRESENTATIONS``.
        ordering: a name in ``ORDERINGS``.

    Raises:
        RepresentationError: an unknown name.
    """

    name: str = "distance_matrix"
    ordering: str = "height"

    def __post_init__(self) -> None:
        if self.name not in REPRESENTATIONS:
            raise RepresentationError(f"name = {self.name}: {did_you_mean(self.name, REPRESENTATIONS)}")
        if self.ordering not in ORDERINGS:
            raise RepresentationError(f"ordering = {self.ordering}: {did_you_mean(self.ordering, ORDERINGS)}")

    def order(self, positions: ManyPositions) -> ManyPositions:
        """The positions in the model's own particle order; (..., particles, 2), in sigma."""
        return order_particles(positions, self.ordering)

    def represent(self, ordered: ManyPositions) -> Samples:
        """What the model sees of positions that are already in order, in reduced units."""
        return REPRESENTATIONS[self.name](ordered)

    def of(self, positions: ManyPositions) -> Samples:
        """What the model sees of positions in any order: put in order, then represented."""
        return self.represent(self.order(positions))

    def sample_shape(self, num_particles: int) -> tuple[int, ...]:
        """The shape of one sample.

        >>> Representation("distance_matrix").sample_shape(30)
        (30, 30)
        """
        one = jax.ShapeDtypeStruct((1, num_particles, 2), jnp.float32)
        return jax.eval_shape(self.represent, one).shape[1:]
