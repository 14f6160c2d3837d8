"""Chains followed through their sweeps, with observations at given sweeps."""

import functools
import itertools
import math
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from lcpjax.array_arguments import takes_concrete_arrays
from lcpjax.array_types import Configurations2D, PerChain, PRNGKey
from lcpjax.runtime.jax_settings import with_own_settings
from lcpjax.sampler.advance import recompute_energy, uniform_coordinates
from lcpjax.sampler.blocks import Block, block_size, check_memory, cut_into_blocks, num_block_threads
from lcpjax.sampler.chain_program import ChainProgram
from lcpjax.sampler.chain_state import ChainState, ThermodynamicState, Tuning
from lcpjax.sampler.checks import check_block
from lcpjax.sampler.kernels import check_kernel, compiled, put_on_mesh, replicate
from lcpjax.sampler.random_numbers import key_words
from lcpjax.sampler.streams import Stream
from lcpjax.sampler.tempering import Ladder
from lcpjax.sampler.tuning import first_parameters
from lcpjax.system import System


class Snapshot(NamedTuple):
    """A block of chains at one of the requested sweeps."""

    state: ChainState
    """Its energies are recomputed ones."""
    thermodynamic: ThermodynamicState
    acceptance: PerChain
    """(chains,), over moves of both kinds, since the snapshot before, or since tuning ended if that is later."""


class Schedule(NamedTuple):
    """Numbers of sweeps at which chains are observed, and the length of tuning."""

    snapshots: tuple[int, ...]
    """Numbers of sweeps, increasing, at which chains are observed; the last ends them."""
    num_tuning_sweeps: int
    """Sweeps after which a chain's parameters stay."""


@takes_concrete_arrays(
    "call it outside, where it compiles its own programs and gamma is the batch of chains; sampler.sweep can be traced"
)
def follow_chains(
    key: PRNGKey,
    program: ChainProgram,
    schedule: Schedule,
    thermodynamic: ThermodynamicState,
    observe: Callable[[Snapshot], Any],
    initial_positions: Configurations2D | None = None,
    step_size: float | PerChain | None = None,
    nonlocal_fraction: float | PerChain | None = None,
    first_chain: int = 0,
    on_moves: Callable[[int], None] | None = None,
) -> Any:
    """Observations of every chain at every snapshot: leaves of shape (snapshots, chains, ...).

    Observing changes nothing: a chain's random numbers depend on (seed, chain,
    sweep) alone. Every snapshot checks the chains (see ``check_block``).

    Args:
        thermodynamic: gamma and temperature of each chain.
        observe: turns a snapshot of a block into arrays with chains first.
        initial_positions: (chains, particles, 2), in sigma; None: uniform.
        step_size: in sigma, kept as given; None: tuned.
        nonlocal_fraction: probability that a sweep is a non-local one, kept as given; None: tuned.
        on_moves: called after every block with the number of moves it made for chains that are kept.

    Raises:
        InputError: a kernel that this machine does not run.
        ChainError: a chain went wrong.
    """
    check_kernel(program)
    program.check_potential()
    num_chains, num_rungs = thermodynamic.gamma.shape[0], program.num_rungs
    tuning = Tuning(step_size is None, nonlocal_fraction is None and program.rules.nonlocal_moves is not None)
    first = first_parameters(program.system, program.rules)
    steps, fractions = (
        jnp.broadcast_to(default if given is None else jnp.asarray(given, jnp.float32), (num_chains,))
        for given, default in zip((step_size, nonlocal_fraction), first, strict=True)
    )
    num_devices = 1 if program.mesh is None else program.mesh.size
    # A mesh advances one block of each device at a time.
    size = block_size(math.ceil(num_chains / num_devices), num_rungs) * num_devices
    check_memory(size * num_rungs, program.system.num_particles, math.ceil(num_chains / size))
    blocks = cut_into_blocks(first_chain, thermodynamic, steps, fractions, initial_positions, size)
    observed = []
    # Several host threads on a CPU: one block keeps one core busy, and the GIL is free meanwhile.
    with ThreadPoolExecutor(num_block_threads() if num_devices == 1 else 1) as threads:
        for block in threads.map(functools.partial(_follow_block, key, program, schedule, tuning, observe), blocks):
            observed.append(block)
            if on_moves is not None:
                num_kept = min(size, num_chains - size * (len(observed) - 1))
                on_moves(num_kept * num_rungs * schedule.snapshots[-1] * program.system.num_particles)
    return _joined(tuple(observed), num_chains)


