"""Metropolis sampling of many independent chains."""

from lcpjax.sampler.metropolis import ChainState, SweepInfo, sweep
from lcpjax.sampler.run_chains import BLOCK_SIZE, Configurations, SamplerError, sample

__all__ = ["BLOCK_SIZE", "ChainState", "Configurations", "SamplerError", "SweepInfo", "sample", "sweep"]
