"""A latent token a particle: where it is, blurred; the decoder sharpens it by what its neighbours are."""

import math
from typing import ClassVar

import flax.linen as nn
import jax.numpy as jnp
from jaxtyping import Array, Float

from lcpjax.array_types import ManyPositions
from lcpjax.model.sample_kinds import PARTICLE_COORDINATES, PARTICLES, REDUCED_UNITS

PairFeatures = Float[Array, "batch particles particles features"]
PerCoordinate = Float[Array, "batch particles 2"]

# Distances in sigma: from deep in the repulsion to where the attraction has ended.
_NEAREST, _FARTHEST, _NUM_RADIAL = 0.8, 3.0, 24


def radial_features(distances: Float[Array, "batch particles particles"]) -> PairFeatures:
    """Gaussians of the distance, evenly spaced between 0.8 and 3 sigma, each as wide as their spacing."""
    centres = jnp.linspace(_NEAREST, _FARTHEST, _NUM_RADIAL)
    width = (_FARTHEST - _NEAREST) / (_NUM_RADIAL - 1)
    return jnp.exp(-0.5 * ((distances[..., None] - centres[None, None, None]) / width) ** 2)


class Neighbourhood(nn.Module):
    """For every particle, sums over the others of learned functions of the distance.

    Zero at first. Moves with the particles and turns with them, as forces do:
    Tweedie's formula says that the best guess of what was blurred by a variance
    s^2 lies s^2 times the gradient of the log density away.
    """

    width: int

    @nn.compact
    def __call__(self, positions: ManyPositions) -> tuple[PerCoordinate, PerCoordinate]:
        """A displacement along the lines to the others, and one number an axis from the squares of their directions."""
        displacements = positions[:, :, None] - positions[:, None]
        others = 1.0 - jnp.eye(positions.shape[1])[None]
        # The diagonal is no distance: anything but 0 there keeps the square root's gradient finite.
        squared = jnp.sum(displacements**2, axis=-1) + jnp.eye(positions.shape[1])[None]
        distances = jnp.sqrt(jnp.maximum(squared, 1e-12))
        features = nn.silu(nn.Dense(self.width)(radial_features(distances)))
        # Nothing beyond the range: a particle's surroundings end there.
        envelope = 0.5 + 0.5 * jnp.cos(jnp.pi * jnp.minimum(distances / _FARTHEST, 1.0))
        strengths = nn.Dense(2, kernel_init=nn.initializers.zeros)(features) * (others * envelope)[..., None]
        directions = displacements / distances[..., None]
        displacement = jnp.sum(strengths[..., :1] * directions, axis=2)
        stiffness = jnp.sum(strengths[..., 1:] * directions**2, axis=2)
        return displacement, stiffness


class ParticleTokenEncoder(nn.Module):
    """Where each particle is, and how far its token may be from there.

    Args:
        scale: of the noise at first, in sigma.
        width: of the pair functions.
    """

    works_on: ClassVar[str] = PARTICLE_COORDINATES
    latents: ClassVar[str] = PARTICLES
    takes: ClassVar[str] = REDUCED_UNITS
    scale: float
    width: int

    @nn.compact
    def __call__(self, positions: ManyPositions) -> tuple[ManyPositions, PerCoordinate]:
        """Means and log variances of the tokens, (batch, particles, 2), in sigma."""
        _, stiffness = Neighbourhood(self.width)(positions)
        return positions, stiffness + 2 * math.log(self.scale)


class ParticleTokenDecoder(nn.Module):
    """The particles that blurred ones stand for.

    Args:
        width: of the pair functions.
    """

    works_on: ClassVar[str] = PARTICLE_COORDINATES
    latents: ClassVar[str] = PARTICLES
    gives: ClassVar[str] = REDUCED_UNITS
    width: int

    @nn.compact
    def __call__(self, tokens: ManyPositions) -> ManyPositions:
        """Positions, (batch, particles, 2), in sigma."""
        displacement, _ = Neighbourhood(self.width)(tokens)
        return tokens + displacement
