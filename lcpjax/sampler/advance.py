"""Blocks of chains advanced by compiled programs, and what is read from a block."""

import functools

import jax
import jax.numpy as jnp

from lcpjax.array_types import BlockCoordinates, Configurations2D, Count, PerChain, PerChainIndex, Word
from lcpjax.sampler.chain_program import ChainProgram
from lcpjax.sampler.chain_state import ChainState, MoveParameters, ThermodynamicState, Tuning
from lcpjax.sampler.metropolis import sweep
from lcpjax.sampler.random_numbers import threefry_2x32, unit_interval
from lcpjax.sampler.tempering import swap_neighbours
from lcpjax.sampler.tuning import tuned
from lcpjax.system import System


@functools.partial(jax.jit, static_argnames="program", donate_argnames="state")
def advance_chains(
    program: ChainProgram,
    key: tuple[Word, Word],
    state: ChainState,
    thermodynamic: ThermodynamicState,
    chain: PerChainIndex,
    first_sweep: Word,
    num_sweeps: Word,
    tuning: Tuning,
) -> tuple[ChainState, PerChain]:
    """State of a block after ``num_sweeps`` more sweeps, and the mean acceptance in them.

    Args:
        program: with a ladder its rungs, neighbouring columns, swap after every sweep.
        first_sweep: sweeps made before; random numbers depend on the sweep's number.
        tuning: which parameters are tuned in these sweeps.
    """
    system, ladder = program.system, program.ladder

    def one_sweep(count: Word, carry: tuple[ChainState, PerChain, PerChain]) -> tuple[ChainState, PerChain, PerChain]:
        state, acceptance, drift = carry
        sweep_index = first_sweep + count
        state, info = sweep(program, key, state, thermodynamic, chain, sweep_index)
        parameters = MoveParameters(state.step_size, state.nonlocal_fraction)
        state = state._replace(**tuned(parameters, info, sweep_index, tuning, system)._asdict())
        if ladder is not None:
            running, state = state.energy, recompute_energy(system, state, thermodynamic.gamma)
            drift = _larger(running - state.energy, drift)
            state = swap_neighbours(ladder, key, state, thermodynamic, chain, sweep_index)
        return state, acceptance + info.acceptance, drift

    zero = jnp.zeros_like(thermodynamic.gamma)
    state, acceptance, drift = jax.lax.fori_loop(jnp.uint32(0), num_sweeps, one_sweep, (state, zero, zero))
    # Rungs swap energies that were just computed afresh; so that whoever compares the running energy with the
    # positions sees what was wrong before, the largest difference is put back.
    state = state if ladder is None else state._replace(energy=state.energy + drift)
    return state, acceptance / jnp.maximum(num_sweeps.astype(jnp.float32), 1.0)


def _larger(first: PerChain, second: PerChain) -> PerChain:
    """The value farther from 0; overlapping starts, whose difference is not a number, do not count."""
    return jnp.where(jnp.abs(first) > jnp.abs(second), first, second)


@functools.partial(jax.jit, static_argnames="system")
def recompute_energy(system: System, state: ChainState, gamma: PerChain) -> ChainState:
    """The same state with its energy recomputed from the positions, pairs and gravity.

    ``total_energy`` for a whole block, chains last: all pairs at once would not
    fit next to it, and take eight times as long on a CPU (measured at N = 30).
    """

    def add_partners(particle: Count, energy: PerChain) -> PerChain:
        x, y = state.x[particle], state.y[particle]

        def add_partner(partner: Count, energy: PerChain) -> PerChain:
            squared_distance = (x - state.x[partner]) ** 2 + (y - state.y[partner]) ** 2
            return energy + system.pair_energy_fn(squared_distance)

        return jax.lax.fori_loop(0, particle, add_partner, energy)

    gravity = gamma * jnp.sum(state.y, axis=0)
    pairs = jax.lax.fori_loop(1, system.num_particles, add_partners, jnp.zeros_like(gravity))
    return state._replace(energy=pairs + gravity)


def chain_positions(state: ChainState) -> Configurations2D:
    """Positions of a block, (chains, particles, 2), in sigma."""
    return jnp.stack([state.x.T, state.y.T], axis=-1)


@functools.partial(jax.jit, static_argnames="system")
def uniform_coordinates(
    system: System, key: tuple[Word, Word], chain: PerChainIndex
) -> tuple[BlockCoordinates, BlockCoordinates]:
    """Uniformly random x and y in the box, (particles, chains), in sigma, from each chain's own stream."""
    particles = jnp.arange(system.num_particles, dtype=jnp.uint32)
    words = threefry_2x32(key, *jnp.broadcast_arrays(chain[None, :], particles[:, None]))
    return system.box_side * unit_interval(words[0], 23), system.box_side * unit_interval(words[1], 23)
