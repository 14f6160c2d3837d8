"""How far the density of a model lies above the fluid's entropy, on many chains of which the dataset has none."""

import dataclasses
import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import jax
import numpy as np

from lcpjax.array_types import Configurations2D
from lcpjax.build import build_sampling_plan, num_all_chains
from lcpjax.config import Config
from lcpjax.evaluation.density.model_density import PerConfiguration, has_density, log_density_bound, log_prior_density
from lcpjax.model.likelihood import FIXED
from lcpjax.pipeline.bounds import FluidBound, fluid_bound
from lcpjax.pipeline.run import Run
from lcpjax.report import progress
from lcpjax.runtime.jax_settings import key_of_seed
from lcpjax.sampler import Configurations
from lcpjax.sampler.streams import Seed, Stream
from lcpjax.trained_model import TrainedModel

GAP_COLUMNS = (
    "above_entropy_nats",
    "above_entropy_error_nats",
    "prior_above_entropy_nats",
    "prior_above_entropy_error_nats",
)
ALL_GAMMAS = "all"


class DensityGaps(NamedTuple):
    """Gaps of one model's density to the fluid's exact one at each configuration, in nats."""

    of_bound: PerConfiguration | None
    """Of its bound on ln p; None for a model without a likelihood of coordinates."""
    of_prior: PerConfiguration | None
    """Of its prior alone; None where latents are not particles."""


def gaps_to_fluid(model: TrainedModel, ordered: Configurations2D, fluid: FluidBound) -> DensityGaps:
    """Gaps of a model at configurations where the fluid's density is known.

    Args:
        ordered: (configurations, particles, 2), in sigma, in the model's particle order.
    """
    if not has_density(model):
        return DensityGaps(None, None)
    key = jax.random.fold_in(key_of_seed(Seed.EVALUATION), Stream.POSTERIOR_SAMPLES)
    prior = log_prior_density(model, ordered)
    bound = fluid.log_density - log_density_bound(model, ordered, key)
    return DensityGaps(bound, None if prior is None else fluid.log_density - prior)


def gap_columns(gaps: DensityGaps, rows: np.ndarray | slice = slice(None)) -> dict[str, float]:
    """Mean of each gap and its standard error over configurations, by ``GAP_COLUMNS``; nan where there is none.

    Args:
        rows: the configurations that count.
    """
    values = []
    for gap in gaps:
        values += [math.nan, math.nan] if gap is None else [float(gap[rows].mean()), standard_error(gap[rows])]
    return dict(zip(GAP_COLUMNS, values, strict=True))


def standard_error(nats_of_each: np.ndarray) -> float:
    """Of a mean over configurations."""
    return float(nats_of_each.std(ddof=1)) / math.sqrt(len(nats_of_each))


def density_rows(run: Run, models: Sequence[TrainedModel]) -> list[dict[str, Any]]:
    """Rows for each model with a density: one of all gammas, and one of each; on new chains of the dataset's plan.

    - kl_weight, latent_dim, seed: the setting; gamma: "all", or of the configurations, in the mixture of all gammas:
      neither density is told.
    - above_entropy_nats, prior_above_entropy_nats: gap of the bound on ln p, and of the prior alone, to the fluid's
      exact density; above_entropy_error_nats, prior_above_entropy_error_nats: standard error over configurations.
    - log_partition_function_error_nats: of the fluid's ln Z, common to all rows; num_configurations.

    No chains are sampled where no model has a density.
    """
    with_density = [model for model in models if has_density(model)]
    if not with_density:
        return []
    new = _new_chains(run)
    gammas, rows = np.asarray(new.gamma), []
    chosen: dict[float | str, np.ndarray] = {ALL_GAMMAS: np.ones(len(gammas), bool)}
    chosen |= {gamma: np.isclose(gammas, gamma) for gamma in run.config.system.gammas}
    with run.folder.stage("density"):
        for model in with_density:
            fluid = fluid_bound(run, model.representation, new.positions)
            gaps = gaps_to_fluid(model, model.representation.order(new.positions), fluid)
            rows += [
                {
                    **model.setting._asdict(),
                    "gamma": gamma,
                    "num_configurations": int(are_of_it.sum()),
                    **gap_columns(gaps, are_of_it),
                    "log_partition_function_error_nats": fluid.log_partition_function_error,
                }
                for gamma, are_of_it in chosen.items()
            ]
    return rows


def density_metrics(rows: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Gaps of one model by names of metrics: over all gammas, and at each."""
    metrics = {}
    for row in rows:
        end = "" if row["gamma"] == ALL_GAMMAS else f"/gamma_{row['gamma']:g}"
        metrics |= {f"rate/{name}{end}": row[name] for name in GAP_COLUMNS if math.isfinite(row[name])}
    return metrics


def num_new_chains(config: Config) -> int:
    """Number of chains on which the density of a config's models is measured; 0 where they have none."""
    is_density = config.model.variance != FIXED and config.representation.name == "coordinates"
    has_rate = config.training.kl_weight > 0
    return config.evaluation.density_chains_per_gamma * len(config.system.gammas) if is_density and has_rate else 0


def _new_chains(run: Run) -> Configurations:
    """One configuration of each of many chains, those after all that the run may train or test on."""
    plan = dataclasses.replace(build_sampling_plan(run.config), samples_per_chain=1)
    number = num_new_chains(run.config)
    with (
        run.folder.stage("density_chains"),
        progress("sampling chains for the density", number * plan.moves_per_chain, "moves") as advance,
    ):
        return plan.sample(num_all_chains(run.config), number, advance)
