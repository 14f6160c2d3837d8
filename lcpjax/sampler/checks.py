"""What must be true of every block of chains when it ends."""

import jax
import jax.numpy as jnp
import numpy as np

from lcpjax.array_types import Flag, PerChain, PerChainIndex
from lcpjax.errors import OneLineError
from lcpjax.sampler.metropolis import ChainState
from lcpjax.sampler.step_size import num_burn_in_sweeps
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


def check_block(
    system: System,
    state: ChainState,
    recomputed: PerChain,
    frozen: PerChain,
    acceptance: PerChain,
    chain: PerChainIndex,
    num_sweeps: int,
    *,
    tuned: bool,
) -> None:
    """Raise on the first chain that left the box, lost its energy or stopped moving.

    Args:
        recomputed: (chains,), energies from the final positions.
        frozen: (chains,), energies when the step size was frozen.
        acceptance: (chains,), since then.
        tuned: whether step sizes were tuned; one that was given may rightly be accepted never.
    """
    num_moves = (num_sweeps - num_burn_in_sweeps(num_sweeps)) * system.num_particles
    outside = ~jnp.all(inside_box(jnp.stack([state.x, state.y], axis=-1), system.box_side), axis=0)
    scale = jnp.maximum(jnp.abs(frozen), jnp.abs(recomputed))
    # From +inf there is no running sum to compare; such a chain has only just begun.
    drifted = jnp.isfinite(scale) & ~(jnp.abs(state.energy - recomputed) <= energy_drift_allowance(scale, num_moves))
    stuck = (acceptance == 0) & (tuned and num_moves >= _MOVES_THAT_MUST_SUCCEED)
    faults = {
        "has a particle outside the box or not a number": outside,
        "has an energy that is not a number": jnp.isnan(recomputed),
        "has a running energy that differs from its recomputed energy": drifted,
        "has accepted no move since its step size was frozen": stuck,
    }
    for fault, chains in faults.items():
        _refuse(fault, chains, chain, num_sweeps)


def _refuse(fault: str, faulty: PerChain | Flag | jax.Array, chain: PerChainIndex, num_sweeps: int) -> None:
    rows = np.flatnonzero(jax.device_get(faulty))
    if rows.size:
        first = int(jax.device_get(chain)[rows[0]])
        raise SamplerError(f"chain {first} {fault} (after sweep {num_sweeps}; {rows.size} such chains in its block)")
