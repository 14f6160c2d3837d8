"""Anomaly scores of a trained model, larger for more anomalous configurations."""

import functools
from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Float64

from lcpjax.array_arguments import takes_arrays
from lcpjax.array_types import Configurations2D, PRNGKey, Samples
from lcpjax.errors import InputError
from lcpjax.evaluation.anomalies.extremes import most_anomalous_where_undefined
from lcpjax.model import (
    VAE,
    Posterior,
    Scale,
    Variables,
    decode,
    encode,
    gaussian_log_likelihood,
    in_batches_with_keys,
    log_density,
    log_prior,
)
from lcpjax.system.positions_in_box import refuse_what_is_no_position
from lcpjax.trained_model import TrainedModel
from lcpjax.training.objective import squared_error

PerConfigurationScore = Float64[np.ndarray, " configurations"]
Codes = Float[np.ndarray, "codes latent"]
OneNoise = Float[Array, " latent"]
OtherCodes = Float[np.ndarray, "configurations latent"]

RECONSTRUCTION, KL, ELBO = "reconstruction", "kl", "elbo"


@takes_arrays
def model_scores(
    trained: TrainedModel, positions: Configurations2D, key: PRNGKey, num_samples: int
) -> tuple[dict[str, PerConfigurationScore], Float[np.ndarray, "configurations latent"]]:
    """Scores that need no other data, by name, (configurations,); and the latent means.

    - reconstruction: mean squared error of an entry of the representation, from the latent mean, in its units squared.
    - kl: ln q(z | x) - ln p(z) in nats, the mean over posterior samples; with the prior the model uses.
    - elbo: minus the bound on ln p(x), of the representation, in nats, the mean over the same samples.

    An autoencoder (lambda = 0) has the first alone. A score that overflows is +inf. All configurations share the same
    noise, so that scores do not depend on the batch.

    Args:
        positions: (configurations, particles, 2), in sigma, in any order.
        num_samples: of the posterior.

    Raises:
        InputError: coordinates that are not finite.
    """
    refuse_what_is_no_position("positions", positions)
    samples, size = trained.representation.of(positions), trained.batch_size
    mean_key, *sample_keys = jax.random.split(key, num_samples + 1)

    def of_mean(batch: Samples, _: PRNGKey) -> tuple[jax.Array, jax.Array]:
        return _of_mean(trained.model, trained.variables, batch)

    means, errors = in_batches_with_keys(of_mean, samples, mean_key, size)
    scores = {RECONSTRUCTION: most_anomalous_where_undefined(errors)}
    if trained.is_variational and num_samples:
        scale = trained.scale

        def of_noise(noise: OneNoise) -> Callable[[Samples, PRNGKey], tuple[jax.Array, jax.Array]]:
            return lambda batch, _: _of_noise(trained.model, trained.variables, batch, noise, scale)

        # One after the other, not in a scan: on a CPU a convolution inside one is some twenty times slower.
        noises = [jax.random.normal(sample_key, means.shape[1:]) for sample_key in sample_keys]
        results = [in_batches_with_keys(of_noise(noise), samples, mean_key, size) for noise in noises]
        # Each before their mean: of inf and -inf there is none.
        scores[KL], scores[ELBO] = (
            np.mean([most_anomalous_where_undefined(each) for each in of_one], axis=0)
            for of_one in zip(*results, strict=True)
        )
    return scores, np.asarray(means)


@functools.partial(jax.jit, static_argnames="model")
def _of_mean(model: VAE, variables: Variables, samples: Samples) -> tuple[jax.Array, jax.Array]:
    """The latent mean, and its squared error."""
    posterior: Posterior = encode(model, variables, samples)
    return posterior.mean, squared_error(decode(model, variables, posterior.mean), samples)


@functools.partial(jax.jit, static_argnames="model")
def _of_noise(
    model: VAE, variables: Variables, samples: Samples, noise: OneNoise, scale: Scale
) -> tuple[jax.Array, jax.Array]:
    """Ln q(z | x) - ln p(z) at the posterior sample with that noise, and minus the bound there."""
    posterior: Posterior = encode(model, variables, samples)
    latent = posterior.mean + jnp.exp(0.5 * posterior.log_variance) * noise[None]
    rate = log_density(posterior, latent) - log_prior(model, variables, latent)
    return rate, rate - gaussian_log_likelihood(samples, decode(model, variables, latent), scale)


class LatentDistribution(NamedTuple):
    """Gaussian of the codes of normal configurations."""

    mean: Float64[np.ndarray, " latent"]
    precision: Float64[np.ndarray, "latent latent"]
    """Inverse of their covariance; 0 along what never changes."""

    @takes_arrays
    def squared_distance(self, codes: OtherCodes) -> PerConfigurationScore:
        """Mahalanobis' squared distance of each code, or +inf; of Gaussian codes its mean is the number of latents.

        Raises:
            InputError: codes of another number of latents.
        """
        if codes.shape[1] != len(self.mean):
            raise InputError(f"codes: of {codes.shape[1]} latents; the normal ones had {len(self.mean)}")
        deviations = np.asarray(codes, np.float64) - self.mean
        with np.errstate(invalid="ignore", over="ignore"):
            squares = np.einsum("ci,ij,cj->c", deviations, self.precision, deviations)
        return most_anomalous_where_undefined(squares)


@takes_arrays
def learn_latent_distribution(codes: Codes) -> LatentDistribution:
    """Mean and precision of codes.

    Raises:
        InputError: no more codes than latents, or some that are not finite.
    """
    rows = np.asarray(codes, np.float64)
    if len(rows) <= rows.shape[1] or not np.isfinite(rows).all():
        raise InputError(f"codes: {len(rows)} of {rows.shape[1]} latents; more than latents needed, all finite")
    mean = rows.mean(axis=0)
    return LatentDistribution(mean, np.linalg.pinv((rows - mean).T @ (rows - mean) / len(rows), hermitian=True))
