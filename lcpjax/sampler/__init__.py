"""Metropolis sampling of many independent chains."""

from lcpjax.sampler.blocks import BLOCK_SIZE
from lcpjax.sampler.checks import ChainError, SamplerError
from lcpjax.sampler.diagnostics import LongChains, long_chains
from lcpjax.sampler.equilibration import BurnIn, Judged, Verdict, follow_burn_in, judge
from lcpjax.sampler.follow_chains import Course, Look, follow_chains
from lcpjax.sampler.kernels import KERNELS, chain_mesh, check_kernel
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
    "BurnIn",
    "ChainError",
    "ChainState",
    "Configurations",
    "Course",
    "Judged",
    "Ladder",
    "LadderError",
    "LongChains",
    "Look",
    "MoveRules",
    "SamplerError",
    "SweepInfo",
    "ThermodynamicState",
    "Verdict",
    "chain_mesh",
    "check_kernel",
    "follow_burn_in",
    "follow_chains",
    "judge",
    "largest_step_size",
    "long_chains",
    "most_sweeps",
    "sample",
    "sweep",
]
