"""Metropolis sampling of many independent chains."""

from lcpjax.sampler.metropolis import ChainState, SweepInfo, sweep
from lcpjax.sampler.run_chains import BLOCK_SIZE, Configurations, SamplerError, most_sweeps, sample
from lcpjax.sampler.step_size import largest_step_size

__all__ = [
    "BLOCK_SIZE",
    "ChainState",
    "Configurations",
    "SamplerError",
    "SweepInfo",
    "largest_step_size",
    "most_sweeps",
    "sample",
    "sweep",
]
