"""Bounds on ln p(x) of a model: the ELBO, and the tighter importance-weighted ones."""

import functools
import math
from typing import NamedTuple

import jax
import jax.numpy as jnp

from lcpjax.array_arguments import takes_arrays
from lcpjax.array_types import Latent, Nats, PRNGKey, Samples
from lcpjax.model.likelihood import Scale, gaussian_log_likelihood
from lcpjax.model.posterior import Posterior, log_density, sample_posterior
from lcpjax.model.vae import VAE, Variables, decode, encode, log_prior


class BoundTerms(NamedTuple):
    """Of one posterior sample z of each configuration, (batch,), in nats.

    The bound is ln p(x | z) + ln p(z) - ln q(z | x).
    """

    latent: Latent
    """Z."""
    log_likelihood: Nats
    """Ln p(x | z)."""
    log_posterior: Nats
    """Ln q(z | x), which is subtracted."""


@takes_arrays
@functools.partial(jax.jit, static_argnames="model")
def bound_terms(model: VAE, variables: Variables, samples: Samples, key: PRNGKey, scale: Scale) -> BoundTerms:
    """What a bound on ln p(x) is made of, but for the prior, which may be another one than the model's.

    Args:
        scale: the standard deviation of p(x | z), in the samples' units.
    """
    posterior: Posterior = encode(model, variables, samples)
    latent = sample_posterior(posterior, key)
    fit = gaussian_log_likelihood(samples, decode(model, variables, latent), scale)
    return BoundTerms(latent, fit, log_density(posterior, latent))


@takes_arrays
@functools.partial(jax.jit, static_argnames=("model", "num_samples"))
def log_likelihood_bound(
    model: VAE, variables: Variables, samples: Samples, key: PRNGKey, scale: Scale, num_samples: int = 1
) -> Nats:
    """A lower bound on ln p(x) in nats: the log of the mean over posterior samples z of p(x | z) p(z) / q(z | x).

    Burda, Grosse and Salakhutdinov, "Importance weighted autoencoders", ICLR (2016); with one sample the ELBO.

    Args:
        scale: the standard deviation of p(x | z), in the samples' units.
    """

    def add(total: Nats, sample_key: PRNGKey) -> tuple[Nats, None]:
        terms = bound_terms(model, variables, samples, sample_key, scale)
        own = terms.log_likelihood + log_prior(model, variables, terms.latent) - terms.log_posterior
        return jnp.logaddexp(total, own), None

    # One sample after the other: all at once would be as many times the memory.
    total, _ = jax.lax.scan(add, jnp.full(samples.shape[0], -jnp.inf), jax.random.split(key, num_samples))
    return total - math.log(num_samples)
