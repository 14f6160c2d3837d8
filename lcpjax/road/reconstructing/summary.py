"""Rows of ways back and of energies by names of metrics, averaged over seeds."""

from collections.abc import Mapping, Sequence
from typing import Any

from lcpjax.road.grouped_means import grouped_means

_ROUTE_METRICS = {
    "rmsd_aligned": "reconstruction/rmsd_aligned_sigma",
    "rmsd": "reconstruction/rmsd_in_the_box_sigma",
    "orientation_share": "reconstruction/orientation_within_10_degrees_share",
    "rank_two_share": "reconstruction/rank_two_share",
    "triangle_violations": "reconstruction/triangle_violations_share",
}
_ENERGY_METRICS = {
    "wasserstein": "energies/wasserstein_epsilon",
    "energy_rise": "energies/energy_rise_epsilon",
    "gaussian_wasserstein": "energies/gaussian_wasserstein_epsilon",
    "draws_wasserstein": "energies/draws_wasserstein_epsilon",
    "gaussian_share": "energies/gaussian_share",
    "gaussian_energy_rise": "energies/gaussian_energy_rise_epsilon",
    "cut_wasserstein": "energies/cut_wasserstein_epsilon",
    "kolmogorov_smirnov": "energies/kolmogorov_smirnov",
    "close_share": "energies/close_share",
    "rmsd": "energies/rmsd_sigma",
}


def route_summary(rows: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """The mean over seeds of what each way of each case is worth."""
    return grouped_means(rows, _ROUTE_METRICS, ("case", "route"))


def energy_summary(rows: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """The mean over seeds of the energies of each case, and the floor that all share."""
    return {
        **grouped_means(rows, _ENERGY_METRICS, ("case", "decoded")),
        "energies/floor_wasserstein_epsilon": rows[0]["floor"],
    }
