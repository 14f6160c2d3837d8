"""Missing distances: which, completed where they are fixed, imputed where they are not, beside the exact posterior."""

from lcpjax.road.imputing.completing import completion_rows
from lcpjax.road.imputing.families import AskedFamily, asked_families, check_masks, mask_families, mask_rows
from lcpjax.road.imputing.judging import imputation_rows, warn_of_imputation_leaks
from lcpjax.road.imputing.methods import Imputed, impute_all
from lcpjax.road.imputing.showing import draw_missing_data
from lcpjax.road.imputing.summary import imputation_summary

__all__ = [
    "AskedFamily",
    "Imputed",
    "asked_families",
    "check_masks",
    "completion_rows",
    "draw_missing_data",
    "imputation_rows",
    "imputation_summary",
    "impute_all",
    "mask_families",
    "mask_rows",
    "warn_of_imputation_leaks",
]
