"""A density of latents by class: affine couplings of standard normal noise, at first the identity.

Dinh, Sohl-Dickstein and Bengio, "Density estimation using Real NVP" (2017).
"""

import math

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from lcpjax.array_types import Latent, Nats, PRNGKey

Classes = Float[Array, "batch classes"]
"""One-hot, or any numbers that the density is conditioned on."""


class Coupling(nn.Module):
    """Half of the latents scaled and shifted by functions of the other half and the class; at first the identity."""

    width: int
    keeps_even: bool

    @nn.compact
    def __call__(self, latent: Latent, classes: Classes) -> tuple[Latent, Latent]:
        """Log scales and shifts, 0 for the latents that are kept."""
        size = latent.shape[-1]
        kept = jnp.asarray(np.arange(size) % 2 == (0 if self.keeps_even else 1), latent.dtype)[None]
        inner = nn.silu(nn.Dense(self.width)(latent * kept) + nn.Dense(self.width, use_bias=False)(classes))
        inner = nn.silu(nn.Dense(self.width)(inner))
        log_scale, shift = jnp.split(nn.Dense(2 * size, kernel_init=nn.initializers.zeros)(inner), 2, axis=-1)
        # Scales between exp(-2) and exp(2) a layer: a rare latent cannot blow up the others.
        return 2.0 * jnp.tanh(0.5 * log_scale) * (1.0 - kept), shift * (1.0 - kept)


class CouplingFlow(nn.Module):
    """p(u | class) of latents; N(0, I) before training.

    Args:
        depth: couplings, in turn of the odd and of the even latents.
        width: of their networks.
    """

    depth: int = 8
    width: int = 128

    def setup(self) -> None:
        """Declare the couplings."""
        self.couplings = [Coupling(self.width, keeps_even=layer % 2 == 0) for layer in range(self.depth)]

    def log_density(self, latent: Latent, classes: Classes) -> Nats:
        """Ln p(u | class) in nats.

        Args:
            classes: (batch, classes), one-hot or numbers.
        """
        log_slopes = jnp.zeros(latent.shape[0])
        for coupling in self.couplings:
            log_scale, shift = coupling(latent, classes)
            latent = latent * jnp.exp(log_scale) + shift
            log_slopes = log_slopes + jnp.sum(log_scale, axis=-1)
        return log_slopes - 0.5 * jnp.sum(latent**2, axis=-1) - 0.5 * latent.shape[-1] * math.log(2 * math.pi)

    def sample(self, key: PRNGKey, classes: Classes, latent_dim: int) -> Latent:
        """Latents drawn from it, one for each row of ``classes``."""
        latent = jax.random.normal(key, (classes.shape[0], latent_dim))
        for coupling in reversed(self.couplings):
            log_scale, shift = coupling(latent, classes)
            latent = (latent - shift) * jnp.exp(-log_scale)
        return latent
