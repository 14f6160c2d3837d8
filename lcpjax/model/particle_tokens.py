"""One latent token per particle: its blurred position; the decoder sharpens it from its neighbours."""

import math
from typing import ClassVar, NamedTuple

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from lcpjax.array_types import Floats, ManyPositions
from lcpjax.model.radial_basis import radial_basis
from lcpjax.model.sample_kinds import PARTICLE_COORDINATES, PARTICLES, REDUCED_UNITS
from lcpjax.reconstruction import soft_core
from lcpjax.system import PAIR_POTENTIALS

PerCoordinate = Float[Array, "batch particles 2"]

# In sigma: where the attraction has ended.
FARTHEST = 3.0


class Neighbourhood(nn.Module):
    """Sum for each particle over the others of a learned function of the distance, along the line to them.

    Zero at first. Moves with the particles and turns with them, as forces do:
    Tweedie's formula says that the best guess of what was blurred by a variance
    s^2 lies s^2 times the gradient of the log density away.
    """

    width: int

    @nn.compact
    def __call__(self, positions: ManyPositions) -> PerCoordinate:
        """A displacement of each particle along the lines to the others."""
        pairs = _pairs(positions)
        features = nn.silu(nn.Dense(self.width)(radial_basis(pairs.distances, FARTHEST)))
        # Nothing beyond the range: a particle's surroundings end there.
        envelope = 0.5 + 0.5 * jnp.cos(jnp.pi * jnp.minimum(pairs.distances / FARTHEST, 1.0))
        strengths = nn.Dense(1, kernel_init=nn.initializers.zeros)(features)[..., 0] * envelope
        return _along_lines(pairs, strengths)


class _Pairs(NamedTuple):
    """Pairs of particles, each once: forces on the two are opposite."""

    signs: Float[np.ndarray, "pairs particles"]
    """1 for a pair's first particle, -1 for its second."""
    lines: Float[Array, "batch pairs 2"]
    """From the second to the first, in sigma."""
    distances: Float[Array, "batch pairs"]


def _pairs(positions: ManyPositions) -> _Pairs:
    first, second = np.triu_indices(positions.shape[1], 1)
    lines = positions[:, first] - positions[:, second]
    everyone = np.eye(positions.shape[1], dtype=np.float32)
    distances = jnp.sqrt(jnp.maximum(jnp.sum(lines**2, axis=-1), 1e-12))
    return _Pairs(everyone[first] - everyone[second], lines, distances)


def _along_lines(pairs: _Pairs, strengths: Float[Array, "batch pairs"]) -> PerCoordinate:
    """Sum for each particle of its pairs' strengths along their lines, away from the other."""
    # As a product of matrices: on a CPU faster than adding pair after pair to where it belongs.
    pushes = (strengths / pairs.distances)[..., None] * pairs.lines
    return jnp.einsum("pi,bpc->bic", pairs.signs, pushes, precision=jax.lax.Precision.HIGHEST)


class ParticleTokenEncoder(nn.Module):
    """Posterior of each particle's position, blurred by noise of one scale; not learned.

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
    """Particles estimated from blurred ones, learned as the best estimate of them.

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


class HalfForcesDecoder(nn.Module):
    """Tokens moved by half of Tweedie's step along the forces between them, which restores energies; not learned.

    Particles so moved have the mean energy of the fluid again, to first order in the noise. Noise of
    variance s^2 raises the energy by s^2 tr H / 2 on average, H being its curvature, and a step of
    f s^2 F / T along the forces F lowers it by f s^2 |F|^2 / T; in equilibrium <|F|^2> = T <tr H>, but for a
    term of the walls. (Gravity may be left out: forces of pairs sum to 0.) So the best guess of the positions
    (Tweedie's, f = 1) has as much too little energy as the tokens have too much, and f = 1 / 2 neither. Training
    would not leave them there: the likelihood asks for the best guess, a whole step.

    Args:
        pair_potential: a name in ``PAIR_POTENTIALS``; its core is soft.
        temperature: in epsilon / k_B.
        scale: of the noise, in sigma.
    """

    works_on: ClassVar[str] = PARTICLE_COORDINATES
    latents: ClassVar[str] = PARTICLES
    gives: ClassVar[str] = REDUCED_UNITS
    pair_potential: str
    temperature: float
    scale: float

    def __call__(self, tokens: ManyPositions) -> ManyPositions:
        """Positions, (batch, particles, 2), in sigma."""
        pairs = _pairs(tokens)
        along = jnp.ones_like(pairs.distances)
        slopes = jax.jvp(self._half_step, (pairs.distances,), (along,))[1]
        return tokens + _along_lines(pairs, -slopes)

    def _half_step(self, distances: Floats) -> Floats:
        """Pair potential in units of T, times half the variance of the noise."""
        potential = soft_core(PAIR_POTENTIALS[self.pair_potential])
        return (0.5 * self.scale**2 / self.temperature) * potential(distances * distances)
