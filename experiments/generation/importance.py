"""Draws from a model with their exact importance weights in the fluid."""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float64
from scipy.special import logsumexp

from lcpjax.array_types import Configurations2D, Latent, PRNGKey
from lcpjax.evaluation.density.fluid_density import fluid_log_density
from lcpjax.evaluation.density.importance import importance_sampling, log_tilt
from lcpjax.evaluation.samples.generated import are_inside
from lcpjax.model import decode, encode, gaussian_log_likelihood, in_batches_with_keys, log_density
from lcpjax.trained_model import TrainedModel

from .distances import weighted_distances
from .generated import OWN, draw_latents
from .likelihood import DRAWS, NOISE, has_likelihood, log_priors_of, nats_key
from .reference_fluid import EquilibriumFluid
from .sources import FittedPriors


class WeightedDraws(NamedTuple):
    """Draws from one prior of one model, each with its exact importance weight in the fluid."""

    model: TrainedModel
    source: str
    positions: Configurations2D
    """(draws, particles, 2), in sigma: x drawn from p(x | z), not the decoder's mean."""
    log_weights: Float64[np.ndarray, " draws"]
    """Ln p(x) q(z | x) - ln p(z) p(x | z), p(x) of the mixture of gammas; -inf out of order or outside the box."""


def weighted_draws(fluid: EquilibriumFluid, priors: Sequence[FittedPriors]) -> list[WeightedDraws]:
    """(z, x) drawn from every prior of each model with a likelihood of coordinates in order.

    The weights are exact for any model, up to ln Z. Priors with fewer than two draws inside the box and in order are
    left out. As many draws as the fluid has configurations at all gammas of the dataset.
    """
    draws, number = [], len(fluid.gammas) * fluid.num_of_each
    for each in priors:
        model = each.codes.model
        if not has_likelihood(model):
            continue
        for source, latents, log_priors in _draws(each, fluid, number):
            positions, log_weights = _weighted(model, fluid, latents, log_priors)
            if np.isfinite(log_weights).sum() > 1:
                draws.append(WeightedDraws(model, source, positions, log_weights))
    return draws


def importance_rows(fluid: EquilibriumFluid, draws: Sequence[WeightedDraws]) -> list[dict[str, Any]]:
    """A row for each prior: effective sample size of its draws.

    Columns: variant, seed, source; effective_fraction of the draws; log_mean_nats, log_mean_error_nats: ln of the mean
    weight, 0 within its error where the densities and ln Z are right; fit_fraction: of draws in order and inside the
    box.
    """
    rows = []
    for each in draws:
        sampling = importance_sampling(each.log_weights)
        rows.append(
            {
                **each.model.ids,
                "source": each.source,
                "effective_fraction": sampling.effective_fraction,
                "log_mean_nats": sampling.log_mean,
                "log_mean_error_nats": math.hypot(
                    sampling.log_mean_error, float(np.mean(fluid.free_energy.log_partition_function_error))
                ),
                "fit_fraction": float(np.isfinite(each.log_weights).mean()),
            }
        )
    return rows


def reweighted_rows(fluid: EquilibriumFluid, draws: Sequence[WeightedDraws]) -> list[dict[str, Any]]:
    """A row for each prior and gamma, new ones too: draws with their exact weights at that gamma, no Metropolis move.

    Columns: variant, seed, source, gamma; effective_number: effective sample size;
    pair_energy_wasserstein, sum_of_heights_wasserstein: W1 from equilibrium, in standard deviations of it.
    """
    rows = []
    for each in draws:
        for gamma, others in fluid.positions.items():
            tilt = log_tilt(fluid.system, fluid.free_energy, each.positions, gamma)
            log_weights = np.where(np.isfinite(each.log_weights), each.log_weights + tilt, -np.inf)
            fraction = importance_sampling(log_weights).effective_fraction
            distances = weighted_distances(fluid, each.positions, others, np.exp(log_weights - log_weights.max()))
            ids = {**each.model.ids, "source": each.source, "gamma": gamma}
            rows.append({**ids, "effective_number": fraction * len(log_weights), **distances})
    return rows


def _draws(priors: FittedPriors, fluid: EquilibriumFluid, number: int) -> list[tuple[str, np.ndarray, np.ndarray]]:
    """Latents of each prior and their ln p(z), averaged over gammas."""
    model, key, draws = priors.codes.model, nats_key(priors.codes.model, DRAWS), []
    if model.model.has_learned_prior:
        latents = draw_latents(model, key, number)
        draws.append((OWN, latents, log_priors_of(model, latents)))
    index = np.arange(number) % len(fluid.gammas)
    for turn, (name, density) in enumerate(priors.densities.items()):
        latents = density.draw(jax.random.fold_in(key, number + turn), index)
        each = density.log_density_of_each(latents)
        draws.append((name, latents, logsumexp(each, axis=1) - math.log(each.shape[1])))
    return draws


def _weighted(
    model: TrainedModel, fluid: EquilibriumFluid, latents: np.ndarray, log_priors: np.ndarray
) -> tuple[jax.Array, np.ndarray]:
    own_model, variables, scale = model.model, model.variables, model.scale

    def of_batch(latent: Latent, key: PRNGKey) -> tuple[jax.Array, jax.Array]:
        means = decode(own_model, variables, latent)
        samples = means + scale * jax.random.normal(key, means.shape)
        rest = log_density(encode(own_model, variables, samples), latent)
        return samples, rest - gaussian_log_likelihood(samples, means, scale)

    rows = jnp.asarray(latents, jnp.float32)
    samples, rest = in_batches_with_keys(of_batch, rows, nats_key(model, NOISE), model.batch_size)
    positions = model.representation.coordinates(samples)
    ln_p = fluid_log_density(fluid.system, fluid.free_energy, positions) + math.lgamma(positions.shape[1] + 1)
    weights = ln_p + np.asarray(rest, np.float64) - log_priors
    inside = np.asarray(are_inside(positions, fluid.system.box_side))
    in_order = np.asarray(jnp.all(model.representation.order(positions) == positions, axis=(1, 2)))
    return positions, np.where(inside & in_order & ~np.isnan(weights), weights, -np.inf)
