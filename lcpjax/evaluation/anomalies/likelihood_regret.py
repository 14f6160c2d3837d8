"""Likelihood regret: the gain in ELBO of an optimised posterior over the encoder's.

Source: Xiao, Yan and Amit, "Likelihood regret: an out-of-distribution detection score for variational
auto-encoders", NeurIPS (2020); here the posterior itself is moved for each configuration, not the encoder's weights.
"""

import functools
from typing import NamedTuple, cast

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jaxtyping import Array, Float, Float64

from lcpjax.array_arguments import takes_arrays
from lcpjax.array_types import Configurations2D, Nats, PRNGKey, Samples, Scalar
from lcpjax.evaluation.anomalies.extremes import most_anomalous_where_undefined
from lcpjax.model import (
    VAE,
    Posterior,
    Scale,
    StandardNormal,
    Variables,
    decode,
    encode,
    gaussian_log_likelihood,
    in_batches_with_keys,
    kl_divergence,
)
from lcpjax.runtime.jax_settings import key_of_seed
from lcpjax.sampler.streams import Seed
from lcpjax.system.positions_in_box import refuse_what_is_no_position
from lcpjax.trained_model import TrainedModel

Noise = Float[Array, "draws 1 latent"]

# Of Adam, in the units of latents.
_OPTIMIZER = optax.adam(0.1)


@takes_arrays
def likelihood_regret(
    trained: TrainedModel, positions: Configurations2D, key: PRNGKey, num_steps: int
) -> Float64[np.ndarray, " configurations"]:
    """Best ELBO over all Gaussian posteriors less that of the encoder's own, in nats; never below 0.

    +inf where the encoder's own overflows. All configurations share the same noise.

    Args:
        trained: with latents that have rates of their own.
        positions: (configurations, particles, 2), in sigma, in any order.
        num_steps: of Adam, from the encoder's posterior.

    Raises:
        InputError: coordinates that are not finite.
    """
    refuse_what_is_no_position("positions", positions)
    model, variables, scale = trained.model, trained.variables, trained.scale
    half = jax.random.normal(key, (1, 1, cast(StandardNormal, model.prior).latent_dim))
    noise = jnp.concatenate([half, -half])

    def of_batch(batch: Samples, _no_key: PRNGKey) -> Nats:
        search = _start(model, variables, batch, scale, noise)
        first = search.best
        # Steps dispatched one by one, not in a scan: on a CPU a convolution inside one is some twenty times slower.
        for _ in range(num_steps):
            search = _step(model, variables, batch, scale, search)
        return search.best - first

    # Batches draw nothing of their own.
    no_key, samples = key_of_seed(Seed.EVALUATION), trained.representation.of(positions)
    return most_anomalous_where_undefined(in_batches_with_keys(of_batch, samples, no_key, trained.batch_size))


class _Search(NamedTuple):
    posterior: Posterior
    optimizer: optax.OptState
    noise: Noise
    """Antithetic, the same for all and at every step."""
    best: Nats
    """The highest bound so far."""


@functools.partial(jax.jit, static_argnames="model")
def _start(model: VAE, variables: Variables, samples: Samples, scale: Scale, noise: Noise) -> _Search:
    posterior: Posterior = encode(model, variables, samples)
    first = _bounds(model, variables, samples, scale, noise, posterior)
    return _Search(posterior, _OPTIMIZER.init(posterior), noise, first)


@functools.partial(jax.jit, static_argnames="model")
def _step(model: VAE, variables: Variables, samples: Samples, scale: Scale, search: _Search) -> _Search:
    def loss(posterior: Posterior) -> tuple[Scalar, Nats]:
        bounds = _bounds(model, variables, samples, scale, search.noise, posterior)
        # Each configuration has a posterior of its own, so the gradient of the sum is that of each.
        return -jnp.sum(bounds), bounds

    (_, bounds), gradient = jax.value_and_grad(loss, has_aux=True)(search.posterior)
    with jax.numpy_dtype_promotion("standard"):
        updates, optimizer = _OPTIMIZER.update(gradient, search.optimizer)
    posterior = cast(Posterior, optax.apply_updates(search.posterior, updates))
    # A step that overflows takes nothing from what was found before it.
    return _Search(posterior, optimizer, search.noise, jnp.fmax(search.best, bounds))


def _bounds(
    model: VAE,
    variables: Variables,
    samples: Samples,
    scale: Scale,
    noise: Noise,
    posterior: Posterior,
) -> Nats:
    spread = jnp.exp(0.5 * posterior.log_variance)
    latents = posterior.mean[None] + noise * spread[None]
    outputs = decode(model, variables, latents.reshape(-1, latents.shape[-1]))
    fit = gaussian_log_likelihood(jnp.concatenate([samples] * len(noise)), outputs, scale)
    return jnp.mean(fit.reshape(len(noise), -1), axis=0) - kl_divergence(posterior)
