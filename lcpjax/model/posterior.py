"""The diagonal Gaussian posterior q(z | x), and how far it is from the prior N(0, I)."""

from typing import NamedTuple

import jax
import jax.numpy as jnp

from lcpjax.array_types import Latent, Nats, PRNGKey


class Posterior(NamedTuple):
    """q(z | x) = N(mean, diag(exp(log_variance)))."""

    mean: Latent
    log_variance: Latent


def kl_divergence(posterior: Posterior) -> Nats:
    """KL(q(z | x) || N(0, I)) in nats, summed over latents, for each sample.

    1/2 sum over i of (mu_i^2 + sigma_i^2 - 1 - log sigma_i^2), in closed form.

    >>> kl_divergence(Posterior(jnp.array([[2.0, 0.0]]), jnp.zeros((1, 2)))).tolist()
    [2.0]
    """
    mean, log_variance = posterior
    # expm1 keeps the small difference sigma^2 - 1 near the prior exact.
    return 0.5 * jnp.sum(mean**2 + jnp.expm1(log_variance) - log_variance, axis=-1)


def sample_posterior(posterior: Posterior, key: PRNGKey) -> Latent:
    """One latent for each sample, drawn from its posterior: mean + sigma * noise."""
    noise = jax.random.normal(key, posterior.mean.shape, posterior.mean.dtype)
    return posterior.mean + jnp.exp(0.5 * posterior.log_variance) * noise


def log_density_ratio(posterior: Posterior, latent: Latent) -> Nats:
    """Log q(z | x) - log p(z) in nats at given latents, p = N(0, I); its mean over q is the KL.

    >>> at_mean = Posterior(jnp.zeros((1, 3)), jnp.zeros((1, 3)))
    >>> log_density_ratio(at_mean, jnp.ones((1, 3))).tolist()
    [0.0]
    """
    deviation = (latent - posterior.mean) * jnp.exp(-0.5 * posterior.log_variance)
    return 0.5 * jnp.sum(latent**2 - deviation**2 - posterior.log_variance, axis=-1)
