"""The set transformer as a decoder: one learned query for each particle."""

from typing import ClassVar

import flax.linen as nn
import jax.numpy as jnp

from lcpjax.array_types import Configurations2D, Latent
from lcpjax.model.attention import Attention, AttentionBlock
from lcpjax.model.sample_kinds import NORMALISED, PARTICLE_COORDINATES, VECTOR


class SetDecoder(nn.Module):
    """Coordinates from latents: queries attend to the latent and to each other, ``depth`` times.

    Equivariant: queries in another order give the same particles in that order.

    Args:
        num_particles: N, one learned query for each.
        width: of a token.
        depth: blocks, each asking the latent and then the other particles.
        num_heads: of attention; divides width.
        num_tokens: that the latent is split into.
    """

    works_on: ClassVar[str] = PARTICLE_COORDINATES
    latents: ClassVar[str] = VECTOR
    gives: ClassVar[str] = NORMALISED
    num_particles: int
    width: int
    depth: int
    num_heads: int
    num_tokens: int

    @nn.compact
    def __call__(self, latent: Latent) -> Configurations2D:
        """Normalised coordinates."""
        latent_tokens = nn.Dense(self.num_tokens * self.width)(latent).reshape(-1, self.num_tokens, self.width)
        queries = self.param("queries", nn.initializers.normal(1.0), (self.num_particles, self.width))
        particles = jnp.broadcast_to(queries, (latent.shape[0], *queries.shape))
        for _ in range(self.depth):
            particles = particles + Attention(self.num_heads)(nn.LayerNorm()(particles), latent_tokens)
            particles = AttentionBlock(self.num_heads)(particles)
        # Zero at first: training starts from the mean.
        return nn.Dense(2, kernel_init=nn.initializers.zeros)(nn.LayerNorm()(particles))
