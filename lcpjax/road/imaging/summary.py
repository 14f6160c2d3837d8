"""Rows of images by names of metrics, averaged over seeds."""

from collections.abc import Mapping, Sequence
from typing import Any

from lcpjax.road.grouped_means import grouped_means

_MODELS = {
    "f1": "occupancy/f1",
    "rmsd": "occupancy/rmsd_assigned_sigma",
    "wasserstein": "occupancy/wasserstein_epsilon",
    "median_smallest_distance": "occupancy/median_smallest_distance_sigma",
    "kl_nats": "occupancy/kl_nats",
    "excess_over_shannon_nats": "occupancy/excess_over_shannon_nats",
}
_IMAGES = _MODELS | {
    "above_entropy_nats": "occupancy/above_entropy_nats",
    "mean_image_share": "occupancy/explained_by_mean_image_share",
    "rows_share": "occupancy/explained_by_rows_share",
}
_SHARING = {
    "configurations_share": "occupancy/configurations_sharing_a_cell_share",
    "cells_share": "occupancy/cells_shared_share",
}
_OVERFITTED = {"f1": "overfitting/f1", "rmsd": "overfitting/rmsd_assigned_sigma"}


def occupancy_summary(
    sharing: Sequence[Mapping[str, Any]],
    baselines: Sequence[Mapping[str, Any]],
    overfitted: Sequence[Mapping[str, Any]],
    images: Sequence[Mapping[str, Any]],
    coordinates: Sequence[Mapping[str, Any]],
) -> dict[str, float]:
    """The mean over seeds of what each model is worth at each number of cells, and of what is shared and guessed."""
    return {
        **grouped_means(sharing, _SHARING, ("cells",)),
        **grouped_means(baselines, {"f1": "occupancy/f1"}, ("guess", "cells")),
        **grouped_means(overfitted, _OVERFITTED),
        **grouped_means(images, _IMAGES, ("case", "cells", "decoded")),
        **grouped_means(coordinates, _MODELS, ("case", "cells", "decoded")),
    }
