"""Use of each latent: its KL divergence, and whether it is active."""

import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from lcpjax.array_arguments import takes_arrays
from lcpjax.model import Posterior, kl_per_latent

PerLatent = Float[Array, " latent"]

LEAST_KL_NATS = 0.01
"""Least KL of an active latent."""
LEAST_VARIANCE = 0.01
"""Least variance of the posterior mean of an active latent, for a prior of variance 1."""


@takes_arrays
def kl_of_each_latent(posterior: Posterior) -> PerLatent:
    """KL(q(z_i | x) || N(0, 1)) in nats, (latent,), averaged over the batch; their sum is the model's KL.

    For the prior N(0, I): under a learned one latents have no rates of their own.
    """
    return jnp.mean(kl_per_latent(posterior), axis=0)


@takes_arrays
def active_by_kl(posterior: Posterior) -> Bool[Array, " latent"]:
    """Latents whose mean KL exceeds 0.01 nats."""
    return kl_of_each_latent(posterior) > LEAST_KL_NATS


@takes_arrays
def active_by_variance(posterior: Posterior) -> Bool[Array, " latent"]:
    """Latents whose posterior mean varies by more than 0.01 over configurations.

    Burda, Grosse and Salakhutdinov, "Importance weighted autoencoders", ICLR
    (2016). Blind to a latent of which only the posterior's width changes.
    """
    return jnp.var(posterior.mean, axis=0) > LEAST_VARIANCE
