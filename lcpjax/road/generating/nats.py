"""What a prior is worth in nats, and what draws from a model are worth as samples of the fluid."""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from scipy.special import logsumexp

from lcpjax.array_types import Latent, PRNGKey, Samples
from lcpjax.dataset import Dataset
from lcpjax.evaluation import (
    BoundTerms,
    bound_terms,
    decoder_scale,
    fluid_log_density,
    importance_sampling,
    in_chunks,
    log_tilt,
)
from lcpjax.model import decode, encode, gaussian_log_likelihood, log_density, log_prior
from lcpjax.road.case_models import CaseModel
from lcpjax.road.generating.fluid import EquilibriumFluid
from lcpjax.road.generating.generated import OWN, draw_latents
from lcpjax.road.generating.judging import weighted_distances
from lcpjax.road.generating.sources import FittedPriors

_SEED = 8
_BOUND, _DRAWS, _NOISE = range(3)


def has_likelihood(model: CaseModel) -> bool:
    """Whether its bound on ln p is one of the coordinates in order: a density that has the fluid's entropy as floor."""
    representation = model.plan.representation
    # In a canonical image, or without an order, the density is one of something else.
    is_of_sets = representation.ordering != "none" and representation.mirror != "canonical"
    return model.plan.model.likelihood.is_learned and representation.name == "coordinates" and is_of_sets


def nats_rows(
    fluid: EquilibriumFluid, priors: Sequence[FittedPriors], dataset: Dataset, num_samples: int
) -> list[dict[str, Any]]:
    """A row for each prior of each model with a likelihood: how far its bound on ln p is from the fluid's own density.

    Columns: case, seed, source: the prior; above_entropy_nats, above_entropy_error_nats: of the ELBO with that prior in
    place of the model's (averaged over gamma, which it is given), on the test part; tighter_nats,
    tighter_error_nats: of the importance-weighted bound with as many posterior samples as the config says. Errors are
    of the test part and of ln Z together.
    """
    ln_p = fluid_log_density(fluid.facts.system, fluid.free_energy, dataset.test.positions)
    rows = []
    for each in priors:
        model = each.codes.model
        if not has_likelihood(model):
            continue
        # In the model's order a density is larger by the number of orders.
        ordered = ln_p + math.lgamma(dataset.test.positions.shape[1] + 1)
        about = {"case": model.case, "seed": model.setting.seed}
        for source, bounds in _bounds(each, dataset, num_samples).items():
            gaps = ordered - bounds[0]
            tighter = ordered - (logsumexp(bounds, axis=0) - math.log(len(bounds)))
            rows.append(
                about
                | {
                    "source": source,
                    "above_entropy_nats": float(gaps.mean()),
                    "above_entropy_error_nats": _error(gaps, fluid),
                    "tighter_nats": float(tighter.mean()),
                    "tighter_error_nats": _error(tighter, fluid),
                }
            )
    return rows


def _error(gaps: np.ndarray, fluid: EquilibriumFluid) -> float:
    return math.hypot(float(gaps.std(ddof=1)) / math.sqrt(len(gaps)), fluid.free_energy.mixture_entropy_error)


def _bounds(priors: FittedPriors, dataset: Dataset, num_samples: int) -> dict[str, np.ndarray]:
    """Ln p(x | z) p(z) / q(z | x) of every posterior sample of each test configuration, (samples, configurations)."""
    model, found = priors.codes.model, {}
    samples, scale = model.plan.representation.of(dataset.test.positions), _scale(model)
    own_model, variables = model.plan.model, model.variables
    for key in jax.random.split(_key(model, _BOUND), num_samples):

        def of_chunk(chunk: Samples, chunk_key: PRNGKey) -> BoundTerms:
            return bound_terms(own_model, variables, chunk, chunk_key, scale)

        terms = in_chunks(of_chunk, samples, key, model.plan.evaluation_batch_size)
        rest = np.asarray(terms.log_likelihood - terms.log_posterior, np.float64)
        if own_model.has_learned_prior:
            found.setdefault(OWN, []).append(rest + _log_priors(model, np.asarray(terms.latent)))
        for name, density in priors.densities.items():
            each = density.log_density_of_each(np.asarray(terms.latent))
            found.setdefault(name, []).append(rest + logsumexp(each, axis=1) - math.log(each.shape[1]))
    return {name: np.stack(bounds) for name, bounds in found.items()}


class WeightedDraws(NamedTuple):
    """Draws from one prior of one model, each with its exact weight as a configuration of the fluid."""

    model: CaseModel
    source: str
    positions: jax.Array
    """(draws, particles, 2), in sigma: x drawn from p(x | z), not the decoder's mean."""
    log_weights: np.ndarray
    """Ln p(x) q(z | x) - ln p(z) p(x | z), p(x) of the mixture of gammas; -inf out of order or outside the box."""


def weighted_draws(fluid: EquilibriumFluid, priors: Sequence[FittedPriors]) -> list[WeightedDraws]:
    """(z, x) drawn from every prior of each model with a likelihood of coordinates in height order.

    The weights are exact whatever the model is, up to ln Z. Priors of which fewer than two draws can be the fluid's
    are left out. As many draws as the fluid has configurations at all gammas of the dataset.
    """
    found, number = [], len(fluid.facts.gammas) * fluid.num_of_each
    for each in priors:
        model = each.codes.model
        if not has_likelihood(model) or model.plan.representation.ordering != "height":
            continue
        for source, latents, log_priors in _draws(each, fluid, number):
            positions, log_weights = _weighted(model, fluid, latents, log_priors)
            if np.isfinite(log_weights).sum() > 1:
                found.append(WeightedDraws(model, source, positions, log_weights))
    return found


