"""Configurations and their splits, sampled or from the cache on disk, on the device."""

from lcpjax.dataset.datasheet import describe_store, held_equilibration
from lcpjax.dataset.fingerprint import fingerprint
from lcpjax.dataset.parts import Parts
from lcpjax.dataset.sampling_plan import SamplingPlan, SamplingPlanError
from lcpjax.dataset.split import Dataset, DatasetError, gamma_of_chains, part_sizes, split_by_chain
from lcpjax.dataset.statistics import merged, sums_by_gamma, totals
from lcpjax.dataset.store import Store
from lcpjax.dataset.zarr_group import DamagedGroupError

__all__ = [
    "DamagedGroupError",
    "Dataset",
    "DatasetError",
    "Parts",
    "SamplingPlan",
    "SamplingPlanError",
    "Store",
    "describe_store",
    "fingerprint",
    "gamma_of_chains",
    "held_equilibration",
    "merged",
    "part_sizes",
    "split_by_chain",
    "sums_by_gamma",
    "totals",
]
