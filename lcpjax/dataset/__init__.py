"""Configurations and their splits, on the device they were sampled on."""

from lcpjax.dataset.fingerprint import fingerprint
from lcpjax.dataset.split import Dataset, DatasetError, Split, gamma_of_chains, split_by_chain

__all__ = ["Dataset", "DatasetError", "Split", "fingerprint", "gamma_of_chains", "split_by_chain"]
