"""Rows of codes by names of metrics, averaged over seeds."""

from collections.abc import Mapping, Sequence
from typing import Any

from lcpjax.road.grouped_means import grouped_means

_CLUSTER_METRICS = {
    "share_of_2": "latents/variance_of_two_axes_share",
    "isotropic_2": "latents/isotropic_two_axes_share",
    "isotropic_sample_2": "latents/isotropic_sample_two_axes_share",
    "decoded_share_of_2": "latents/decoded_variance_of_two_axes_share",
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
_RANKING_METRICS = {
    "kl_nats_and_variance": "latents/num_in_first_five_by_kl_and_variance",
    "kl_nats_and_relevance": "latents/num_in_first_five_by_kl_and_relevance",
    "variance_and_relevance": "latents/num_in_first_five_by_variance_and_relevance",
}
_RANGE_METRICS = {
    "mean_height_range": "latents/path_mean_height_range_sigma",
    "radius_of_gyration_range": "latents/path_radius_of_gyration_range_sigma",
    "smallest_distance_range": "latents/path_smallest_distance_range_sigma",
}


def latent_summary(clusters: Sequence[Mapping[str, Any]], gammas: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """The mean over seeds of how each case's codes lie and what they tell of gamma, and the exact ceiling."""
    exact, *others = gammas
    of_latents = [row for row in others if row["features"] == "latents"]
    return {
        "latents/exact_gamma_accuracy": exact["accuracy"],
        "latents/exact_gamma_nats": exact["nats"],
        **grouped_means(clusters, _CLUSTER_METRICS),
        **grouped_means(of_latents, _GAMMA_METRICS),
    }


def probe_summary(
    zero: Sequence[Mapping[str, Any]],
    few: Sequence[Mapping[str, Any]],
    rankings: Sequence[Mapping[str, Any]],
    ranges: Sequence[Mapping[str, Any]],
) -> dict[str, float]:
    """The mean over seeds of what zero, a few latents, and steps along single ones decode to."""
    return {
        **grouped_means(zero, _ZERO_METRICS),
        **grouped_means(few, _FEW_METRICS, ("case", "source")),
        **grouped_means(rankings, _RANKING_METRICS),
        **grouped_means(ranges, _RANGE_METRICS, ("case", "ranking", "centre")),
    }
