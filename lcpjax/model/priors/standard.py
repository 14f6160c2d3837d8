"""Standard normal prior of the latents."""

import math
from typing import ClassVar

import flax.linen as nn
import jax
import jax.numpy as jnp

from lcpjax.array_types import Latent, Nats, PRNGKey
from lcpjax.model.sample_kinds import VECTOR


class StandardNormal(nn.Module):
    """N(0, I); not learned."""

    latents: ClassVar[str] = VECTOR
    latent_dim: int

    def log_density(self, latent: Latent) -> Nats:
        """Log p(z) in nats."""
        return -0.5 * jnp.sum(latent**2, axis=-1) - 0.5 * latent.shape[-1] * math.log(2 * math.pi)

    def sample(self, key: PRNGKey, number: int) -> Latent:
        """Latents drawn from it, (number, latent)."""
        return jax.random.normal(key, (number, self.latent_dim))
