"""How much better a model could code a configuration than its encoder does.

Source: Xiao, Yan and Amit, "Likelihood regret: an out-of-distribution detection score for variational
auto-encoders", NeurIPS (2020); here the posterior itself is moved for each configuration, not the encoder's weights.
"""

import functools
from typing import cast

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jaxtyping import Float64

from lcpjax.array_types import Configurations2D, Nats, PRNGKey, Samples
from lcpjax.evaluation.anomalies.scores import ScoredModel
from lcpjax.evaluation.model_reconstructions import in_chunks
from lcpjax.model import (
    VAE,
    Posterior,
    Variables,
    decode,
    encode,
    gaussian_log_likelihood,
    kl_divergence,
)
from lcpjax.model.likelihood import Scale

# Of Adam, in the units of latents.
_LEARNING_RATE = 0.03
# Antithetic pairs of posterior noise, the same at every step.
_NUM_PAIRS = 2


def has_regret(scored: ScoredModel) -> bool:
    """Whether there is one: a rate, a prior with a closed-form KL."""
    return scored.kl_weight > 0 and not scored.model.has_learned_prior


def likelihood_regret(
    scored: ScoredModel, positions: Configurations2D, key: PRNGKey, num_steps: int
) -> Float64[np.ndarray, " configurations"]:
    """The best ELBO over all Gaussian posteriors less that of the encoder's own, in nats; never below 0.

    Args:
        positions: (configurations, particles, 2), in sigma, in any order.
        num_steps: of Adam, from the encoder's posterior.
    """
    scale = scored.scale

    def of_chunk(chunk: Samples, chunk_key: PRNGKey) -> Nats:
        return _regret(scored.model, num_steps, scored.variables, chunk, chunk_key, scale)

    samples = scored.representation.of(positions)
    return np.asarray(in_chunks(of_chunk, samples, key, min(scored.batch_size, 64)), np.float64)


@functools.partial(jax.jit, static_argnames=("model", "num_steps"))
def _regret(model: VAE, num_steps: int, variables: Variables, samples: Samples, key: PRNGKey, scale: Scale) -> Nats:
    start: Posterior = encode(model, variables, samples)
    half = jax.random.normal(key, (_NUM_PAIRS, *start.mean.shape))
    noise = jnp.concatenate([half, -half])

    def bound_of(posterior: Posterior) -> Nats:
        spread = jnp.exp(0.5 * posterior.log_variance)
        latents = posterior.mean[None] + noise * spread[None]
        outputs = decode(model, variables, latents.reshape(-1, latents.shape[-1]))
        fit = gaussian_log_likelihood(jnp.concatenate([samples] * len(noise)), outputs, scale)
        return jnp.mean(fit.reshape(len(noise), -1), axis=0) - kl_divergence(posterior)

    optimizer = optax.adam(_LEARNING_RATE)

    def step(carry: tuple, _: None) -> tuple[tuple, None]:
        posterior, state, best = carry
        # Each configuration has its own posterior, so that the sum's gradient is that of each.
        gradient = jax.grad(lambda each: -jnp.sum(bound_of(each)))(posterior)
        with jax.numpy_dtype_promotion("standard"):
            updates, state = optimizer.update(gradient, state)
        posterior = cast(Posterior, optax.apply_updates(posterior, updates))
        return (posterior, state, jnp.maximum(best, bound_of(posterior))), None

    first = bound_of(start)
    (_, _, best), _ = jax.lax.scan(step, (start, optimizer.init(start), first), length=num_steps)
    return best - first
