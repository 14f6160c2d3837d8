"""Checks of every block of chains at its end."""

import functools

import jax
import jax.numpy as jnp
import numpy as np

from lcpjax.array_types import Accepted, PerChain, PerChainIndex, Scalar
from lcpjax.errors import OneLineError
from lcpjax.sampler.blocks import Block
from lcpjax.sampler.chain_program import ChainProgram
from lcpjax.sampler.chain_state import ChainState
from lcpjax.sampler.random_numbers import LARGEST_THRESHOLD
from lcpjax.system import inside_box

# A chain is stuck only if it accepts nothing where at least so many local moves were to be expected. Non-local ones
# hardly ever succeed in a dense box, and a short stretch may have none but those: with 30 local sweeps expected by
# exp(-30).
_FEWEST_LOCAL_MOVES, _FEWEST_LOCAL_SWEEPS = 300, 30


_FAULTS = (
    "has a particle outside the box or not a number",
    "has an energy that is not a number",
    "has a running energy that differs from its recomputed energy",
    "has accepted none of its moves",
)


class ChainError(OneLineError):
    """A chain that went wrong: it left the box, lost its energy or stopped moving."""


def energy_drift_allowance(energy_scale: PerChain, num_moves: int) -> PerChain:
    """Largest difference, in epsilon, that rounding may make between running and recomputed energy.

    Args:
        energy_scale: (chains,), the largest energies that were handled.
        num_moves: since they were last equal.

    Each accepted move adds a rounding error of a few units in the last place of
    the energies it handles; over many moves these perform a random walk, so they grow
    with the square root of the number of moves. The factor 64 covers the 29
    terms of a partner sum (about 5 units) and 12 standard deviations of the walk.
    """
    unit = jnp.finfo(energy_scale.dtype).eps
    return 64.0 * unit * (1.0 + energy_scale) * jnp.sqrt(1.0 + num_moves)


def check_block(
    program: ChainProgram,
    block: Block,
    sweeps: tuple[int, int],
    state: ChainState,
    running: PerChain,
    scale: PerChain,
    acceptance: PerChain,
) -> None:
    """Raise on the first chain that left the box, lost its energy or stopped moving.

    Args:
        block: which chains these are.
        sweeps: made before a stretch of them, and when it ended.
        state: with energies recomputed from the positions.
        running: (chains,), the energies that were summed up move by move.
        scale: (chains,), size of the energies when the stretch began.
        acceptance: (chains,), in the stretch.

    Raises:
        ChainError: naming the first such chain and the sweep.
    """
    (first, last), num_rungs = sweeps, program.num_rungs
    num_moves = (last - first) * program.system.num_particles
    # A single move may gain what the largest threshold allows, and a later one give it back.
    # A non-local one may rise through the box besides.
    gamma, temperature = block.thermodynamic
    rise = 0.0 if program.rules.nonlocal_moves is None else jnp.abs(gamma) * program.system.box_side
    handled = jnp.maximum(scale, jnp.abs(state.energy)) + LARGEST_THRESHOLD * temperature + rise
    allowed = energy_drift_allowance(handled, num_moves)
    chain = block.chain, block.is_kept
    counts, lowest = jax.device_get(
        _faults(state, running, allowed, acceptance, chain, program.system.box_side, np.float32(last - first))
    )
    for fault, count, index in zip(_FAULTS, counts, lowest, strict=True):
        if count:
            replica = f", replica {index % num_rungs}" if num_rungs > 1 else ""
            where = f"after sweep {last}; {count} such chains in its block"
            raise ChainError(f"chain {index // num_rungs}{replica} {fault} ({where})")


@functools.partial(jax.jit, static_argnums=5)
def _faults(
    state: ChainState,
    running: PerChain,
    allowed: PerChain,
    acceptance: PerChain,
    chain: tuple[PerChainIndex, Accepted],
    box_side: float,
    num_sweeps: Scalar,
) -> tuple[jax.Array, jax.Array]:
    """Number of chains with each fault, and the lowest index among them."""
    outside = ~jnp.all(inside_box(jnp.stack([state.x, state.y], axis=-1), box_side), axis=0)
    not_a_number = jnp.isnan(state.energy)
    # From +inf there is no running sum to compare; such a chain has only just begun.
    drifted = jnp.isfinite(allowed) & ~(jnp.abs(running - state.energy) <= allowed)
    local_sweeps = num_sweeps * (1.0 - state.nonlocal_fraction)
    local_moves = local_sweeps * state.x.shape[0]
    is_local = state.nonlocal_fraction == 0
    must_move = (local_moves >= _FEWEST_LOCAL_MOVES) & (is_local | (local_sweeps >= _FEWEST_LOCAL_SWEEPS))
    stuck = (acceptance == 0) & must_move
    index, is_kept = chain
    faulty = jnp.stack([outside, not_a_number, drifted, stuck]) & is_kept[None, :]
    # Numbers, not rows: on a mesh of several processes no process sees all rows.
    nobody = jnp.uint32(0xFFFFFFFF)
    return jnp.sum(faulty, axis=1, dtype=jnp.int32), jnp.min(jnp.where(faulty, index[None, :], nobody), axis=1)
