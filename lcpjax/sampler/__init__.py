"""Metropolis sampling of many independent chains."""

from lcpjax.sampler.blocks import BLOCK_SIZE
from lcpjax.sampler.checks import SamplerError
from lcpjax.sampler.follow_chains import Course, Look, follow_chains
from lcpjax.sampler.kernels import KERNELS, chain_mesh
from lcpjax.sampler.metropolis import ChainState, SweepInfo, ThermodynamicState, sweep
from lcpjax.sampler.rules import SWEEP_ORDERS, MoveRules
from lcpjax.sampler.run_chains import Configurations, most_sweeps, sample
from lcpjax.sampler.step_size import largest_step_size
from lcpjax.sampler.tempering import Ladder, LadderError
from lcpjax.sampler.version import SAMPLER_VERSION

__all__ = [
    "BLOCK_SIZE",
    "KERNELS",
    "SAMPLER_VERSION",
    "SWEEP_ORDERS",
    "ChainState",
    "Configurations",
    "Course",
    "Ladder",
    "LadderError",
    "Look",
    "MoveRules",
    "SamplerError",
    "SweepInfo",
    "ThermodynamicState",
    "chain_mesh",
    "follow_chains",
    "largest_step_size",
    "most_sweeps",
    "sample",
    "sweep",
]
