"""Imputation by an autoencoder of distance matrices: one pass, pseudo-Gibbs, importance weights."""

import functools
import math
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from lcpjax.array_arguments import takes_arrays
from lcpjax.array_types import Latent, Nats, PRNGKey, Samples
from lcpjax.model import VAE, Scale, Variables, autoencode, decode, encode, log_density, log_prior, sample_posterior
from lcpjax.reconstruction import symmetrised
from lcpjax.trained_model import TrainedModel

Matrices = Float[Array, "batch particles particles"]
Draws = Float[Array, "draws batch particles particles"]
Observed = Bool[Array, "batch particles particles"]


class Imputations(NamedTuple):
    """Several complete matrices of each configuration."""

    distances: Draws
    """In sigma; what was observed is as observed."""
    effective_fraction: Float[Array, " batch"]
    """Effective fraction of the proposals: 1 where they have no weights."""


@takes_arrays
def passed_through(trained: TrainedModel, distances: Matrices, observed: Observed) -> Matrices:
    """One pass of matrices that are 0 at missing entries, the study's way; in sigma.

    Observed entries stay; decoded ones are made symmetric, with none below 0.
    """
    return _passed(trained.model, trained.variables, distances, observed)


@functools.partial(jax.jit, static_argnames="model")
def _passed(model: VAE, variables: Variables, distances: Matrices, observed: Observed) -> Matrices:
    blacked_out = jnp.where(observed, distances, 0.0)
    decoded = decode(model, variables, encode(model, variables, blacked_out).mean)
    return _filled(decoded, distances, observed)


@takes_arrays
def pseudo_gibbs(
    trained: TrainedModel,
    distances: Matrices,
    observed: Observed,
    first: Matrices,
    key: PRNGKey,
    num_draws: int,
    num_rounds: int,
) -> Imputations:
    """Matrices after rounds of encoding, drawing a latent, decoding and drawing what is missing anew.

    Exact only as far as q(z | x) is the posterior. Rezende, Mohamed and Wierstra, "Stochastic backpropagation and
    approximate inference in deep generative models", ICML (2014).

    Args:
        first: what is missing at first.
        num_draws: chains of rounds for each configuration.
        num_rounds: after which the last draws are taken.
    """

    def repeated(each: Array) -> Array:
        return jnp.broadcast_to(each[None], (num_draws, *each.shape)).reshape(-1, *each.shape[1:])

    model, variables, scale = trained.model, trained.variables, trained.scale
    known, mask = repeated(distances), repeated(observed)
    now = _filled(repeated(first), known, mask)
    # Dispatched rounds: a convolution in a compiled loop is slow on a CPU.
    for index in range(num_rounds):
        now = _gibbs_round(model, variables, now, known, mask, jax.random.fold_in(key, index), scale)
    return Imputations(now.reshape(num_draws, *distances.shape), jnp.ones(distances.shape[0]))


@functools.partial(jax.jit, static_argnames="model")
def _gibbs_round(
    model: VAE, variables: Variables, now: Matrices, known: Matrices, mask: Observed, key: PRNGKey, scale: Scale
) -> Matrices:
    latent_key, noise_key = jax.random.split(key)
    output = autoencode(model, variables, now, latent_key)
    return _filled(output.reconstruction + _noise(noise_key, now, scale), known, mask)


@takes_arrays
def importance_imputations(
    trained: TrainedModel,
    distances: Matrices,
    observed: Observed,
    key: PRNGKey,
    num_draws: int,
    num_proposals: int,
) -> Imputations:
    """Matrices decoded from latents drawn by their importance weights given what was observed.

    z from q(z | what is observed), with the weight p(observed | z) p(z) / q(z). Mattei and Frellsen, "MIWAE: Deep
    generative modelling and imputation of incomplete data sets", ICML (2019).

    Args:
        num_draws: with replacement, of each configuration.
        num_proposals: latents of each configuration that they are drawn from.
    """
    model, variables, scale = trained.model, trained.variables, trained.scale
    proposal_key, choice_key, noise_key = jax.random.split(key, 3)
    keys = jax.random.split(proposal_key, num_proposals)
    proposed = [_proposed(model, variables, distances, observed, each, scale) for each in keys]
    latents, log_weights = (jnp.stack(each) for each in zip(*proposed, strict=True))
    weights = jax.nn.softmax(log_weights, axis=0)
    number = distances.shape[0]
    chosen = jax.random.categorical(choice_key, log_weights.T[None], shape=(num_draws, number))
    picked = latents[chosen, jnp.arange(number)[None]]
    completed = [
        _completed(model, variables, latent, distances, observed, each, scale)
        for latent, each in zip(picked, jax.random.split(noise_key, num_draws), strict=True)
    ]
    return Imputations(jnp.stack(completed), 1.0 / (num_proposals * jnp.sum(weights**2, axis=0)))


@functools.partial(jax.jit, static_argnames="model")
def _proposed(
    model: VAE, variables: Variables, distances: Matrices, observed: Observed, key: PRNGKey, scale: Scale
) -> tuple[Latent, Nats]:
    """A latent of each configuration, and ln of its weight."""
    posterior = encode(model, variables, jnp.where(observed, distances, 0.0))
    latent = sample_posterior(posterior, key)
    fit = _log_observed(decode(model, variables, latent), distances, observed, scale)
    return latent, fit + log_prior(model, variables, latent) - log_density(posterior, latent)


@functools.partial(jax.jit, static_argnames="model")
def _completed(
    model: VAE,
    variables: Variables,
    latent: Latent,
    distances: Matrices,
    observed: Observed,
    key: PRNGKey,
    scale: Scale,
) -> Matrices:
    decoded = decode(model, variables, latent)
    return _filled(decoded + _noise(key, decoded, scale), distances, observed)


def _log_observed(decoded: Samples, distances: Matrices, observed: Observed, scale: Scale) -> Nats:
    """Ln p of the observed distances in nats, each once: matrices are symmetric, with nothing on the diagonal."""
    counted = observed & jnp.triu(jnp.ones(decoded.shape[1:], bool), 1)[None]
    scales = jnp.broadcast_to(scale, decoded.shape[1:])[None]
    terms = 0.5 * ((symmetrised(decoded) - distances) / scales) ** 2 + jnp.log(scales) + 0.5 * math.log(2 * math.pi)
    return -jnp.sum(jnp.where(counted, terms, 0.0), axis=(1, 2))


def _noise(key: PRNGKey, like: Matrices, scale: Scale) -> Matrices:
    """Of p(x | z): as symmetric as the matrix, of the same size at every entry."""
    noise = jnp.triu(jax.random.normal(key, like.shape), 1)
    return (noise + jnp.swapaxes(noise, 1, 2)) * jnp.broadcast_to(scale, like.shape[1:])[None]


def _filled(decoded: Samples, distances: Matrices, observed: Observed) -> Matrices:
    return jnp.where(observed, distances, symmetrised(decoded))
