"""The study's objective: mean squared error plus lambda times the KL divergence."""

from typing import NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Float

from lcpjax.array_types import PerSample, Samples, Scalar
from lcpjax.model import Posterior, kl_divergence


class LossTerms(NamedTuple):
    """The objective and its two terms, for each sample or averaged."""

    loss: Float[Array, "*batch"]
    """mse + kl_weight * kl_nats."""
    mse: Float[Array, "*batch"]
    """Mean over the entries of one sample, in reduced units squared."""
    kl_nats: Float[Array, "*batch"]
    """Summed over latents."""


def squared_error(reconstruction: Samples, samples: Samples) -> PerSample:
    """The mean over all entries of the squared difference, for each sample."""
    entries = tuple(range(1, samples.ndim))
    return jnp.mean((reconstruction - samples) ** 2, axis=entries)


def loss_terms(reconstruction: Samples, samples: Samples, posterior: Posterior, kl_weight: Scalar | float) -> LossTerms:
    """MSE + kl_weight KL of each sample.

    With kl_weight = 2 s^2 / entries this is, up to a constant, 2 s^2 / entries
    times the negative ELBO of a Gaussian decoder of variance s^2.

    Args:
        reconstruction: in reduced units, of the shape of ``samples``.
        kl_weight: lambda.

    >>> import jax.numpy as jnp
    >>> nothing_known = Posterior(jnp.zeros((1, 2)), jnp.zeros((1, 2)))
    >>> loss_terms(jnp.zeros((1, 4)), jnp.full((1, 4), 2.0), nothing_known, 1.0).loss.tolist()
    [4.0]
    """
    mse = squared_error(reconstruction, samples)
    kl_nats = kl_divergence(posterior)
    return LossTerms(mse + kl_weight * kl_nats, mse, kl_nats)
