"""Metrics of trained models on the test set, relative to linear codes and the entropy."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import jax
import numpy as np

from lcpjax.dataset import Dataset
from lcpjax.evaluation.density.rate import rate_above_shannon_bound
from lcpjax.evaluation.latents.active_units import active_by_kl, kl_of_each_latent
from lcpjax.evaluation.latents.gaussian_codes import distortion_of_rate
from lcpjax.evaluation.latents.latent_axes import principal_axes
from lcpjax.evaluation.reconstruction.linear_code import LinearErrors
from lcpjax.evaluation.reconstruction.model_errors import ModelErrors, errors_of_model
from lcpjax.model import Posterior
from lcpjax.pipeline.bounds import Bounds, FluidBound
from lcpjax.pipeline.density import GAP_COLUMNS, gap_columns, gaps_to_fluid, standard_error
from lcpjax.pipeline.run import Run
from lcpjax.report.figures.latent_plane import draw_latent_plane
from lcpjax.report.figures.reconstructions import draw_reconstructions
from lcpjax.runtime.jax_settings import key_of_seed
from lcpjax.sampler.streams import Seed
from lcpjax.trained_model import TrainedModel
from lcpjax.training import TrainState, has_failed

_METRICS = {
    "distance_mse": "reconstruction/distance_mse_sigma2",
    "rmsd_of_mean": "reconstruction/rmsd_of_mean_sigma",
    "rmsd_of_sample": "reconstruction/rmsd_of_sample_sigma",
    "triangle_violations": "reconstruction/triangle_violations_fraction",
    "rank_two_fraction": "reconstruction/rank_two_fraction",
    "kl_nats": "rate/kl_nats",
    "active_latents": "rate/num_active_latents",
    "above_shannon_nats": "rate/above_shannon_nats",
    "above_shannon_error_nats": "rate/above_shannon_error_nats",
    **{name: f"rate/{name}" for name in GAP_COLUMNS},
    "log_partition_function_error_nats": "rate/log_partition_function_error_nats",
}


def measured_rows(
    models: Sequence[TrainedModel],
    states: Sequence[TrainState],
    dataset: Dataset,
    bounds: Bounds,
    linear: Sequence[Mapping[str, Any]],
) -> list[dict[str, Any]]:
    """A row for each model: its setting, and its errors and those of linear PCA on the test set.

    Standard errors are over the test configurations. Nan where a model failed (linear PCA's columns stay) or where
    there is no such number:

    - kl_weight (sigma^2 a nat, or 1 a nat where the variance is learned), latent_dim, seed: the setting.
    - mse_test, sample_mse: mean squared error an entry of the representation, in its units squared, decoded from
      the latent mean and from a posterior sample.
    - distance_mse: from the latent mean, over all N x N distances, in sigma^2.
    - rmsd_of_mean, rmsd_of_sample: root mean square distance of particles from where they were, over all
      configurations, in sigma; after rigid alignment where the representation has no frame.
    - kl_nats: mean KL to the prior that the model uses; of models with lambda > 0.
    - active_latents: how many have a KL above 0.01 nats; of models with lambda > 0 and the prior N(0, I).
    - linear_mse_at_rate: error of the best linear code of that rate an entry, in its units squared.
    - triangle_violations: fraction of triples of decoded distances, 0 to 1; rank_two_fraction: of their Gram matrix.
    - above_shannon_nats, above_shannon_error_nats: KL less Shannon's lower bound at the error of the
      sample, and its standard error; where the representation has coordinates and lambda > 0. Near the bound the
      noise of one sample is most of the error, of which the next columns are free.
    - above_entropy_nats, above_entropy_error_nats: gap of the bound on ln p to the fluid's exact density, and its
      standard error; of models of coordinates that learn their variance, with lambda > 0.
    - prior_above_entropy_nats, prior_above_entropy_error_nats: gap of the prior alone, a density of coordinates without
      the noise of the latents; where latents are particles.
    - log_partition_function_error_nats: of the fluid's ln Z, which all these gaps share; where the representation has
      coordinates.
    - linear_mse, linear_distance_mse, linear_rmsd: errors of linear PCA with latent_dim components, in the units
      of mse_test, distance_mse and rmsd_of_mean.

    Args:
        models: of one representation.
        states: theirs, each after its last step.
        linear: ``linear_rows`` with a row for every latent_dim of the models.
    """
    ordered = models[0].representation.order(dataset.test.positions)
    key = key_of_seed(Seed.EVALUATION)
    reference = {row["latent_dim"]: {f"linear_{name}": row[name] for name in LinearErrors._fields} for row in linear}
    rows = []
    for model, state in zip(models, states, strict=True):
        errors = errors_of_model(model, ordered, key)
        values = _values(model, errors, bounds)
        if bounds.fluid is not None:
            values |= _relative_to_shannon(model, errors, bounds.fluid, num_particles=ordered.shape[1])
            values |= gap_columns(gaps_to_fluid(model, ordered, bounds.fluid))
            values["log_partition_function_error_nats"] = bounds.fluid.log_partition_function_error
        if has_failed(state):
            values = dict.fromkeys(values, math.nan)
        rows.append({**model.setting._asdict(), **values, **reference[model.setting.latent_dim]})
    return rows


def _values(model: TrainedModel, errors: ModelErrors, bounds: Bounds) -> dict[str, float]:
    """Columns of one model that need no entropy."""
    mean = {name: float(np.mean(np.asarray(values), dtype=np.float64)) for name, values in errors._asdict().items()}
    kl_nats = linear_mse_at_rate = active = math.nan
    if model.is_variational:
        kl_nats = mean["kl_nats"]
        linear_mse_at_rate = distortion_of_rate(np.asarray(bounds.linear_code.variances), kl_nats)
        if model.has_latent_rates:
            active = int(active_by_kl(Posterior(errors.mean, errors.log_variance)).sum())
    return {
        "mse_test": mean["mse"],
        "distance_mse": mean["distance_mse"],
        "rmsd_of_mean": _over_all(errors.rmsd),
        "kl_nats": kl_nats,
        "active_latents": active,
        "sample_mse": mean["sample_mse"],
        "rmsd_of_sample": _over_all(errors.sample_rmsd),
        "linear_mse_at_rate": linear_mse_at_rate,
        "triangle_violations": mean["triangle_violations"],
        "rank_two_fraction": mean["rank_two_fraction"],
    }


def _relative_to_shannon(
    model: TrainedModel, errors: ModelErrors, fluid: FluidBound, num_particles: int
) -> dict[str, float]:
    """Rate of one model above the Shannon bound, and its standard error."""
    rate_above = rate_above_error = math.nan
    if model.is_variational:
        rates = np.asarray(errors.kl_nats, np.float64)
        distortions = np.asarray(errors.sample_rmsd, np.float64) ** 2 / 2
        # The test set's own -<ln p> for h: model and fluid share the scatter of its configurations.
        rate_above = rate_above_shannon_bound(
            float(rates.mean()), fluid.of_test_set, num_particles, float(distortions.mean())
        )
        # The slope of N ln D at the mean gives each configuration's contribution to the scatter of the sum.
        contributions = rates + fluid.log_density + num_particles * distortions / distortions.mean()
        rate_above_error = standard_error(contributions)
    return {"above_shannon_nats": rate_above, "above_shannon_error_nats": rate_above_error}


def _over_all(rmsd_of_each: jax.Array) -> float:
    return math.sqrt(np.mean(np.asarray(rmsd_of_each) ** 2, dtype=np.float64))


def kl_per_latent_rows(
    models: Sequence[TrainedModel], states: Sequence[TrainState], dataset: Dataset
) -> list[dict[str, Any]]:
    """A row for each latent of each model with the prior N(0, I) and lambda > 0: its mean KL on the test set.

    Columns: the setting; latent, counted from 0; kl_nats, summing to the model's own; active, whether above 0.01 nats.
    """
    ordered, rows = models[0].representation.order(dataset.test.positions), []
    for model, state in zip(models, states, strict=True):
        if not model.has_latent_rates or has_failed(state):
            continue
        posterior = model.posterior(ordered)
        columns = zip(kl_of_each_latent(posterior).tolist(), active_by_kl(posterior).tolist(), strict=True)
        for latent, (kl_nats, active) in enumerate(columns):
            rows.append({**model.setting._asdict(), "latent": latent, "kl_nats": kl_nats, "active": active})
    return rows


def measured_metrics(row: Mapping[str, Any], gaussians: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """One model's measured row and the Gaussian rows by names of metrics; columns without a value are left out."""
    named = {name: row[column] for column, name in _METRICS.items() if math.isfinite(row.get(column, math.nan))}
    for gaussian in gaussians:
        name = gaussian["density"].replace(" ", "_").lower()
        named[f"rate/{name}_above_entropy_nats"] = gaussian["above_entropy_nats"]
    return named


def draw_examples(run: Run, model: TrainedModel, dataset: Dataset) -> None:
    """The figure of some test matrices, their reconstructions from the latent mean, and the residuals."""
    # Consecutive chains differ in gamma, so the first of each of the first ones show different gammas.
    shown = slice(
        0, run.config.report.num_examples * run.config.sampler.samples_per_chain, run.config.sampler.samples_per_chain
    )
    representation = model.representation
    both = model.reconstruct(representation.order(dataset.test.positions[shown]))
    distances = (representation.distances(each) for each in both)
    examples = jax.device_get((*distances, dataset.test.gamma[shown]))
    run.folder.save_figure(
        "reconstructions",
        *draw_reconstructions(*examples),
        caption="Test matrices, their reconstructions from the latent mean, and what is left, a row for each gamma.",
    )


def draw_codes(run: Run, model: TrainedModel, dataset: Dataset) -> None:
    """The figure of the test set's codes in the plane of their two first principal axes, coloured by gamma.

    None where the model has a single latent, or where all its codes are the same: the posterior has collapsed.
    """
    codes = np.asarray(model.posterior(model.representation.order(dataset.test.positions)).mean, np.float64)
    if codes.shape[1] < 2 or np.ptp(codes, axis=0).max() == 0:
        return
    axes = principal_axes(codes)
    fractions = axes.variances[:2] / axes.variances.sum()
    run.folder.save_figure(
        "latent_plane",
        *draw_latent_plane(axes.coordinates(codes, 2), fractions, np.asarray(dataset.test.gamma)),
        caption=(
            f"Codes of the test set by {model.name} along the two principal axes in which they vary most, a colour for "
            f"each gamma. An isotropic cloud would have {100 / codes.shape[1]:.3g} % of the variance on each axis. The "
            "signs of axes are arbitrary: here gamma rises along each, on average."
        ),
    )