def importance_rows(fluid: EquilibriumFluid, draws: Sequence[WeightedDraws]) -> list[dict[str, Any]]:
    """A row for each prior: what its draws are worth as samples of the fluid.

    Columns: case, seed, source; effective_share of the draws; log_mean_nats, log_mean_error_nats: ln of the mean
    weight, 0 within its error where the densities and ln Z are right; fit_share: of draws in order and inside the box.
    """
    rows = []
    for each in draws:
        found = importance_sampling(each.log_weights)
        rows.append(
            {
                "case": each.model.case,
                "seed": each.model.setting.seed,
                "source": each.source,
                "effective_share": found.effective_share,
                "log_mean_nats": found.log_mean,
                "log_mean_error_nats": math.hypot(found.log_mean_error, fluid.free_energy.mixture_entropy_error),
                "fit_share": float(np.isfinite(each.log_weights).mean()),
            }
        )
    return rows


def reweighted_rows(fluid: EquilibriumFluid, draws: Sequence[WeightedDraws]) -> list[dict[str, Any]]:
    """A row for each prior and gamma, new ones too: draws with their exact weights at that gamma, no Metropolis move.

    Columns: case, seed, source, gamma; effective_number: of draws that the weights leave;
    pair_energy_wasserstein, sum_of_heights_wasserstein: W1 from equilibrium, in standard deviations of it.
    """
    rows = []
    for each in draws:
        about = {"case": each.model.case, "seed": each.model.setting.seed, "source": each.source}
        for gamma, others in fluid.positions.items():
            tilt = log_tilt(fluid.facts.system, fluid.free_energy, each.positions, gamma)
            log_weights = np.where(np.isfinite(each.log_weights), each.log_weights + tilt, -np.inf)
            share = importance_sampling(log_weights).effective_share
            distances = weighted_distances(fluid, each.positions, others, np.exp(log_weights - log_weights.max()))
            rows.append({**about, "gamma": gamma, "effective_number": share * len(log_weights), **distances})
    return rows


def _draws(priors: FittedPriors, fluid: EquilibriumFluid, number: int) -> list[tuple[str, np.ndarray, np.ndarray]]:
    """Latents of each prior and their ln p(z), averaged over gammas."""
    model, key, found = priors.codes.model, _key(priors.codes.model, _DRAWS), []
    if model.plan.model.has_learned_prior:
        latents = draw_latents(model, key, number)
        found.append((OWN, latents, _log_priors(model, latents)))
    index = np.arange(number) % len(fluid.facts.gammas)
    for turn, (name, density) in enumerate(priors.densities.items()):
        latents = density.draw(jax.random.fold_in(key, number + turn), index)
        each = density.log_density_of_each(latents)
        found.append((name, latents, logsumexp(each, axis=1) - math.log(each.shape[1])))
    return found


def _weighted(
    model: CaseModel, fluid: EquilibriumFluid, latents: np.ndarray, log_priors: np.ndarray
) -> tuple[jax.Array, np.ndarray]:
    own_model, variables, scale = model.plan.model, model.variables, _scale(model)

    def of_chunk(latent: Latent, key: PRNGKey) -> tuple[jax.Array, jax.Array]:
        means = decode(own_model, variables, latent)
        samples = means + scale * jax.random.normal(key, means.shape)
        rest = log_density(encode(own_model, variables, samples), latent)
        return samples, rest - gaussian_log_likelihood(samples, means, scale)

    rows, size = jnp.asarray(latents, jnp.float32), model.plan.evaluation_batch_size
    samples, rest = in_chunks(of_chunk, rows, _key(model, _NOISE), size)
    positions = model.plan.representation.coordinates(samples)
    ln_p = fluid_log_density(fluid.facts.system, fluid.free_energy, positions) + math.lgamma(positions.shape[1] + 1)
    weights = ln_p + np.asarray(rest, np.float64) - log_priors
    inside = np.asarray(jnp.all((positions >= 0) & (positions <= fluid.facts.system.box_side), axis=(1, 2)))
    in_order = np.asarray(jnp.all(jnp.diff(positions[..., 1], axis=1) >= 0, axis=1))
    return positions, np.where(inside & in_order & ~np.isnan(weights), weights, -np.inf)


def _scale(model: CaseModel) -> jax.Array:
    """Of p(x | z), in sigma."""
    entries = 2 * model.plan.model.sample_shape[0]
    return decoder_scale(model.plan.model.likelihood, model.variables, model.setting.kl_weight, entries)


def _log_priors(model: CaseModel, latents: np.ndarray) -> np.ndarray:
    """Ln p(z) of the model's own prior, a batch at a time."""
    rows, size = jnp.asarray(latents, jnp.float32), model.plan.evaluation_batch_size
    parts = [
        log_prior(model.plan.model, model.variables, rows[first : first + size]) for first in range(0, len(rows), size)
    ]
    return np.asarray(jnp.concatenate(parts), np.float64)


def _key(model: CaseModel, purpose: int) -> PRNGKey:
    return jax.random.fold_in(jax.random.fold_in(jax.random.key(_SEED), purpose), model.setting.seed)
