"""The diagonal Gaussian posterior q(z | x)."""

import math
from typing import NamedTuple

import flax.linen as nn
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from lcpjax.array_types import Count, Latent, Nats, PRNGKey, Scalar

Features = Float[Array, "batch width"]

ALL_LATENTS = 2**31 - 1
"""As a number of latents: all that the model has."""


class Posterior(NamedTuple):
    """q(z | x) = N(mean, diag(exp(log_variance)))."""

    mean: Latent
    log_variance: Latent


def posterior_of(features: Features, latent_dim: int) -> Posterior:
    """Posterior from features by two dense layers, which belong to the network that calls it."""
    return Posterior(*(nn.Dense(latent_dim, name=name)(features) for name in Posterior._fields))


def kl_per_latent(posterior: Posterior) -> Latent:
    """KL(q(z_i | x) || N(0, 1)) in nats of every latent of each sample, in closed form.

    1/2 (mu^2 + sigma^2 - 1 - log sigma^2).
    """
    mean, log_variance = posterior
    # expm1 keeps the small difference sigma^2 - 1 near the prior exact.
    return 0.5 * (mean**2 + jnp.expm1(log_variance) - log_variance)


def kl_divergence(posterior: Posterior) -> Nats:
    """KL(q(z | x) || N(0, I)) in nats, summed over latents, for each sample.

    >>> kl_divergence(Posterior(jnp.array([[2.0, 0.0]]), jnp.zeros((1, 2)))).tolist()
    [2.0]
    """
    return jnp.sum(kl_per_latent(posterior), axis=-1)


def entropy(posterior: Posterior) -> Nats:
    """-<log q(z | x)> over q in nats, for each sample."""
    return 0.5 * jnp.sum(posterior.log_variance + math.log(2 * math.pi * math.e), axis=-1)


def log_density(posterior: Posterior, latent: Latent) -> Nats:
    """Log q(z | x) in nats at given latents."""
    deviation = (latent - posterior.mean) * jnp.exp(-0.5 * posterior.log_variance)
    return -0.5 * jnp.sum(deviation**2 + posterior.log_variance + math.log(2 * math.pi), axis=-1)


def sample_posterior(posterior: Posterior, key: PRNGKey, noise: Scalar | float = 1.0) -> Latent:
    """One latent for each sample, drawn from its posterior: mean + sigma * noise.

    Args:
        noise: in posterior standard deviations; 0: the mean.
    """
    # Drawn latent by latent, so that more latents change nothing in the noise of the first ones.
    deviations = jax.random.normal(key, posterior.mean.shape[::-1], posterior.mean.dtype).T
    return posterior.mean + noise * jnp.exp(0.5 * posterior.log_variance) * deviations


def used_latents(latent: Latent, latent_dim: Count | int) -> Latent:
    """The latents with all but the first ``latent_dim`` set to 0.

    >>> used_latents(jnp.ones((1, 3)), jnp.int32(2)).tolist()
    [[1.0, 1.0, 0.0]]
    """
    return jnp.where(jnp.arange(latent.shape[-1], dtype=jnp.int32)[None, :] < latent_dim, latent, 0.0)


def mask_latents(posterior: Posterior, latent_dim: Count | int) -> Posterior:
    """The posterior with all but the first ``latent_dim`` latents at the prior N(0, 1), where their KL is 0."""
    return Posterior(*(used_latents(part, latent_dim) for part in posterior))
