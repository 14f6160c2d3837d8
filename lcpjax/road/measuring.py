"""What trained models are worth on the test part, beside what linear codes and the entropy allow."""

import math
import statistics
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import jax
import numpy as np

from lcpjax.build import build_system
from lcpjax.config import Config
from lcpjax.dataset import Dataset
from lcpjax.evaluation import (
    LinearCode,
    ModelErrors,
    active_by_kl,
    distortion_of_rate,
    errors_of_model,
    excess,
    fit_gaussian,
    fluid_log_density,
    gaussian_of_each_gamma,
    learn_linear_code,
    linear_code_errors,
    log_density_of_mixture,
    ordered_entropy,
)
from lcpjax.model import Posterior, decode, encode
from lcpjax.report import RunFolder, say
from lcpjax.report.figures import draw_reconstructions
from lcpjax.road.entropy import fluid_free_energy
from lcpjax.training import ModelSetting, TrainingPlan, TrainState, has_failed, with_latents

_METRICS = {
    "distance_mse": "reconstruction/distance_mse_sigma2",
    "rmsd_of_mean": "reconstruction/rmsd_of_mean_sigma",
    "rmsd_of_sample": "reconstruction/rmsd_of_sample_sigma",
    "triangle_violations": "reconstruction/triangle_violations_share",
    "rank_two_share": "reconstruction/rank_two_share",
    "kl_nats": "rate/kl_nats",
    "active_latents": "rate/num_active_latents",
    "excess_over_shannon_nats": "rate/excess_over_shannon_nats",
    "above_entropy_nats": "rate/above_entropy_nats",
    "above_entropy_error_nats": "rate/above_entropy_error_nats",
}

# Of the posterior samples that test errors are taken from.
_SAMPLE_SEED = 0


class FluidCeiling(NamedTuple):
    """The fluid's entropy and its own density of the test part, of coordinates in the model's order, in nats."""

    entropy: float
    entropy_error: float
    log_density: np.ndarray
    """(configurations,), exact: the mean of its negative is the entropy with the scatter of this test part."""

    @property
    def of_test_part(self) -> float:
        """-<ln p> over the test part."""
        return -float(self.log_density.mean())


class Ceilings(NamedTuple):
    """What the data allow, whatever the model."""

    linear_code: LinearCode
    fluid: FluidCeiling | None
    """None where the representation does not tell the coordinates."""


def learn_ceilings(config: Config, plan: TrainingPlan, dataset: Dataset, run_folder: RunFolder) -> Ceilings:
    """The linear code of the training part, and the fluid's own density where models know its coordinates."""
    representation, num_particles = plan.representation, config.system.num_particles
    code = learn_linear_code(representation, representation.augmented(dataset.train.positions))
    if not representation.has_coordinates:
        return Ceilings(code, None)
    known = fluid_free_energy(config, run_folder)
    labelled = fluid_log_density(build_system(config), known, dataset.test.positions)
    entropy = ordered_entropy(known.mixture_entropy, num_particles, representation)
    ordered = labelled + (known.mixture_entropy - entropy)
    return Ceilings(code, FluidCeiling(entropy, known.mixture_entropy_error, ordered))


def measured_rows(
    plan: TrainingPlan,
    settings: Sequence[ModelSetting],
    states: Sequence[TrainState],
    dataset: Dataset,
    ceilings: Ceilings,
) -> list[dict[str, Any]]:
    """A row for each model: its setting and what it is worth on the test part; nan where it failed or has no such."""
    ordered = plan.representation.order(dataset.test.positions)
    key = jax.random.key(_SAMPLE_SEED)
    rows = []
    for setting, state in zip(settings, states, strict=True):
        noise = float(setting.kl_weight > 0)
        model = with_latents(plan, setting.latent_dim).model
        errors = errors_of_model(
            model, plan.representation, state.best.variables, ordered, key, plan.evaluation_batch_size, noise
        )
        values = _values(plan, setting, errors, ceilings)
        if has_failed(state):
            values = dict.fromkeys(values, math.nan)
        rows.append({**setting._asdict(), **values})
    return rows


def _values(plan: TrainingPlan, setting: ModelSetting, errors: ModelErrors, ceilings: Ceilings) -> dict[str, float]:
    """One model's columns, the ceilings beside."""
    mean = {name: float(np.mean(np.asarray(values), dtype=np.float64)) for name, values in errors._asdict().items()}
    is_variational = setting.kl_weight > 0
    kl_nats = mean["kl_nats"] if is_variational else math.nan
    sample_rmsd = _over_all(errors.sample_rmsd)
    values = {
        "mse_test": mean["mse"],
        "distance_mse": mean["distance_mse"],
        "rmsd_of_mean": _over_all(errors.rmsd),
        "kl_nats": kl_nats,
        "active_latents": int(active_by_kl(Posterior(errors.mean, errors.log_variance)).sum()),
        "sample_mse": mean["sample_mse"],
        "rmsd_of_sample": sample_rmsd,
        "linear_mse_at_rate": distortion_of_rate(np.asarray(ceilings.linear_code.variances), kl_nats)
        if is_variational
        else math.nan,
        "triangle_violations": mean["triangle_violations"],
        "rank_two_share": mean["rank_two_share"],
    }
    if ceilings.fluid is not None:
        values |= _beside_the_fluid(plan, errors, ceilings.fluid, kl_nats, sample_rmsd)
    return values


