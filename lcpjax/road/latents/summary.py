"""Rows of codes by names of metrics, averaged over seeds."""

import math
import statistics
from collections.abc import Mapping, Sequence
from typing import Any

_CLUSTER_METRICS = {
    "share_of_2": "latents/variance_of_two_axes_share",
    "isotropic_2": "latents/isotropic_two_axes_share",
    "isotropic_sample_2": "latents/isotropic_sample_two_axes_share",
    "active_by_variance": "latents/num_active_by_variance",
    "silhouette": "latents/silhouette",
    "agreement": "latents/adjusted_rand_index",
}
_GAMMA_METRICS = {
    "accuracy": "latents/gamma_accuracy",
    "share_of_exact": "latents/gamma_share_of_exact_accuracy",
    "share_of_nats": "latents/gamma_share_of_exact_nats",
}
_ZERO_METRICS = {
    "to_mean": "latents/zero_to_mean_share",
    "to_nearest": "latents/zero_to_nearest_ratio",
    "smallest_distance": "latents/zero_smallest_distance_sigma",
}
_FEW_METRICS = {
    "spread": "latents/decoded_spread_share",
    "pair_energy_wasserstein": "latents/decoded_pair_energy_wasserstein_epsilon",
    "radius_of_gyration_wasserstein": "latents/decoded_radius_of_gyration_wasserstein_sd",
    "mean_height_wasserstein": "latents/decoded_mean_height_wasserstein_sd",
}


def latent_summary(clusters: Sequence[Mapping[str, Any]], gammas: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """The mean over seeds of how each case's codes lie and what they tell of gamma, and the exact ceiling."""
    exact, *others = gammas
    of_latents = [row for row in others if row["features"] == "latents"]
    return {
        "latents/exact_gamma_accuracy": exact["accuracy"],
        "latents/exact_gamma_nats": exact["nats"],
        **means_over_seeds(clusters, _CLUSTER_METRICS),
        **means_over_seeds(of_latents, _GAMMA_METRICS),
    }


def probe_summary(zero: Sequence[Mapping[str, Any]], few: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """The mean over seeds of what zero, and a few latents, decode to."""
    named = [{**row, "case": f"{row['case']}/{_label(row['source'])}"} for row in few]
    return {**means_over_seeds(zero, _ZERO_METRICS), **means_over_seeds(named, _FEW_METRICS)}


def means_over_seeds(rows: Sequence[Mapping[str, Any]], metrics: Mapping[str, str]) -> dict[str, float]:
    """Of each case the mean of each column, by the name of its metric; what is not finite is left out."""
    groups: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        groups.setdefault(row["case"], []).append(row)
    means = {
        f"{metric}/{case}": statistics.fmean(row[column] for row in own)
        for case, own in groups.items()
        for column, metric in metrics.items()
    }
    return {name: value for name, value in means.items() if math.isfinite(value)}


def _label(source: str) -> str:
    return source.replace(", ", "_").replace(" ", "_").replace("(", "").replace(")", "").lower()
