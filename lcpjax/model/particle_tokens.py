"""A latent token a particle: where it is, blurred; the decoder sharpens it by what its neighbours are."""

import math
from typing import ClassVar

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from lcpjax.array_types import ManyPositions
from lcpjax.model.radial_basis import radial_basis
from lcpjax.model.sample_kinds import PARTICLE_COORDINATES, PARTICLES, REDUCED_UNITS

PerCoordinate = Float[Array, "batch particles 2"]

# In sigma: where the attraction has ended.
FARTHEST = 3.0


class Neighbourhood(nn.Module):
    """For every particle the sum over the others of a learned function of the distance, along the line to them.

    Zero at first. Moves with the particles and turns with them, as forces do:
    Tweedie's formula says that the best guess of what was blurred by a variance
    s^2 lies s^2 times the gradient of the log density away.
    """

    width: int

    @nn.compact
    def __call__(self, positions: ManyPositions) -> PerCoordinate:
        """A displacement of each particle along the lines to the others."""
        # Each pair once: what pushes one of it pulls the other.
        first, second = np.triu_indices(positions.shape[1], 1)
        lines = positions[:, first] - positions[:, second]
        distances = jnp.sqrt(jnp.maximum(jnp.sum(lines**2, axis=-1), 1e-12))
        features = nn.silu(nn.Dense(self.width)(radial_basis(distances, FARTHEST)))
        # Nothing beyond the range: a particle's surroundings end there.
        envelope = 0.5 + 0.5 * jnp.cos(jnp.pi * jnp.minimum(distances / FARTHEST, 1.0))
        strengths = nn.Dense(1, kernel_init=nn.initializers.zeros)(features)[..., 0] * envelope / distances
        everyone = np.eye(positions.shape[1], dtype=np.float32)
        # As a product of matrices: on a CPU faster than adding pair after pair to where it belongs.
        signs = everyone[first] - everyone[second]
        return jnp.einsum("pi,bpc->bic", signs, strengths[..., None] * lines, precision=jax.lax.Precision.HIGHEST)


class ParticleTokenEncoder(nn.Module):
    """Where each particle is, blurred by noise of one scale; nothing to learn.

    As the noise goes to 0 the bound on log p(x) goes to the prior's own log
    density: what such a model knows of the fluid, its prior knows.

    Args:
        latent_dim: two per particle.
        scale: of the noise, in sigma: the resolution of the code.
    """

    works_on: ClassVar[str] = PARTICLE_COORDINATES
    latents: ClassVar[str] = PARTICLES
    takes: ClassVar[str] = REDUCED_UNITS
    latent_dim: int
    scale: float

    def __call__(self, positions: ManyPositions) -> tuple[ManyPositions, PerCoordinate]:
        """Means and log variances of the tokens, (batch, particles, 2), in sigma."""
        return positions, jnp.full_like(positions, 2 * math.log(self.scale))


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
        return tokens + Neighbourhood(self.width)(tokens)
