"""Sweeps over models of several kinds, relative to linear codes and the entropy."""

import math
import statistics
from collections.abc import Mapping, Sequence
from typing import Any

import jax.numpy as jnp
import numpy as np

from lcpjax.config import Config
from lcpjax.dataset import Dataset
from lcpjax.evaluation.reconstruction.reconstruction_error import aligned_rmsd, over_all
from lcpjax.pipeline.metrics import draw_codes, draw_examples
from lcpjax.pipeline.run import Run
from lcpjax.pipeline.variants import MeasuredModels, Variant
from lcpjax.reconstruction import embed_distances, symmetrised
from lcpjax.report.answer import Answering
from lcpjax.report.figures.rate_distortion import draw_rate_distortion
from lcpjax.report.figures.sweep_curve import draw_sweep_curve


def plane_variants(config: Config, changes: Mapping[str, Any] | None = None) -> list[Variant]:
    """Models of coordinates for the plane: residual perceptrons, in each of the config's orderings for it.

    Args:
        changes: further values by dotted key of the config.
    """
    network = {
        "representation.name": "coordinates",
        "model.encoder": "residual_perceptron",
        "model.decoder": "residual_perceptron",
        "training.optimizer": "adam",
        "training.learning_rate": 3e-3,
        **(changes or {}),
    }
    return [
        Variant(f"coordinates-{ordering}", network | {"representation.ordering": ordering})
        for ordering in config.sweep.plane_orderings
    ]


def draw_sweep(run: Run, result: MeasuredModels, by: str, dataset: Dataset) -> dict[str, float]:
    """The figures of error and rate against what was swept, and of the best model's examples and codes.

    Returns test errors in sigma^2, averaged over seeds, and the error of the mean configuration, by metric names.
    """
    mean, *linear = result.linear
    figure, curve = draw_sweep_curve(result.rows, by, linear, mean["mse"], _rmsd_of_mean(result, dataset))
    name = "lambda" if by == "kl_weight" else by
    run.folder.save_figure(
        f"{name}_curve",
        figure,
        curve,
        caption=_caption_of_sweep(by, linear, mean["mse"], len({row["seed"] for row in result.rows})),
    )
    errors = [row["mse_test"] if math.isfinite(row["mse_test"]) else math.inf for row in result.rows]
    best = result.models[errors.index(min(errors))]
    draw_examples(run, best, dataset)
    draw_codes(run, best, dataset)
    swept = {f"reconstruction/mse_test_sigma2/{by}={row[by]}": row["mse_test_mean"] for row in curve}
    spread = {f"reconstruction/mse_test_sd_sigma2/{by}={row[by]}": row["mse_test_sd"] for row in curve}
    # One seed has no spread.
    spread = {name: value for name, value in spread.items() if math.isfinite(value)}
    return swept | spread | {"reconstruction/mean_mse_sigma2": mean["mse"]}


def _caption_of_sweep(by: str, linear: Sequence[Mapping[str, Any]], mean_mse: float, num_seeds: int) -> str:
    seeds = "mean and standard deviation over seeds" if num_seeds > 1 else "one seed, which shows no scatter"
    swept = "lambda, the weight of the KL" if by == "kl_weight" else "the number of latents"
    reference = "linear PCA with as many latents"
    if len(linear) == 1:
        reference += f" ({linear[0]['mse']:.3g} sigma²)"
    return (
        f"Test MSE, RMSD and KL against {swept}: {seeds}; open points have not converged. "
        f"Dashed: {reference}, the best that a linear code can do; dotted: the mean of the training set, "
        f"which needs no latent ({mean_mse:.3g} sigma²). A KL of 0 is a code that says nothing."
    )


def _rmsd_of_mean(result: MeasuredModels, dataset: Dataset) -> float:
    """RMSD of the mean over the training set from test configurations, in sigma, aligned where there is no frame."""
    representation, (mean, *_) = result.plan.representation, result.linear
    if representation.has_coordinates:
        return mean["rmsd"]
    ordered = representation.order(dataset.test.positions)
    sample = representation.represent(ordered[:1])
    distances = representation.distances(result.bounds.linear_code.mean.reshape(sample.shape))
    points = embed_distances(symmetrised(distances)).positions
    return float(over_all(aligned_rmsd(ordered, jnp.broadcast_to(points, ordered.shape))))


