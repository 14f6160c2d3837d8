"""Configurations and their splits, sampled or from the cache on disk, on the device."""

from .datasheet import describe_store as describe_store
from .datasheet import held_equilibration as held_equilibration
from .fingerprint import fingerprint as fingerprint
from .parts import Parts as Parts
from .sampling_plan import SamplingPlan as SamplingPlan
from .split import Dataset as Dataset
from .split import gamma_of_chains as gamma_of_chains
from .split import split_by_chain as split_by_chain
from .split import split_sizes as split_sizes
from .statistics import merged as merged
from .statistics import sums_by_gamma as sums_by_gamma
from .statistics import totals as totals
from .store import Store as Store
from .zarr_group import DamagedGroupError as DamagedGroupError
