"""Scores of the latents of autoencoder and VAE."""

import math
import statistics
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from lcpjax.config import Config
from lcpjax.evaluation.latents.latent_coherence import neighbour_accuracy, silhouette
from lcpjax.evaluation.samples.mean_discrepancy import median_distance, mmd_squared, split_half_floor
from lcpjax.evaluation.samples.neighbours import distances_to_nearest, fraction_beyond
from lcpjax.training import TrainingPlan, evaluate

from .images import Digits
from .latents import AUTOENCODER, HELD_OUT, SCALED, SPLITS, STANDARD, VARIATIONAL, LatentPlane

_SHORT = {STANDARD: "", SCALED: "_scaled", HELD_OUT: "_held_out"}


def latent_rows(
    config: Config, plan: TrainingPlan, planes: Sequence[LatentPlane], digits: Digits
) -> list[dict[str, Any]]:
    """A row for each model: error and KL on the test set, and how coherent the digits are in its latents."""
    rows = []
    for each in planes:
        kl_weight = each.setting.kl_weight
        terms = evaluate(plan, each.best.variables, jnp.float32(kl_weight), digits.test.images)
        deviations = jnp.std(each.aggregate, axis=0)
        votes = (each.train, digits.train.labels, each.test, digits.test.labels, config.settings.num_neighbours)
        rows.append(
            {
                "model": each.kind,
                **each.setting._asdict(),
                "mse_test": float(terms.mse),
                "kl_nats": float(terms.kl_nats) if kl_weight > 0 else math.nan,
                "neighbour_accuracy": neighbour_accuracy(*votes),
                "silhouette": silhouette(each.test, digits.test.labels),
                "smallest_latent_sd": float(deviations.min()),
                "largest_latent_sd": float(deviations.max()),
                "best_epoch": int(each.best.epoch),
            }
        )
    return rows


def prior_rows(planes: Sequence[LatentPlane], digits: Digits) -> list[dict[str, Any]]:
    """A row for each model and source of latents: distance from the aggregate posterior, and of what is decoded.

    Far: farther from the nearest training image than 95 % of the test images are. Two latents lose detail in all that
    is decoded, which brings it nearer to the data; so anomalous samples are those farther than 95 % of what the same
    model decodes from test images.
    """
    usual, rows = distances_to_nearest(digits.test.images, digits.train.images), []
    for each in planes:
        distances_of = {
            source: distances_to_nearest(each.decode(points), digits.train.images)
            for source, points in each.sources.items()
        }
        for source, distances in distances_of.items():
            rows.append(
                {
                    "model": each.kind,
                    **each.setting._asdict(),
                    "source": source,
                    **_discrepancy(each, each.sources[source]),
                    "far_fraction": float(fraction_beyond(distances, usual)),
                    "anomalous_fraction": float(fraction_beyond(distances, distances_of[HELD_OUT])),
                    "median_distance": float(jnp.median(distances)),
                }
            )
    return rows


def _discrepancy(plane: LatentPlane, points: jax.Array) -> dict[str, float]:
    """MMD^2 between the aggregate posterior and other latents, and the larger of their values by chance."""
    width = median_distance(plane.aggregate, points)
    floors = [split_half_floor(plane.key(SPLITS), each, width) for each in (plane.aggregate, points)]
    discrepancy = mmd_squared(plane.aggregate, points, width)
    return {"mmd_squared": float(discrepancy), "mmd_floor": max(map(float, floors)), "kernel_width": float(width)}


def digits_summary(latents: Sequence[dict[str, Any]], priors: Sequence[dict[str, Any]]) -> dict[str, float]:
    """Means over seeds, by the names of metrics."""
    summary = {}
    for kind in (AUTOENCODER, VARIATIONAL):
        for name, column in (
            ("reconstruction/mse_test_grey2", "mse_test"),
            ("latent/neighbour_accuracy_fraction", "neighbour_accuracy"),
            ("latent/silhouette_number", "silhouette"),
        ):
            summary[f"{name}/{kind}"] = _mean(latents, column, model=kind)
        for source, suffix in _SHORT.items():
            ids = {"model": kind, "source": source}
            summary[f"latent/mmd_squared_number/{kind}{suffix}"] = _mean(priors, "mmd_squared", **ids)
            summary[f"latent/far_samples_fraction/{kind}{suffix}"] = _mean(priors, "far_fraction", **ids)
            summary[f"latent/anomalous_samples_fraction/{kind}{suffix}"] = _mean(priors, "anomalous_fraction", **ids)
    return summary


def _mean(rows: Sequence[dict[str, Any]], column: str, **ids: str) -> float:
    return statistics.mean(row[column] for row in rows if ids.items() <= row.items())
