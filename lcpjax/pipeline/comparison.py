"""Figures and summaries of several kinds of models, relative to linear codes and the entropy."""

import math
import statistics
from collections.abc import Sequence
from typing import Any

import jax
import numpy as np

from lcpjax.build import build_representation
from lcpjax.config.check import changed
from lcpjax.dataset import Dataset
from lcpjax.evaluation.reconstruction.linear_code import learn_linear_code
from lcpjax.pipeline.metrics import draw_examples
from lcpjax.pipeline.run import Run
from lcpjax.pipeline.variants import VariantResult
from lcpjax.report import RunFolder
from lcpjax.report.figures.rate_distortion import draw_rate_distortion
from lcpjax.report.figures.representations import draw_representations
from lcpjax.report.figures.sweep_curve import draw_sweep_curve, over_seeds
from lcpjax.trained_model import TrainedModel


def draw_sweep(
    rows: Sequence[dict[str, Any]], by: str, linear: Sequence[dict[str, Any]], mean_mse: float, run_folder: RunFolder
) -> list[dict[str, Any]]:
    """The figure of error and rate against what was swept; its rows, averaged over seeds."""
    figure, curve = draw_sweep_curve(rows, by, linear, mean_mse)
    run_folder.save_figure(f"{'lambda' if by == 'kl_weight' else by}_curve", figure, curve)
    return curve


def draw_best_examples(
    run: Run, models: Sequence[TrainedModel], rows: Sequence[dict[str, Any]], dataset: Dataset
) -> None:
    """The figure of examples, by the model with the lowest test error."""
    finite = [index for index, row in enumerate(rows) if math.isfinite(row["mse_test"])]
    best = min(finite, key=lambda index: rows[index]["mse_test"])
    draw_examples(run, models[best], dataset)


def draw_plane(run: Run, results: Sequence[VariantResult]) -> None:
    """The rate-distortion planes of models that know the frame, and their tables: with an order, and without.

    An order that is a function of the set takes ln N! nats off the entropy, and so moves the bound.
    """
    known = [result for result in results if result.bounds.fluid is not None]
    for name, is_ordered in (("rate_distortion", True), ("rate_distortion_unordered", False)):
        of_plane = [result for result in known if (result.plan.representation.ordering != "none") == is_ordered]
        if of_plane:
            _draw_plane_of_one_entropy(run, name, of_plane)


def _draw_plane_of_one_entropy(run: Run, name: str, results: Sequence[VariantResult]) -> None:
    codes = {
        result.plan.representation.ordering: np.asarray(result.bounds.linear_code.variances, np.float64)
        for result in results
        if result.plan.representation.name == "coordinates"
    }
    # That of the test set, as in the rows: below the curve the rate above the bound is negative.
    entropy = next(result.bounds.fluid.of_test_set for result in results if result.bounds.fluid is not None)
    rows = [row for result in results for row in result.rows]
    figure, shown = draw_rate_distortion(rows, codes, entropy, run.config.system.num_particles)
    run.folder.save_figure(name, figure, shown)
    run.folder.save_table(name, rows)


def least_excess(results: Sequence[VariantResult]) -> dict[str, float]:
    """Rate above the Shannon bound of each variant's nearest setting, in nats, by metric names.

    A setting's mean over seeds, and their standard deviation where there are several. The setting is chosen by
    the test set, so that the least of many equal ones is biased a little low.
    """
    least = {}
    for result in results:
        of_settings: dict[tuple[float, int], list[float]] = {}
        for row in result.rows:
            if math.isfinite(value := row.get("excess_over_shannon_nats", math.nan)):
                of_settings.setdefault((row["kl_weight"], row["latent_dim"]), []).append(value)
        if not of_settings:
            continue
        nearest = min(of_settings.values(), key=statistics.mean)
        variant = result.rows[0]["variant"]
        least[f"rate/least_mean_excess_over_shannon_nats/{variant}"] = statistics.mean(nearest)
        if len(nearest) > 1:
            least[f"rate/least_mean_excess_over_shannon_sd_nats/{variant}"] = statistics.stdev(nearest)
    return least


def by_variant(metric: str, rows: Sequence[dict[str, Any]], column: str) -> dict[str, float]:
    """One column of a table of variants by names of metrics."""
    return {f"{metric}/{row['variant']}": row[column] for row in rows}


def summarised_variant(network: str, ordering: str, result: VariantResult) -> dict[str, Any]:
    """One row for a variant: means and spreads over seeds, with its linear row."""
    ids = {"variant": result.rows[0]["variant"], "network": network, "ordering": ordering}
    averaged = over_seeds(result.rows, "kl_weight", ("distance_mse", "rmsd_of_mean", "kl_nats", "triangle_violations"))
    linear = {name: result.rows[0][name] for name in ("linear_distance_mse", "linear_rmsd")}
    return ids | (averaged[0] if averaged else {}) | linear


def draw_representations_against_linear(run: Run, rows: Sequence[dict[str, Any]], dataset: Dataset) -> None:
    """The figure of what each ordering leaves to be learned."""
    spectra = {}
    for ordering in dict.fromkeys(row["ordering"] for row in rows):
        of_distances = changed(
            run.config, {"representation.name": "distance_matrix", "representation.ordering": ordering}
        )
        template = tuple(tuple(place) for place in run.folder.info().get("template", ()))
        representation = build_representation(of_distances, template if ordering == "template" else ())
        code = learn_linear_code(representation, dataset.train.positions)
        spectra[ordering] = np.maximum(np.asarray(jax.device_get(code.variances), np.float64), 0.0)
    figure, shown = draw_representations(rows, spectra, run.config.model.latent_dim)
    run.folder.save_figure("representations", figure, shown)
