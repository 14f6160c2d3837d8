"""Many independent chains in blocks of fixed size."""

import functools
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from lcpjax.array_types import (
    BlockCoordinates,
    Configurations2D,
    Energy,
    PerChain,
    PerChainIndex,
    PerConfiguration,
    Positions,
    PRNGKey,
    Word,
)
from lcpjax.device import num_host_threads
from lcpjax.sampler.checks import SamplerError, check_block
from lcpjax.sampler.metropolis import ChainState, sweep
from lcpjax.sampler.random_numbers import key_words, threefry_2x32, unit_interval
from lcpjax.sampler.step_size import first_step_size, largest_step_size, num_burn_in_sweeps, tuned_step_size
from lcpjax.system import System, total_energy

BLOCK_SIZE = {"cpu": 512, "gpu": 16384}
"""Chains advanced by one call, by platform; a last block that is not full is filled with chains nobody keeps."""

_INITIAL_POSITIONS, _MOVES = 0, 1


class Configurations(NamedTuple):
    """One configuration of each chain."""

    positions: Configurations2D
    """(chains, particles, 2), in sigma."""
    gamma: PerConfiguration
    """(chains,), m g sigma / epsilon."""
    energy: PerConfiguration
    """(chains,), in epsilon: pairs and gravity."""
    acceptance: PerConfiguration
    """(chains,): the share of moves accepted since the step size was frozen."""
    step_size: PerConfiguration
    """(chains,), in sigma: the frozen step size."""


def sample(
    key: PRNGKey,
    system: System,
    gamma: PerChain,
    num_sweeps: int = 3000,
    initial_positions: Configurations2D | None = None,
    step_size: float | PerChain | None = None,
    first_chain: int = 0,
    on_moves: Callable[[int], None] | None = None,
) -> Configurations:
    """One equilibrium configuration from each of many independent Metropolis chains.

    Each chain starts from uniformly random positions unless told otherwise, and
    spends the first half of its sweeps in burn-in. There its step size is tuned
    to an acceptance of 0.4, from that chain alone; then it is frozen. A chain is
    bitwise the same whatever runs beside it.

    Args:
        key: decides everything random, together with each chain's index.
        gamma: (chains,), m g sigma / epsilon, any value for any chain.
        num_sweeps: in all; one sweep proposes one move of every particle.
        initial_positions: (chains, particles, 2), in sigma, inside the box.
        step_size: in sigma, kept as given instead of tuned; one for all or (chains,).
        first_chain: the index of the first chain, to continue a larger set.
        on_moves: called after every block with the number of moves it made.

    Raises:
        SamplerError: arguments that cannot be, or a chain that went wrong.

    >>> configurations = sample(jax.random.key(0), System(num_particles=2), jnp.array([1.0]), num_sweeps=10)
    >>> configurations.positions.shape
    (1, 2, 2)
    """
    _check_arguments(system, gamma, num_sweeps, initial_positions, step_size)
    if not 0 <= first_chain <= 2**32 - gamma.shape[0]:
        raise SamplerError(f"first_chain = {first_chain}: chains are numbered from 0 to 2^32 - 1")
    block_size = BLOCK_SIZE.get(jax.default_backend(), BLOCK_SIZE["gpu"])
    run_block = functools.partial(_sample_block, key, system, num_sweeps, step_size is None, first_chain)
    blocks = []
    inputs = _blocks(system, gamma, initial_positions, step_size, block_size)
    # Several host threads on a CPU: one block keeps one core busy, and the GIL is free meanwhile.
    with ThreadPoolExecutor(num_host_threads()) as threads:
        for block in threads.map(lambda block: run_block(*block), inputs):
            blocks.append(block)
            if on_moves is not None:
                num_kept = min(block_size, gamma.shape[0] - block_size * (len(blocks) - 1))
                on_moves(num_kept * num_sweeps * system.num_particles)
    joined = jax.tree.map(lambda *leaves: jnp.concatenate(leaves)[: gamma.shape[0]], *blocks)
    return jax.block_until_ready(joined)


def _sample_block(
    key: PRNGKey,
    system: System,
    num_sweeps: int,
    tune: bool,  # noqa: FBT001 a fact of the whole run, bound once
    first_chain: int,
    first_in_block: int,
    gamma: PerChain,
    positions: Configurations2D | None,
    step_size: PerChain,
) -> Configurations:
    """One block's configurations: burn-in, freeze, the rest, and the checks."""
    chain = first_chain + first_in_block + np.arange(gamma.shape[0], dtype=np.uint32)
    num_burn_in = num_burn_in_sweeps(num_sweeps)
    chain, burn_in, rest, start, always, never = jax.device_put(
        (chain, np.uint32(num_burn_in), np.uint32(num_sweeps - num_burn_in), np.uint32(0), True, False)
    )
    moves_key = key_words(key, _MOVES)
    if positions is None:
        x, y = uniform_coordinates(system, key_words(key, _INITIAL_POSITIONS), chain)
    else:
        x, y = positions[..., 0].T, positions[..., 1].T
    state = ChainState(x, y, jnp.zeros_like(gamma), step_size)
    with jax.transfer_guard("disallow"):
        tuning = always if tune else never
        state, _ = advance_chains(system, moves_key, state, gamma, chain, start, burn_in, tuning)
        state = recompute_energy(system, state, gamma)
        frozen_energy = jnp.copy(state.energy)
        state, acceptance = advance_chains(system, moves_key, state, gamma, chain, burn_in, rest, never)
        recomputed = recompute_energy(system, state, gamma)
    check_block(system, state, recomputed.energy, frozen_energy, acceptance, chain, num_sweeps, tuned=tune)
    return Configurations(chain_positions(state), gamma, recomputed.energy, acceptance, state.step_size)