@functools.partial(jax.jit, static_argnums=1)
def _joined(blocks: tuple[Any, ...], num_chains: int) -> Any:
    return jax.tree.map(lambda *leaves: jnp.concatenate(leaves, axis=1)[:, :num_chains], *blocks)


@with_own_settings
def _follow_block(
    key: PRNGKey,
    program: ChainProgram,
    schedule: Schedule,
    tuning: Tuning,
    observe: Callable[[Snapshot], Any],
    block: Block,
) -> Any:
    """One block's observations, (snapshots, chains, ...)."""
    if program.ladder is not None:
        block = _with_rungs(block, program.ladder)
    if program.mesh is not None:
        block = put_on_mesh(program.mesh, block)
    system, thermodynamic, observed = program.system, block.thermodynamic, []
    state = _initial_state(key, system, block)
    for first, last in _segments(schedule):
        scale = jnp.abs(state.energy)
        is_burn_in = last <= schedule.num_tuning_sweeps
        now = Tuning(*(np.bool_(is_tuned and is_burn_in) for is_tuned in tuning))
        numbers = key_words(key, Stream.MOVES), np.uint32(first), np.uint32(last - first), now
        moves_key, *counts = replicate(program.mesh, numbers)
        with jax.transfer_guard("disallow"):
            state, acceptance = compiled(program)(moves_key, state, thermodynamic, block.chain, *counts)
        running, state = state.energy, recompute_energy(system, state, thermodynamic.gamma)
        if last > schedule.num_tuning_sweeps:
            check_block(program, block, (first, last), state, running, scale, acceptance)
        if last in schedule.snapshots:
            snapshot = jax.tree.map(
                lambda leaf: leaf[..., :: program.num_rungs], Snapshot(state, thermodynamic, acceptance)
            )
            # Copied, because the next segment takes the state's memory over.
            observed.append(jax.tree.map(jnp.copy, observe(snapshot)))
    return jax.tree.map(lambda *leaves: jnp.stack(leaves), *observed)


def _segments(schedule: Schedule) -> Iterator[tuple[int, int]]:
    """First and last sweep of every stretch between two snapshots, cut at the freeze."""
    ends = sorted({*schedule.snapshots, min(schedule.num_tuning_sweeps, schedule.snapshots[-1])} - {0})
    return itertools.pairwise([0, *ends])


def _initial_state(key: PRNGKey, system: System, block: Block) -> ChainState:
    if block.positions is None:
        x, y = uniform_coordinates(system, key_words(key, Stream.INITIAL_POSITIONS), block.chain)
    else:
        x, y = block.positions[..., 0].T, block.positions[..., 1].T
    # Copies: the first segment takes the state's memory over, and the block is not ours.
    step_size, nonlocal_fraction = jnp.copy(block.step_size), jnp.copy(block.nonlocal_fraction)
    state = ChainState(x, y, jnp.zeros_like(step_size), step_size, nonlocal_fraction)
    return recompute_energy(system, state, block.thermodynamic.gamma)


def _with_rungs(block: Block, ladder: Ladder) -> Block:
    """The block with a column for each rung, a ladder's adjacent, each with its own random numbers."""
    rung = jnp.arange(ladder.num_rungs, dtype=jnp.uint32)
    chain = (block.chain[:, None] * jnp.uint32(ladder.num_rungs) + rung[None, :]).reshape(-1)
    positions = None if block.positions is None else jnp.repeat(block.positions, ladder.num_rungs, axis=0)
    per_chain = (block.step_size, block.nonlocal_fraction, block.is_kept)
    step_size, nonlocal_fraction, is_kept = (jnp.repeat(leaf, ladder.num_rungs) for leaf in per_chain)
    return Block(chain, ladder.rungs(block.thermodynamic), step_size, nonlocal_fraction, positions, is_kept)
