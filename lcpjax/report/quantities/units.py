"""Units: read off a name's end, where the convention stage/quantity_unit puts them, else off what is measured."""

import re

# A longer end comes before one that it ends with.
_OF_ENDS = {
    "metre_per_second2": "m/s²",
    "bytes_per_second": "B/s",
    "per_second": "1/s",
    "wall_seconds": "s",
    "seconds": "s",
    "bytes": "B",
    "nats": "nats",
    "sigma2": "sigma²",
    "sigma": "sigma",
    "grey2": "grey value²",
    "epsilon": "epsilon",
    "standard_errors": "standard errors",
    "kilogram": "kg",
    "metre": "m",
    "joule": "J",
    "percent": "%",
}
_ENDS = re.compile(rf"(.+?)_({'|'.join(_OF_ENDS)})")
# Of two quantities with the same unit.
_RATIO = re.compile(r"(^|_)(ratio_to|fraction_of)_")

# Columns carry their unit in the docstring of what makes the table.
_OF_COLUMNS = {
    "sigma": r"(sample_|linear_|orbit_mean_|own_|median_)*(rmsd|rmse|crps|displacement|diversity|width|mean_height"
    r"|radius_of_gyration|smallest_distance|box_side|cell_side|sum_of_heights)(?!.*_wasserstein)"
    r"(_of_mean|_of_sample|_assigned|_aligned|_excess|_above_exact|_range|_mean|_sd|_error|_difference|_in_frame"
    r"|_standard_error)*|typical_(mean_height|radius_of_gyration|smallest_distance)|height|distance",
    "sigma²": r".*mse(_(mean|sd|test|at_rate))*",
    "epsilon": r"(cut_|draws_|gaussian_|typical_|far_|fluid_|true_)*(wasserstein|energy_rise|median|pair_energy|energy"
    r"|energy_median|energy_wasserstein)(_(error|difference|standard_error|per_particle|median))*|floor",
    "nats": r"(entropy|excess|missed|nats)(_error)?|kl_nats_(mean|sd)|missed_nats_error|nats_error",
    "°": r"missing_angle.*",
    "standard errors": "deviation",
}
_IN_OTHER_UNITS = {
    ("digits", "mse_test"): "grey value²",
    ("prior_samples", "median_distance"): "grey value",
    ("few_latents", "pair_energy_wasserstein"): "epsilon",
    ("repair", "strength"): "epsilon/sigma²",
}
"""By table and column."""


def split_unit(name: str) -> tuple[str, str]:
    """A name without its unit, and the unit as it is written; "" where the name has none.

    >>> split_unit("rmsd_of_mean_sigma"), split_unit("auroc")
    (('rmsd_of_mean', 'sigma'), ('auroc', ''))
    """
    found = None if _RATIO.search(name) else _ENDS.fullmatch(name)
    return (found.group(1), _OF_ENDS[found.group(2)]) if found else (name, "")


def unit_of_column(name: str, table: str = "") -> str:
    """Unit of a column whose name has none.

    Args:
        table: that it stands in; some names mean another quantity there.
    """
    if (table, name) in _IN_OTHER_UNITS:
        return _IN_OTHER_UNITS[table, name]
    return next((unit for unit, names in _OF_COLUMNS.items() if re.fullmatch(names, name)), "")