@functools.partial(jax.jit, static_argnames="system", donate_argnames="state")
def advance_chains(
    system: System,
    key: tuple[Word, Word],
    state: ChainState,
    gamma: PerChain,
    chain: PerChainIndex,
    first_sweep: Word,
    num_sweeps: Word,
    tune: jax.Array,
) -> tuple[ChainState, PerChain]:
    """The state of a block after ``num_sweeps`` more sweeps, and the mean acceptance in them.

    Args:
        first_sweep: sweeps made before; random numbers depend on the sweep's number.
        tune: bool; whether step sizes follow the acceptance (burn-in) or stay.
    """

    def one_sweep(count: Word, carry: tuple[ChainState, PerChain]) -> tuple[ChainState, PerChain]:
        state, acceptance = carry
        sweep_index = first_sweep + count
        state, info = sweep(system, key, state, gamma, chain, sweep_index)
        tuned = tuned_step_size(state.step_size, info.acceptance, sweep_index, system)
        state = state._replace(step_size=jnp.where(tune, tuned, state.step_size))
        return state, acceptance + info.acceptance

    none_yet = (state, jnp.zeros_like(gamma))
    state, acceptance = jax.lax.fori_loop(jnp.uint32(0), num_sweeps, one_sweep, none_yet)
    return state, acceptance / jnp.maximum(num_sweeps.astype(jnp.float32), 1.0)


@functools.partial(jax.jit, static_argnames="system")
def recompute_energy(system: System, state: ChainState, gamma: PerChain) -> ChainState:
    """The same state with its energy computed afresh from the positions."""

    def energy_of_chain(positions: Positions, gamma: Energy) -> Energy:
        return total_energy(positions, gamma, system.pair_energy_fn)

    # 512 chains at a time: all pairs of a large block at once would not fit beside it.
    energy = jax.lax.map(lambda chain: energy_of_chain(*chain), (chain_positions(state), gamma), batch_size=512)
    return state._replace(energy=energy)


def chain_positions(state: ChainState) -> Configurations2D:
    """The positions of a block, (chains, particles, 2), in sigma."""
    return jnp.stack([state.x.T, state.y.T], axis=-1)


@functools.partial(jax.jit, static_argnames="system")
def uniform_coordinates(
    system: System, key: tuple[Word, Word], chain: PerChainIndex
) -> tuple[BlockCoordinates, BlockCoordinates]:
    """Uniformly random x and y in the box, (particles, chains), in sigma, from each chain's own stream."""
    particles = jnp.arange(system.num_particles, dtype=jnp.uint32)
    words = threefry_2x32(key, *jnp.broadcast_arrays(chain[None, :], particles[:, None]))
    return system.box_side * unit_interval(words[0], 23), system.box_side * unit_interval(words[1], 23)


def _blocks(
    system: System,
    gamma: PerChain,
    positions: Configurations2D | None,
    step_size: float | PerChain | None,
    block_size: int,
) -> Iterator[tuple[int, PerChain, Configurations2D | None, PerChain]]:
    """The inputs cut into full blocks; what is missing in the last is filled with copies of its first chain."""
    steps = jnp.broadcast_to(first_step_size(system) if step_size is None else step_size, gamma.shape)
    steps = steps.astype(jnp.float32)

    def full_block(rows: jax.Array) -> jax.Array:
        filler = jnp.broadcast_to(rows[:1], (block_size - rows.shape[0], *rows.shape[1:]))
        return jnp.concatenate([rows, filler])

    for first in range(0, gamma.shape[0], block_size):
        rows = slice(first, first + block_size)
        block = None if positions is None else full_block(positions[rows])
        yield first, full_block(gamma[rows]), block, full_block(steps[rows])


def most_sweeps(system: System) -> int:
    """The largest number of sweeps: a move's index is one 32-bit word of its random counter."""
    return (2**32 - 1) // system.num_particles


def _check_arguments(
    system: System,
    gamma: PerChain,
    num_sweeps: int,
    initial_positions: Configurations2D | None,
    step_size: float | PerChain | None,
) -> None:
    """Refuse what cannot be, before anything is compiled."""
    if gamma.shape[0] == 0:
        raise SamplerError("gamma is empty: give one value for each chain")
    if not bool(jnp.all(jnp.isfinite(gamma))):
        raise SamplerError("gamma holds a value that is not finite")
    most = most_sweeps(system)
    if not 1 <= num_sweeps <= most:
        raise SamplerError(f"num_sweeps = {num_sweeps}: must lie between 1 and {most}")
    if step_size is not None:
        steps = jnp.asarray(step_size)
        if not bool(jnp.all((steps > 0) & (steps <= largest_step_size(system)))):
            raise SamplerError(f"step_size must lie above 0 and at most at {largest_step_size(system)} sigma")
    if initial_positions is not None:
        expected = (gamma.shape[0], system.num_particles, 2)
        if initial_positions.shape != expected:
            raise SamplerError(f"initial_positions has shape {initial_positions.shape}, expected {expected}")
        if not bool(jnp.all((initial_positions >= 0) & (initial_positions <= system.box_side))):
            raise SamplerError("initial_positions holds a particle outside the box or not a number")
