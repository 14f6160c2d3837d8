"""Configurations and their splits, on the device they were sampled on."""

from lcpjax.dataset.fingerprint import fingerprint
from lcpjax.dataset.split import Dataset, DatasetError, gamma_of_chains, part_sizes, split_by_chain

__all__ = ["Dataset", "DatasetError", "fingerprint", "gamma_of_chains", "part_sizes", "split_by_chain"]
