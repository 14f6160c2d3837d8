"""The Metropolis kernel: one particle at a time, for a whole block of chains at once.

Chains are the last axis, so that one vector instruction serves many chains; the
loops over sweeps, particles and partners are loops in time.
"""

import jax
import jax.numpy as jnp

from lcpjax.array_arguments import takes_arrays
from lcpjax.array_types import Accepted, Count, PerChain, PerChainIndex, Word
from lcpjax.sampler.chain_program import ChainProgram
from lcpjax.sampler.chain_state import ChainState, SweepInfo, ThermodynamicState
from lcpjax.sampler.nonlocal_moves import NonlocalSweep, is_nonlocal_sweep
from lcpjax.sampler.random_numbers import MoveNumbers, move_numbers, paired, threefry_2x32, unpaired

# Measured on two cores (AVX2, N = 30, blocks of 512), moves/s: 5.7e7 rolled, 6.8e7 by 4, half of it by 29.
_PARTNERS_PER_ITERATION = 4


def energy_and_bound(
    program: ChainProgram,
    state: ChainState,
    gamma: PerChain,
    particle: Count,
    proposed: tuple[PerChain, PerChain],
    headroom: PerChain,
) -> tuple[PerChain, PerChain]:
    """Energy of one particle at its proposed place, and its upper bound: the energy now plus the headroom.

    It is +inf outside the walls. Two sums, not their difference: both may be +inf when a chain starts from
    overlapping particles, and inf - inf must never appear.
    """
    system, (proposed_x, proposed_y) = program.system, proposed
    current_x, current_y = state.x[particle], state.y[particle]

    def add_partner(index: Count, energies: tuple[PerChain, PerChain]) -> tuple[PerChain, PerChain]:
        # Skip the particle itself without a mask: partners from its own row on are one row further.
        row = jnp.where(index >= particle, index + 1, index)
        partner_x, partner_y = state.x[row], state.y[row]
        to_proposed = (proposed_x - partner_x) ** 2 + (proposed_y - partner_y) ** 2
        to_current = (current_x - partner_x) ** 2 + (current_y - partner_y) ** 2
        return energies[0] + system.pair_energy_fn(to_proposed), energies[1] + system.pair_energy_fn(to_current)

    energies = _without_partners(program, gamma, current_y, proposed, headroom)
    num_iterations, num_before = divmod(system.num_particles - 1, _PARTNERS_PER_ITERATION)
    if num_iterations == 0:
        return jax.lax.fori_loop(0, _unknown(particle, num_before), add_partner, energies)
    # So the partners that fill no iteration come before the loop, never after it.
    for index in range(num_before):
        energies = add_partner(jnp.int32(index), energies)

    def add_partners(iteration: Count, energies: tuple[PerChain, PerChain]) -> tuple[PerChain, PerChain]:
        first = num_before + iteration * _PARTNERS_PER_ITERATION
        for offset in range(_PARTNERS_PER_ITERATION):
            energies = add_partner(first + offset, energies)
        return energies

    return jax.lax.fori_loop(0, _unknown(particle, num_iterations), add_partners, energies)


def _without_partners(
    program: ChainProgram,
    gamma: PerChain,
    current_y: PerChain,
    proposed: tuple[PerChain, PerChain],
    headroom: PerChain,
) -> tuple[PerChain, PerChain]:
    """Initial values of the two sums over partners.

    From gravity, so that nothing after the loop reads the old coordinates again:
    XLA would keep them alive by copying all positions twice a move (measured).
    The second from the headroom too, so that the decision compares two results of
    one loop and nothing else: XLA works a decision out anew for each array it
    changes, and with a product left to do it rounds differently each time (seen).
    For the same reason a place outside the walls has infinite energy from the start.
    """
    rules = program.rules
    is_inside = rules.is_inside(*proposed, program.system.box_side)
    outer = jnp.where(is_inside, rules.external_energy(gamma, proposed[1]), jnp.inf)
    return outer, rules.external_energy(gamma, current_y) + headroom


def _unknown(particle: Count, length: int) -> Count:
    """A loop's length that the compiler cannot know: a short loop of known length would be unrolled completely."""
    return jnp.minimum(particle, 0) + length


def move_particle(
    program: ChainProgram,
    state: ChainState,
    thermodynamic: ThermodynamicState,
    nonlocal_sweep: NonlocalSweep | None,
    particle: Count,
    numbers: MoveNumbers,
) -> tuple[ChainState, Accepted]:
    """State after one proposed move of one particle in every chain, and where it was accepted."""
    rules, x, y = program.rules, state.x[particle], state.y[particle]
    new_x, new_y, headroom = rules.proposed_move(
        numbers, (x, y), state.step_size, thermodynamic.temperature, nonlocal_sweep
    )
    energy, bound = energy_and_bound(program, state, thermodynamic.gamma, particle, (new_x, new_y), headroom)
    accepted = rules.accepts(energy, bound)
    moved = ChainState(
        state.x.at[particle].set(jnp.where(accepted, new_x, x)),
        state.y.at[particle].set(jnp.where(accepted, new_y, y)),
        state.energy + jnp.where(accepted, energy - (bound - headroom), 0.0),
        state.step_size,
        state.nonlocal_fraction,
    )
    return moved, accepted


@takes_arrays
def sweep(
    program: ChainProgram,
    key: tuple[Word, Word],
    state: ChainState,
    thermodynamic: ThermodynamicState,
    chain: PerChainIndex,
    sweep_index: Word,
) -> tuple[ChainState, SweepInfo]:
    """State after as many moves as there are particles, in every chain.

    Args:
        program: the fluid, in which order particles move, and what a move is.
        key: the run's two key words.
        thermodynamic: gamma and temperature of each chain.
        chain: (chains,), each chain's index in the whole run.
        sweep_index: how many sweeps came before.
    """
    num_particles = program.system.num_particles
    is_nonlocal = is_nonlocal_sweep(key, chain, sweep_index, state.nonlocal_fraction)
    nonlocal_sweep = program.rules.nonlocal_sweep(thermodynamic, program.system.box_side, is_nonlocal)
    move = sweep_index * jnp.uint32(num_particles) + jnp.arange(num_particles, dtype=jnp.uint32)
    # All of a sweep's bits at once: a chain and a move make one counter.
    pairs = paired(threefry_2x32(key, *jnp.broadcast_arrays(chain[None, :], move[:, None])))

    def move_one(index: Count, carry: tuple[ChainState, PerChain]) -> tuple[ChainState, PerChain]:
        numbers = move_numbers(unpaired(pairs[index]))
        particle = program.rules.order(key, sweep_index, index, num_particles)
        state, accepted = move_particle(program, carry[0], thermodynamic, nonlocal_sweep, particle, numbers)
        return state, carry[1] + accepted.astype(jnp.float32)

    none_accepted = jnp.zeros_like(thermodynamic.gamma)
    state, num_accepted = jax.lax.fori_loop(0, num_particles, move_one, (state, none_accepted))
    return state, SweepInfo(num_accepted / num_particles, is_nonlocal)
