"""Rows of missing data by names of metrics: means over seeds."""

from collections.abc import Mapping, Sequence
from typing import Any

from lcpjax.road.grouped_means import grouped_means

_IMPUTED = {
    "rmse": "imputation/rmse_sigma",
    "coverage": "imputation/coverage_of_90_share",
    "width": "imputation/interval_width_sigma",
    "crps": "imputation/crps_sigma",
    "crps_excess": "imputation/crps_above_exact_sigma",
    "diversity": "imputation/diversity_sigma",
    "energy_wasserstein": "imputation/energy_wasserstein_epsilon",
    "kl_nats": "imputation/kl_nats",
    "least_effective_number": "imputation/least_effective_number",
}
_COMPLETED = {"solved_share": "completion/solved_share", "rmse": "completion/rmse_sigma"}
_MASKS = {"missing_share": "masks/missing_share", "rigid_share": "masks/globally_rigid_share"}


def imputation_summary(
    masks: Sequence[Mapping[str, Any]],
    completed: Sequence[Mapping[str, Any]],
    imputed: Sequence[Mapping[str, Any]],
) -> dict[str, float]:
    """The mean over seeds of what is found, of what is imputed, and which masks leave nothing open."""
    return {
        **grouped_means(masks, _MASKS, ("masks",)),
        **grouped_means(completed, _COMPLETED, ("masks", "start")),
        **grouped_means(imputed, _IMPUTED, ("masks", "case", "method")),
    }
