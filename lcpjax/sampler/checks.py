"""What must be true of every block of chains when it ends."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from lcpjax.array_types import Flag, PerChain, PerChainIndex
from lcpjax.errors import OneLineError
from lcpjax.sampler.metropolis import ChainState
from lcpjax.system import System, inside_box

# Below so few moves after the freeze, accepting none of them is no sign of a fault.
_MOVES_THAT_MUST_SUCCEED = 300


class SamplerError(OneLineError):
    """Arguments the sampler refuses, or a chain that went wrong."""


def energy_drift_allowance(energy_scale: PerChain, num_moves: int) -> PerChain:
    """How far rounding may carry the running energy from the recomputed one, in epsilon.

    Each accepted move adds a rounding error of a few units in the last place of
    the energies it handles; over many moves these walk at random, so they grow
    with the square root of the number of moves. The factor 64 covers the 29
    terms of a partner sum (about 5 units) and 12 standard deviations of the walk.
    """
    unit = jnp.finfo(energy_scale.dtype).eps
    return 64.0 * unit * (1.0 + energy_scale) * jnp.sqrt(1.0 + num_moves)


class Segment(NamedTuple):
    """A stretch of sweeps that ended in a look."""

    last_sweep: int
    num_moves: int
    tuned: bool
    """Whether step sizes were tuned before; one that was given may rightly be accepted never."""


def check_block(
    system: System,
    segment: Segment,
    state: ChainState,
    running: PerChain,
    scale: PerChain,
    acceptance: PerChain,
    chain: PerChainIndex,
) -> None:
    """Raise on the first chain that left the box, lost its energy or stopped moving.

    Args:
        state: with energies recomputed from the positions.
        running: (chains,), the energies that were summed up move by move.
        scale: (chains,), size of the energies when the segment began.
        acceptance: (chains,), in the segment.
        chain: (chains,), each chain's index.
    """
    outside = ~jnp.all(inside_box(jnp.stack([state.x, state.y], axis=-1), system.box_side), axis=0)
    largest = jnp.maximum(scale, jnp.abs(state.energy))
    # From +inf there is no running sum to compare; such a chain has only just begun.
    allowed = energy_drift_allowance(largest, segment.num_moves)
    drifted = jnp.isfinite(largest) & ~(jnp.abs(running - state.energy) <= allowed)
    stuck = (acceptance == 0) & (segment.tuned and segment.num_moves >= _MOVES_THAT_MUST_SUCCEED)
    faults = {
        "has a particle outside the box or not a number": outside,
        "has an energy that is not a number": jnp.isnan(state.energy),
        "has a running energy that differs from its recomputed energy": drifted,
        "has accepted no move since its step size was frozen": stuck,
    }
    for fault, chains in faults.items():
        _refuse(fault, chains, chain, segment.last_sweep)


def _refuse(fault: str, faulty: PerChain | Flag | jax.Array, chain: PerChainIndex, num_sweeps: int) -> None:
    rows = np.flatnonzero(jax.device_get(faulty))
    if rows.size:
        first = int(jax.device_get(chain)[rows[0]])
        raise SamplerError(f"chain {first} {fault} (after sweep {num_sweeps}; {rows.size} such chains in its block)")
