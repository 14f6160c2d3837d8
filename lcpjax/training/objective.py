"""The objective, reconstruction term + lambda KL(q(z | x) || p(z)), and its training aids.

A pass of the model (``autoencode``) gives what stands in it: the reconstruction,
the KL of its latents (``VAE.kl_divergence``) and log p(x | z). ``Objective.terms``
makes the loss of them, in training and in validation alike; the gradient is that
of ``Objective.minimised``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Float

from lcpjax.array_types import Nats, PerSample, Samples, Scalar
from lcpjax.errors import InputError, did_you_mean
from lcpjax.model import Likelihood, Posterior, VAEOutput, kl_per_latent
from lcpjax.training.pixel_weights import PLAIN, PixelWeights

# In sigma. No two particles come closer: what lies below is no distance, and relative errors would be of nothing.
_SMALLEST_DISTANCE = 0.5


class LossTerms(NamedTuple):
    """The objective and its terms, for each sample or averaged."""

    loss: Float[Array, "*batch"]
    """Reconstruction term + kl_weight * kl_nats."""
    mse: Float[Array, "*batch"]
    """Mean over the entries of one sample, in reduced units squared, whatever the reconstruction term is."""
    kl_nats: Float[Array, "*batch"]
    """Summed over latents."""


def squared_error(reconstruction: Samples, samples: Samples) -> PerSample:
    """Mean over all entries of the squared difference, for each sample."""
    return jnp.mean((reconstruction - samples) ** 2, axis=_entries(samples))


def relative_error(reconstruction: Samples, samples: Samples) -> PerSample:
    """Mean over all entries of the squared difference over the squared entry; for distances.

    A contact weighs as much as a distance across the box; what is 0, as on the
    diagonal, as much as the smallest distance that particles come to.
    """
    weights = 1.0 / jnp.maximum(samples, _SMALLEST_DISTANCE) ** 2
    return jnp.mean(weights * (reconstruction - samples) ** 2, axis=_entries(samples))


def log_error(reconstruction: Samples, samples: Samples) -> PerSample:
    """Mean over all entries of the squared difference of logarithms; for distances."""

    def log_of(entries: Samples) -> Samples:
        # Beyond the smallest distance the logarithm is continued by its tangent: a decoder may give no distance.
        inside = jnp.log(jnp.maximum(entries, _SMALLEST_DISTANCE))
        return inside + jnp.minimum(entries - _SMALLEST_DISTANCE, 0.0) / _SMALLEST_DISTANCE

    return jnp.mean((log_of(reconstruction) - log_of(samples)) ** 2, axis=_entries(samples))


RECONSTRUCTION_ERRORS: dict[str, Callable[[Samples, Samples], PerSample]] = {
    "squared": squared_error,
    "relative": relative_error,
    "log": log_error,
}


@dataclass(frozen=True)
class Objective:
    """Reconstruction term and training aids; the aids never enter a validation loss.

    Args:
        error: a name in ``RECONSTRUCTION_ERRORS``; not asked where the model learns its variance and the term is
            -log p(x | z).
        warmup_fraction: of all steps, in which lambda rises from 0.
        free_bits: free bits of each latent: a KL below it (averaged over the batch) is not reduced further.
            Kingma et al., "Improving variational inference with inverse autoregressive flow" (2016).
        pixels: of images: what replaces -log p of their cells.

    Raises:
        InputError: an unknown error.
    """

    error: str = "squared"
    warmup_fraction: float = 0.0
    free_bits: float = 0.0
    pixels: PixelWeights = PLAIN

    def __post_init__(self) -> None:
        if self.error not in RECONSTRUCTION_ERRORS:
            raise InputError(f"error = {self.error}: {did_you_mean(self.error, RECONSTRUCTION_ERRORS)}")

    def terms(
        self,
        likelihood: Likelihood,
        output: VAEOutput,
        samples: Samples,
        kl_weight: Scalar,
        progress: Scalar | float = 1.0,
    ) -> LossTerms:
        """Loss and terms of every sample.

        Args:
            likelihood: of the model.
            output: what the model made of ``samples``.
            kl_weight: lambda.
            progress: the fraction of training that is over, on which weights of images depend.
        """
        if not self.pixels.is_plain:
            term = self.pixels.term(likelihood, output.reconstruction, samples, progress)
        elif likelihood.is_learned:
            term = -output.log_likelihood
        else:
            term = RECONSTRUCTION_ERRORS[self.error](output.reconstruction, samples)
        return loss_terms(likelihood.means(output.reconstruction), samples, output.kl_nats, kl_weight, term)

    def minimised(self, means: LossTerms, posterior: Posterior, kl_weight: Scalar) -> Scalar:
        """Minimised loss: the mean loss of a batch, with free bits.

        Args:
            means: of ``terms`` over the batch.
            posterior: of the batch.
            kl_weight: lambda.
        """
        if not self.free_bits:
            return means.loss
        return means.loss + kl_weight * (kl_with_free_bits(posterior, self.free_bits) - means.kl_nats)

    def kl_weight_at(self, kl_weight: Scalar, step: Array, num_steps: int) -> Scalar:
        """Lambda at a step of training."""
        rise = round(self.warmup_fraction * num_steps)
        return kl_weight * jnp.minimum(jnp.float32(step) / rise, 1.0) if rise else kl_weight


def loss_terms(
    reconstruction: Samples, samples: Samples, kl_nats: Nats, kl_weight: Scalar | float, term: PerSample | None = None
) -> LossTerms:
    """Reconstruction term + kl_weight KL of each sample.

    With the squared error and kl_weight = 2 s^2 / entries this is, up to a constant,
    2 s^2 / entries times the negative ELBO of a Gaussian decoder of variance s^2.

    Args:
        reconstruction: in reduced units, of the shape of ``samples``.
        kl_weight: lambda.
        term: the reconstruction term; the squared error if not given.

    >>> loss_terms(jnp.zeros((1, 4)), jnp.full((1, 4), 2.0), jnp.zeros(1), 1.0).loss.tolist()
    [4.0]
    """
    mse = squared_error(reconstruction, samples)
    # Lambda = 0 is a plain autoencoder, whose KL may be anything, infinite too.
    cost = jnp.where(kl_weight > 0, kl_weight * kl_nats, 0.0)
    return LossTerms((mse if term is None else term) + cost, mse, kl_nats)


def is_variational(kl_weight: Scalar) -> Scalar:
    """1, or 0 for a plain autoencoder, lambda = 0, whose latents carry no noise."""
    return jnp.float32(kl_weight > 0)


def kl_with_free_bits(posterior: Posterior, free_bits: float) -> Scalar:
    """KL in nats with free bits: of each latent, averaged over the batch, at least ``free_bits``.

    >>> float(kl_with_free_bits(Posterior(jnp.array([[2.0, 0.0]]), jnp.zeros((1, 2))), 0.5))
    2.5
    """
    return jnp.sum(jnp.maximum(jnp.mean(kl_per_latent(posterior), axis=0), free_bits))


def _entries(samples: Samples) -> tuple[int, ...]:
    return tuple(range(1, samples.ndim))
