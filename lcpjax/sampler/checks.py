"""What must be true of every block of chains when it ends."""

import functools
from typing import NamedTuple

import jax
import jax.numpy as jnp

from lcpjax.array_types import PerChain, PerChainIndex
from lcpjax.errors import OneLineError
from lcpjax.sampler.metropolis import ChainState
from lcpjax.system import System, inside_box

# Below so few moves after the freeze, accepting none of them is no sign of a fault.
_MOVES_THAT_MUST_SUCCEED = 300


_FAULTS = (
    "has a particle outside the box or not a number",
    "has an energy that is not a number",
    "has a running energy that differs from its recomputed energy",
    "has accepted no move since its step size was frozen",
)


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
    allowed = energy_drift_allowance(jnp.maximum(scale, jnp.abs(state.energy)), segment.num_moves)
    must_move = segment.tuned and segment.num_moves >= _MOVES_THAT_MUST_SUCCEED
    counts, firsts = jax.device_get(_faults(state, running, allowed, acceptance, chain, system.box_side, must_move))
    for fault, count, first in zip(_FAULTS, counts, firsts, strict=True):
        if count:
            where = f"after sweep {segment.last_sweep}; {count} such chains in its block"
            raise SamplerError(f"chain {first} {fault} ({where})")


@functools.partial(jax.jit, static_argnums=(5, 6))
def _faults(
    state: ChainState,
    running: PerChain,
    allowed: PerChain,
    acceptance: PerChain,
    chain: PerChainIndex,
    box_side: float,
    must_move: bool,  # noqa: FBT001 decides what is compiled
) -> tuple[jax.Array, jax.Array]:
    """How many chains have each fault, and the lowest index among them."""
    outside = ~jnp.all(inside_box(jnp.stack([state.x, state.y], axis=-1), box_side), axis=0)
    not_a_number = jnp.isnan(state.energy)
    # From +inf there is no running sum to compare; such a chain has only just begun.
    drifted = jnp.isfinite(allowed) & ~(jnp.abs(running - state.energy) <= allowed)
    stuck = (acceptance == 0) & must_move
    faulty = jnp.stack([outside, not_a_number, drifted, stuck])
    # Numbers, not rows: on a mesh of several processes no process sees all rows.
    nobody = jnp.uint32(0xFFFFFFFF)
    return jnp.sum(faulty, axis=1, dtype=jnp.int32), jnp.min(jnp.where(faulty, chain[None, :], nobody), axis=1)
