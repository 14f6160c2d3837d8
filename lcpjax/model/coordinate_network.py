"""Coordinates predicted directly from a distance matrix: the route that the study tried to learn."""

import functools
from typing import cast

import flax.linen as nn
import jax

from lcpjax.array_types import ManyPositions, PRNGKey, Samples
from lcpjax.model.vae import Variables
from lcpjax.representation import Normalisation


class CoordinateNetwork(nn.Module):
    """Coordinates around the origin, in sigma, of normalised samples.

    Args:
        encoder: its latent means, two a particle, are the coordinates.
        num_particles: how many the encoder has latents for.
        scale: of the coordinates, in sigma: what an untrained network gives is of this order.
    """

    encoder: nn.Module
    num_particles: int
    scale: float

    def __call__(self, normalised: Samples) -> ManyPositions:
        """(batch, particles, 2), in sigma."""
        mean = self.encoder(normalised).mean
        return self.scale * mean.reshape(-1, self.num_particles, 2)


@functools.partial(jax.jit, static_argnames="network")
def initial_coordinate_variables(network: CoordinateNetwork, key: PRNGKey, normalised: Samples) -> Variables:
    """Its parameters before any training.

    Args:
        normalised: some samples, for their shape.
    """
    return cast(Variables, network.init(key, normalised))


def coordinates_of(network: CoordinateNetwork, variables: Variables, normalised: Samples) -> ManyPositions:
    """Coordinates of normalised samples, (batch, particles, 2), in sigma, around the origin."""
    return cast(jax.Array, network.apply(variables, normalised))


@functools.partial(jax.jit, static_argnames="network")
def predicted_coordinates(
    network: CoordinateNetwork, variables: Variables, normalisation: Normalisation, samples: Samples
) -> ManyPositions:
    """Coordinates of samples in reduced units, (batch, particles, 2), in sigma, around the origin."""
    return coordinates_of(network, variables, normalisation.normalise(samples))
