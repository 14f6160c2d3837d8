"""The set transformer as an encoder: a token for each particle, read by learned queries."""

import math
from typing import ClassVar

import flax.linen as nn
import jax.numpy as jnp
from jaxtyping import Array, Float

from lcpjax.array_types import Configurations2D, DistanceMatrix
from lcpjax.model.attention import Attention, AttentionBlock, Tokens
from lcpjax.model.posterior import Features, Posterior, posterior_of
from lcpjax.model.radial_basis import radial_basis
from lcpjax.model.sample_kinds import PARTICLE_COORDINATES, PARTICLE_MATRICES, REDUCED_UNITS, VECTOR
from lcpjax.representation import distance_matrix

AboutParticles = Float[Array, "batch particles features"]
Matrices = Float[Array, "batch rows rows"]
PooledTokens = Float[Array, "batch queries width"]


class SetTransformer(nn.Module):
    """Features of a set of particles, invariant under permutations unless the order is known.

    Particles attend to each other, nearer ones more or less by a learned function
    of the distance (as Graphormer's bias, Ying et al. 2021); then learned queries
    attend to the particles (pooling of Lee et al., "Set transformer", 2019). Where
    places in the order are known, nothing is pooled.

    Args:
        depth: blocks before the pooling.
        num_queries: tokens that the set is pooled into, if it is.
        knows_order: each particle has a learned token for its place in the order, and sees which distance is to whom.
        furthest: the largest distance, in sigma.
    """

    width: int
    depth: int
    num_heads: int
    num_queries: int
    knows_order: bool
    furthest: float

    @nn.compact
    def __call__(self, about_particles: AboutParticles, distances: DistanceMatrix) -> Features:
        """(batch, num_queries * width), or (batch, particles * width) where the order is known.

        Args:
            about_particles: of each alone, of order 1.
            distances: in sigma.
        """
        basis = radial_basis(distances, self.furthest)
        known = [about_particles, jnp.mean(basis, axis=2)]
        if self.knows_order:
            known.append(distances * (4.0 / self.furthest) - 1.0)
        tokens = nn.Dense(self.width)(nn.silu(nn.Dense(self.width)(jnp.concatenate(known, axis=-1))))
        if self.knows_order:
            tokens += self.param("order", nn.initializers.normal(1.0), tokens.shape[1:])[None]
        pair_bias = nn.Dense(self.num_heads, name="pair_bias")(basis).transpose(0, 3, 1, 2)
        for _ in range(self.depth):
            tokens = AttentionBlock(self.num_heads)(tokens, pair_bias=pair_bias)
        tokens = nn.LayerNorm()(tokens)
        # Queries start from averages, in which particles that have a place of their own would be lost.
        pooled = tokens if self.knows_order else self._ask(tokens)
        return nn.silu(pooled).reshape(tokens.shape[0], -1)

    def _ask(self, tokens: Tokens) -> PooledTokens:
        queries = self.param("queries", nn.initializers.normal(1.0), (self.num_queries, self.width))
        asking = jnp.broadcast_to(queries, (tokens.shape[0], *queries.shape))
        return nn.LayerNorm()(Attention(self.num_heads, name="pooling")(asking, tokens))


class CoordinatesSetEncoder(nn.Module):
    """Posterior of positions.

    Args:
        body: turns particles and their distances into features.
        box_side: in sigma.
    """

    works_on: ClassVar[str] = PARTICLE_COORDINATES
    latents: ClassVar[str] = VECTOR
    takes: ClassVar[str] = REDUCED_UNITS
    latent_dim: int
    body: SetTransformer
    box_side: float

    @nn.compact
    def __call__(self, positions: Configurations2D) -> Posterior:
        """q(z | x) of positions in sigma."""
        centred = positions * (2.0 / self.box_side) - 1.0
        features = self.body(centred, distance_matrix(positions))
        return posterior_of(features, self.latent_dim)


class DistancesSetEncoder(nn.Module):
    """Posterior of distance matrices; which particle is which need not be known, but the anchors are.

    Args:
        body: turns particles and their distances into features.
        num_anchors: last rows and columns that are fixed points.
    """

    works_on: ClassVar[str] = PARTICLE_MATRICES
    latents: ClassVar[str] = VECTOR
    takes: ClassVar[str] = REDUCED_UNITS
    latent_dim: int
    body: SetTransformer
    num_anchors: int

    @nn.compact
    def __call__(self, matrices: Matrices) -> Posterior:
        """q(z | x) of distances in sigma."""
        num_particles = matrices.shape[1] - self.num_anchors
        to_anchors = matrices[:, :num_particles, num_particles:]
        about_particles = jnp.concatenate(
            [to_anchors / self.body.furthest, *jnp.moveaxis(radial_basis(to_anchors, self.body.furthest), 2, 0)],
            axis=-1,
        )
        features = self.body(about_particles, matrices[:, :num_particles, :num_particles])
        return posterior_of(features, self.latent_dim)


def diagonal(box_side: float) -> float:
    """Largest distance in a box, in sigma.

    >>> round(diagonal(10.0), 3)
    14.142
    """
    return math.sqrt(2.0) * box_side
