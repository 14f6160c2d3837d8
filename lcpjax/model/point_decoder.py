"""Coordinates first, the representation from them: a valid distance matrix by construction."""

import math
from typing import ClassVar

import flax.linen as nn
import jax.numpy as jnp
import numpy as np

from lcpjax.array_types import Configurations2D, Latent, Positions, Samples
from lcpjax.model.sample_kinds import ANYTHING, REDUCED_UNITS, VECTOR, SampleLayout
from lcpjax.representation import REPRESENTATIONS


class PointDecoder(nn.Module):
    """Samples of any representation, always of particles that are somewhere in the plane.

    Distances so made are symmetric, zero on the diagonal, of points in two
    dimensions, and break no triangle inequality.

    Args:
        layout: of the samples to give.
        network: latents -> (batch, particles, 2), of order 1.
    """

    works_on: ClassVar[str] = ANYTHING
    latents: ClassVar[str] = VECTOR
    gives: ClassVar[str] = REDUCED_UNITS
    layout: SampleLayout
    network: nn.Module

    @nn.compact
    def coordinates(self, latent: Latent) -> Configurations2D:
        """Positions of the particles, in sigma."""
        num_particles, box_side = self.layout.num_particles, self.layout.box_side
        places = self.param("places", lambda _: rows_of_places(num_particles, box_side))
        # As wide as a coordinate that is uniform in the box. The sum comes last: from a product a compiler may make
        # x_i - x_j and x_j - x_i of different roundings, and the distances asymmetric.
        return places[None] + (box_side / math.sqrt(12.0)) * self.network(latent)

    def __call__(self, latent: Latent) -> Samples:
        """Representation of those coordinates, in reduced units."""
        represent = REPRESENTATIONS[self.layout.representation].represent
        return represent(self.coordinates(latent), self.layout.box_side)


def rows_of_places(num_particles: int, box_side: float) -> Positions:
    """Places spread evenly over the box, row by row from the lowest, in sigma.

    >>> rows_of_places(4, 10.0).tolist()
    [[2.5, 2.5], [7.5, 2.5], [2.5, 7.5], [7.5, 7.5]]
    """
    per_row = math.ceil(math.sqrt(num_particles))
    num_rows = math.ceil(num_particles / per_row)
    rows, columns = np.divmod(np.arange(num_particles), per_row)
    return jnp.asarray(np.stack([(columns + 0.5) / per_row, (rows + 0.5) / num_rows], axis=-1) * box_side, jnp.float32)
