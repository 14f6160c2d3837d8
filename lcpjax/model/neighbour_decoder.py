"""A linear estimate of the coordinates, corrected for each particle from its neighbours."""

from typing import ClassVar

import flax.linen as nn
import jax.numpy as jnp

from lcpjax.array_types import Configurations2D, Latent
from lcpjax.model.attention import AttentionBlock
from lcpjax.model.point_decoder import rows_of_places
from lcpjax.model.radial_basis import radial_basis
from lcpjax.model.sample_kinds import PARTICLE_COORDINATES, REDUCED_UNITS, VECTOR, SampleLayout
from lcpjax.model.set_encoder import diagonal


class NeighbourDecoder(nn.Module):
    """Coordinates that are linear in the latent plus a displacement of each particle, at first zero.

    What a linear code leaves out is not free: particles do not overlap, and where
    two guesses do the truth lies apart. So the guesses attend to each other, by a
    learned function of the vector between them.

    Args:
        layout: of the samples to give, which are coordinates.
        width: of a particle's token.
        depth: blocks of attention.
        num_heads: of attention; divides width.
    """

    works_on: ClassVar[str] = PARTICLE_COORDINATES
    latents: ClassVar[str] = VECTOR
    gives: ClassVar[str] = REDUCED_UNITS
    layout: SampleLayout
    width: int
    depth: int
    num_heads: int

    @nn.compact
    def __call__(self, latent: Latent) -> Configurations2D:
        """Positions of the particles, in sigma."""
        places = rows_of_places(self.layout.num_particles, self.layout.box_side)
        linear = nn.Dense(places.size, bias_init=lambda *_: places.reshape(-1), name="linear")
        guess = linear(latent).reshape(-1, *places.shape)
        return guess + self._displacements(guess, latent)

    def _displacements(self, guess: Configurations2D, latent: Latent) -> Configurations2D:
        half_a_side = self.layout.box_side / 2
        vectors = guess[:, :, None] - guess[:, None]
        # Not quite 0 on the diagonal: the square root's gradient stays finite.
        distances = jnp.sqrt(jnp.sum(vectors**2, axis=-1) + 1e-6)
        basis = radial_basis(distances, diagonal(self.layout.box_side))
        between = jnp.concatenate([basis, vectors / half_a_side, jnp.tanh(vectors)], axis=-1)
        pairs = nn.silu(nn.Dense(self.width // 2, name="pairs")(between))
        own = jnp.concatenate([guess / half_a_side - 1.0, jnp.mean(basis, axis=2)], axis=-1)
        order = self.param("order", nn.initializers.normal(1.0), (guess.shape[1], self.width))
        tokens = nn.Dense(self.width)(own) + nn.Dense(self.width)(latent)[:, None] + order[None]
        for _ in range(self.depth):
            bias = nn.Dense(self.num_heads)(pairs).transpose(0, 3, 1, 2)
            tokens = AttentionBlock(self.num_heads)(tokens, pair_bias=bias)
        return nn.Dense(2, kernel_init=nn.initializers.zeros)(nn.LayerNorm()(tokens))