def _beside_the_fluid(
    plan: TrainingPlan, errors: ModelErrors, fluid: FluidCeiling, kl_nats: float, sample_rmsd: float
) -> dict[str, float]:
    """How far one model is from Shannon's bound, and its bound on ln p from the fluid's own density."""
    # The test part's own -<ln p> for h: model and fluid share the scatter of its configurations.
    spent = excess(kl_nats, fluid.of_test_part, plan.model.sample_shape[0], sample_rmsd**2 / 2)
    above = error = math.nan
    if plan.model.likelihood.is_learned and plan.representation.name == "coordinates":
        bound = np.asarray(errors.log_likelihood, np.float64) - np.asarray(errors.kl_nats, np.float64)
        gaps = fluid.log_density - bound
        above = float(gaps.mean())
        error = math.hypot(float(gaps.std(ddof=1)) / math.sqrt(len(gaps)), fluid.entropy_error)
    return {"excess_over_shannon_nats": spent, "above_entropy_nats": above, "above_entropy_error_nats": error}


def _over_all(rmsd_of_each: jax.Array) -> float:
    return math.sqrt(np.mean(np.asarray(rmsd_of_each) ** 2, dtype=np.float64))


def linear_rows(
    plan: TrainingPlan, dataset: Dataset, ceilings: Ceilings, latent_dims: Sequence[int]
) -> list[dict[str, Any]]:
    """The linear-PCA row for each number of components, on the data the models saw; 0 components: the mean."""
    representation, rows = plan.representation, []
    about = {"representation": representation.name, "ordering": representation.ordering}
    for dims in (0, *latent_dims):
        errors = jax.device_get(linear_code_errors(ceilings.linear_code, representation, dataset.test.positions, dims))
        rows.append({**about, "latent_dim": dims, **{name: float(error) for name, error in errors._asdict().items()}})
    return rows


def gaussian_rows(plan: TrainingPlan, dataset: Dataset, ceilings: Ceilings) -> list[dict[str, Any]]:
    """What one Gaussian, and one per gamma, of ordered coordinates are worth on the test part; none without a frame."""
    if ceilings.fluid is None:
        return []
    train, test = (_coordinate_rows(plan, part.positions) for part in (dataset.train, dataset.test))
    gammas = np.asarray(dataset.train.gamma)
    if min(np.sum(gammas == gamma) for gamma in np.unique(gammas)) <= train.shape[1]:
        say("too few training configurations for a Gaussian of each gamma")
        return []
    densities = {"one Gaussian": [fit_gaussian(train)], "one Gaussian per gamma": gaussian_of_each_gamma(train, gammas)}
    return [
        {
            "density": name,
            "above_entropy_nats": float((ceilings.fluid.log_density - log_density_of_mixture(each, test)).mean()),
            "entropy_nats": ceilings.fluid.entropy,
            "entropy_error_nats": ceilings.fluid.entropy_error,
            "entropy_of_test_part_nats": ceilings.fluid.of_test_part,
        }
        for name, each in densities.items()
    ]


def _coordinate_rows(plan: TrainingPlan, positions: jax.Array) -> np.ndarray:
    ordered = np.asarray(plan.representation.order(positions))
    return ordered.reshape(len(ordered), -1)


def measured_metrics(row: Mapping[str, Any], gaussians: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """One model's measured row by names of metrics, the Gaussian rows beside; what it has no value for is left out."""
    named = {name: row[column] for column, name in _METRICS.items() if math.isfinite(row.get(column, math.nan))}
    for gaussian in gaussians:
        name = gaussian["density"].replace(" ", "_").lower()
        named[f"rate/{name}_above_entropy_nats"] = gaussian["above_entropy_nats"]
    return named


def draw_examples(
    config: Config, plan: TrainingPlan, state: TrainState, dataset: Dataset, run_folder: RunFolder
) -> None:
    """The figure of some test matrices, their reconstructions from the latent mean, and the residuals."""
    # Consecutive chains differ in gamma, so the first of each of the first ones show different gammas.
    shown = slice(0, config.report.num_examples * config.sampler.samples_per_chain, config.sampler.samples_per_chain)
    samples = plan.representation.of(dataset.test.positions[shown])
    outputs = decode(plan.model, state.best.variables, encode(plan.model, state.best.variables, samples).mean)
    distances = (plan.representation.distances(each) for each in (samples, outputs))
    examples = jax.device_get((*distances, dataset.test.gamma[shown]))
    run_folder.save_figure("reconstructions", *draw_reconstructions(*examples))


def summary_of_stages(run_folder: RunFolder) -> dict[str, float]:
    """The sampler's and the training's own figures, from metrics.jsonl, so that a resumed run has them too."""
    (sampled,) = run_folder.records({"stage": "sampler"})
    trained = run_folder.records({"stage": "training"})
    walls = {record["epoch"]: record["training/epoch_wall_seconds"] for record in trained}
    return {
        **{name: value for name, value in sampled.items() if "/" in name},
        "training/epoch_wall_seconds": statistics.median(walls.values()),
    }
