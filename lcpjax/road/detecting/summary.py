"""Rows of detection by names of metrics: means over seeds."""

from collections.abc import Mapping, Sequence
from typing import Any

from lcpjax.road.grouped_means import grouped_means

_DETECTION = {
    "auroc": "anomalies/auroc",
    "aupr": "anomalies/average_precision",
    "false_positive_rate": "anomalies/false_positive_rate_at_95",
    "margin_share": "anomalies/share_of_exact_margin",
}
_PARTICLES = {"auroc": "anomalies/particle_auroc", "margin_share": "anomalies/particle_share_of_exact_margin"}
_SHIFT = {"output_share": "anomalies/change_in_displaced_rows_share", "size": "anomalies/change_ratio"}
_CLUSTERING = {"accuracy": "anomalies/gamma_accuracy"}


def anomaly_summary(
    detection: Sequence[Mapping[str, Any]],
    particles: Sequence[Mapping[str, Any]],
    shifts: Sequence[Mapping[str, Any]],
    clustering: Sequence[Mapping[str, Any]],
) -> dict[str, float]:
    """The mean over seeds of how each score tells each set, of where the displaced particles are, and of shifts."""
    return {
        **grouped_means(detection, _DETECTION, ("set", "case", "score")),
        **grouped_means(particles, _PARTICLES, ("set", "case", "score")),
        **grouped_means(shifts, _SHIFT, ("set", "case")),
        **grouped_means(clustering, _CLUSTERING, ("set", "case")),
    }
