"""Density of the fluid under each prior: nats above the entropy of the fluid."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from scipy.special import logsumexp

from lcpjax.array_types import PRNGKey, Samples
from lcpjax.dataset import Dataset
from lcpjax.evaluation.density.fluid_density import fluid_log_density
from lcpjax.model import BoundTerms, bound_terms, in_batches, in_batches_with_keys, log_prior
from lcpjax.report import RunFolder
from lcpjax.runtime.jax_settings import key_of_seed
from lcpjax.sampler.diagnostics import LARGEST_Z
from lcpjax.sampler.streams import Seed
from lcpjax.trained_model import TrainedModel

from .generated import OWN
from .reference_fluid import EquilibriumFluid
from .sources import FittedPriors

BOUND, DRAWS, NOISE = range(3)
"""Purposes of random numbers."""


def has_likelihood(model: TrainedModel) -> bool:
    """Whether its bound on ln p is of the coordinates in order: a density bounded by the fluid's entropy."""
    representation = model.representation
    # In a canonical image, or without an order, the density is of another variable.
    is_of_sets = representation.ordering != "none" and representation.mirror != "canonical"
    return model.model.likelihood.is_learned and representation.name == "coordinates" and is_of_sets


def nats_rows(
    fluid: EquilibriumFluid, priors: Sequence[FittedPriors], dataset: Dataset, num_samples: int
) -> list[dict[str, Any]]:
    """A row for each prior of each model with a likelihood: the gap between its bound on ln p and the exact density.

    Columns: variant, seed, source: the prior; num_components: the most Gaussians of any gamma, nan for other densities;
    above_entropy_nats, above_entropy_error_nats: of the ELBO with that prior in place of the model's (averaged
    over gamma, which it is given), on the test set; tighter_nats, tighter_error_nats: of the importance-weighted
    bound (IWAE) with as many posterior samples as the config says.
    Errors combine those of the test set and of ln Z.
    """
    ln_p = fluid_log_density(fluid.system, fluid.free_energy, dataset.test.positions)
    rows = []
    for each in priors:
        model = each.codes.model
        if not has_likelihood(model):
            continue
        # In the model's order a density is larger by the number of orders.
        ordered = ln_p + math.lgamma(dataset.test.positions.shape[1] + 1)
        for source, bounds in _bounds(each, dataset, num_samples).items():
            gaps = ordered - bounds.mean(axis=0)
            tighter = ordered - (logsumexp(bounds, axis=0) - math.log(len(bounds)))
            rows.append(
                model.ids
                | {
                    "source": source,
                    "num_components": each.num_components(source),
                    "above_entropy_nats": float(gaps.mean()),
                    "above_entropy_error_nats": _error(gaps, fluid),
                    "tighter_nats": float(tighter.mean()),
                    "tighter_error_nats": _error(tighter, fluid),
                }
            )
    return rows


def warn_of_density_leaks(rows: Sequence[Mapping[str, Any]], run_folder: RunFolder) -> None:
    """Warn of densities that exceed the fluid's own significantly."""
    for row in rows:
        for name, error in (("above_entropy_nats", "above_entropy_error_nats"), ("tighter_nats", "tighter_error_nats")):
            if row[name] < -LARGEST_Z * row[error]:
                run_folder.warn(
                    f"{row['variant']}, seed {row['seed']}: with {row['source']} ln p lies {-row[name]:.3g} nats above "
                    f"the fluid's own, {-row[name] / row[error]:.1f} standard errors: a leak"
                )


def _error(gaps: np.ndarray, fluid: EquilibriumFluid) -> float:
    # Configurations are given: of the fluid only ln Z enters, with possibly correlated errors.
    of_fluid = float(np.mean(fluid.free_energy.log_partition_function_error))
    return math.hypot(float(gaps.std(ddof=1)) / math.sqrt(len(gaps)), of_fluid)


def _bounds(priors: FittedPriors, dataset: Dataset, num_samples: int) -> dict[str, np.ndarray]:
    """Ln p(x | z) p(z) / q(z | x) of every posterior sample of each test configuration, (samples, configurations)."""
    model, bounds_of = priors.codes.model, {}
    samples, scale = model.representation.of(dataset.test.positions), model.scale
    own_model, variables = model.model, model.variables
    for key in jax.random.split(nats_key(model, BOUND), num_samples):

        def of_batch(batch: Samples, batch_key: PRNGKey) -> BoundTerms:
            return bound_terms(own_model, variables, batch, batch_key, scale)

        terms = in_batches_with_keys(of_batch, samples, key, model.batch_size)
        rest = np.asarray(terms.log_likelihood - terms.log_posterior, np.float64)
        if own_model.has_learned_prior:
            bounds_of.setdefault(OWN, []).append(rest + log_priors_of(model, np.asarray(terms.latent)))
        for name, density in priors.densities.items():
            each = density.log_density_of_each(np.asarray(terms.latent))
            bounds_of.setdefault(name, []).append(rest + logsumexp(each, axis=1) - math.log(each.shape[1]))
    return {name: np.stack(bounds) for name, bounds in bounds_of.items()}


def log_priors_of(model: TrainedModel, latents: np.ndarray) -> np.ndarray:
    """Ln p(z) of the model's own prior, a batch at a time."""
    rows = jnp.asarray(latents, jnp.float32)
    log_priors = in_batches(lambda batch: log_prior(model.model, model.variables, batch), rows, model.batch_size)
    return np.asarray(log_priors, np.float64)


def nats_key(model: TrainedModel, purpose: int) -> PRNGKey:
    """The random numbers of one model for one purpose."""
    return jax.random.fold_in(jax.random.fold_in(key_of_seed(Seed.LIKELIHOOD), purpose), model.setting.seed)