def finish_sweep(
    run: Run,
    metrics: Mapping[str, float],
    result: MeasuredModels,
    of_plane: Sequence[MeasuredModels],
    references: Sequence[Mapping[str, Any]] = (),
    *,
    answering: Answering,
) -> None:
    """Draw the plane and finish the run.

    Args:
        metrics: of the sweep; those of the plane come to them.
        result: models of the sweep.
        of_plane: models of each variant of the plane.
        references: models of other runs for the plane with an order: variant, kl_nats, rmsd_of_sample.
        answering: makes the answer of the summary.
    """
    draw_plane(run, of_plane, references)
    every = [result, *of_plane]
    run.finish(
        {**metrics, **least_rate_above_bound(of_plane)},
        sum(len(each.rows) for each in every),
        [line for each in every for line in each.failures],
        answering,
    )


def draw_plane(run: Run, results: Sequence[MeasuredModels], references: Sequence[Mapping[str, Any]] = ()) -> None:
    """The rate-distortion planes of models that know the frame, and their tables: with an order, and without.

    An order that is a function of the set takes ln N! nats off the entropy, and so moves the bound.

    Args:
        results: models of each variant.
        references: models of other runs on the same fluid, with an order: variant, kl_nats, rmsd_of_sample.
    """
    known = [result for result in results if result.bounds.fluid is not None]
    for name, is_ordered in (("rate_distortion", True), ("rate_distortion_unordered", False)):
        of_plane = [result for result in known if (result.plan.representation.ordering != "none") == is_ordered]
        if of_plane:
            _draw_plane_of_one_entropy(run, name, of_plane, references if is_ordered else ())


def _draw_plane_of_one_entropy(
    run: Run, name: str, results: Sequence[MeasuredModels], references: Sequence[Mapping[str, Any]]
) -> None:
    codes = {
        result.plan.representation.ordering: np.asarray(result.bounds.linear_code.variances, np.float64)
        for result in results
        if result.plan.representation.name == "coordinates"
    }
    # That of the test set, as in the rows: below the curve the rate above the bound is negative.
    entropy = next(result.bounds.fluid.of_test_set for result in results if result.bounds.fluid is not None)
    rows = [row for result in results for row in result.rows]
    figure, shown = draw_rate_distortion(rows, codes, entropy, run.config.system.num_particles, references)
    caption = (
        "RMSD of posterior samples against the KL to the prior, which is the rate of the code. No code lies in the "
        f"grey region: its edge is Shannon's lower bound, from the entropy of the fluid ({entropy:.4g} nats). Dashed: "
        "the best linear code of each particle order; open points have not converged."
    )
    run.folder.save_figure(name, figure, shown, caption=caption)
    run.folder.save_table(name, rows)


def least_rate_above_bound(results: Sequence[MeasuredModels]) -> dict[str, float]:
    """Rate above the Shannon bound of each variant's nearest setting, in nats, by metric names.

    A setting's mean over seeds, and their standard deviation where there are several. The setting is chosen by
    the test set, so that the least of many equal ones is biased a little low.
    """
    least = {}
    for result in results:
        of_settings: dict[tuple[float, int], list[float]] = {}
        for row in result.rows:
            if math.isfinite(value := row.get("above_shannon_nats", math.nan)):
                of_settings.setdefault((row["kl_weight"], row["latent_dim"]), []).append(value)
        if not of_settings:
            continue
        nearest = min(of_settings.values(), key=statistics.mean)
        variant = result.rows[0]["variant"]
        least[f"rate/least_mean_above_shannon_nats/{variant}"] = statistics.mean(nearest)
        if len(nearest) > 1:
            least[f"rate/least_mean_above_shannon_sd_nats/{variant}"] = statistics.stdev(nearest)
    return least
