"""The Metropolis kernel of metropolis.py fused for a GPU: all sweeps of a call in one launch.

One program serves a tile of 128 chains, one chain a lane. It fetches its tile,
makes every move of every sweep with the positions in shared memory and the rest
in registers, and writes the tile back: no memory traffic in between. A lane
reads and writes its own chain only, so nothing has to be synchronised.

Written for Pallas' Mosaic GPU backend (Hopper and later), in plain array code.
Same arithmetic in the same order as the portable kernel, same random numbers.
"""

import functools
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, cast

import jax
import jax.numpy as jnp
from jax.experimental import pallas as pl
from jax.experimental.pallas import mosaic_gpu as plgpu

from lcpjax.array_types import Accepted, Count, PerChain, PerChainIndex, Word
from lcpjax.errors import InputError
from lcpjax.sampler.chain_program import ChainProgram
from lcpjax.sampler.chain_state import ChainState, MoveParameters, SweepInfo, ThermodynamicState, Tuning
from lcpjax.sampler.nonlocal_moves import NonlocalSweep, is_nonlocal_sweep
from lcpjax.sampler.random_numbers import MoveNumbers, move_numbers, threefry_2x32
from lcpjax.sampler.tuning import tuned

TILE = 128
"""Chains of one program: the lanes of one warpgroup."""

_SHARED_MEMORY_BYTES = 226 * 1024
"""Of the 228 kB of a Hopper or Blackwell multiprocessor one is the driver's; one is left to Pallas to align with."""
# 29 partners of N = 30 leave the loop after 3 turns of it; 60 registers a lane, so that shared memory decides
# how many programs share a multiprocessor. By 4 the loads wait twice as often.
_PARTNERS_PER_ITERATION = 8


class Tile(NamedTuple):
    """Chains of one program, from its first sweep to its last."""

    x: Any
    """(particles, 128), in sigma, in shared memory."""
    y: Any
    """(particles, 128), in sigma, in shared memory: heights."""
    thermodynamic: ThermodynamicState
    chain: PerChainIndex


def most_particles_fused() -> int:
    """Largest number of particles whose positions fit in the shared memory of one program."""
    return _SHARED_MEMORY_BYTES // (2 * TILE * 4)


def energy_and_bound(
    program: ChainProgram,
    tile: Tile,
    particle: Count,
    current: tuple[PerChain, PerChain],
    proposed: tuple[PerChain, PerChain],
    headroom: PerChain,
) -> tuple[PerChain, PerChain]:
    """Energy of one particle at its proposed place, and its upper bound: the energy now plus the headroom."""
    system, rules = program.system, program.rules

    def add_partner(index: Count, energies: tuple[PerChain, PerChain]) -> tuple[PerChain, PerChain]:
        row = jnp.where(index >= particle, index + 1, index)
        partner_x, partner_y = tile.x[row], tile.y[row]
        to_proposed = (proposed[0] - partner_x) ** 2 + (proposed[1] - partner_y) ** 2
        to_current = (current[0] - partner_x) ** 2 + (current[1] - partner_y) ** 2
        return energies[0] + system.pair_energy_fn(to_proposed), energies[1] + system.pair_energy_fn(to_current)

    def add_partners(iteration: Count, energies: tuple[PerChain, PerChain]) -> tuple[PerChain, PerChain]:
        first = num_before + iteration * _PARTNERS_PER_ITERATION
        for offset in range(_PARTNERS_PER_ITERATION):
            energies = add_partner(first + offset, energies)
        return energies

    # Unrolled by hand: Mosaic GPU unrolls only loops whose length it divides.
    gamma = tile.thermodynamic.gamma
    outer = jnp.where(rules.is_inside(*proposed, system.box_side), rules.external_energy(gamma, proposed[1]), jnp.inf)
    energies = outer, rules.external_energy(gamma, current[1]) + headroom
    num_iterations, num_before = divmod(system.num_particles - 1, _PARTNERS_PER_ITERATION)
    # In the portable kernel's order.
    for index in range(num_before):
        energies = add_partner(jnp.int32(index), energies)
    return jax.lax.fori_loop(0, num_iterations, add_partners, energies)


def move_in_place(
    program: ChainProgram,
    tile: Tile,
    energy: PerChain,
    step_size: PerChain,
    nonlocal_sweep: NonlocalSweep | None,
    particle: Count,
    numbers: MoveNumbers,
) -> tuple[PerChain, Accepted]:
    """Energies after one proposed move of one particle, and where it was accepted; positions change in place."""
    rules, x, y = program.rules, tile.x[particle], tile.y[particle]
    new_x, new_y, headroom = rules.proposed_move(
        numbers, (x, y), step_size, tile.thermodynamic.temperature, nonlocal_sweep
    )
    new_energy, bound = energy_and_bound(program, tile, particle, (x, y), (new_x, new_y), headroom)
    accepted = rules.accepts(new_energy, bound)
    tile.x[particle] = jnp.where(accepted, new_x, x)
    tile.y[particle] = jnp.where(accepted, new_y, y)
    return energy + jnp.where(accepted, new_energy - (bound - headroom), 0.0), accepted


class _Words(NamedTuple):
    """Scalars of a call, as the kernel reads them from one array."""

    key: tuple[Word, Word]
    first_sweep: Word
    num_sweeps: Word
    tuning: Tuning


class _Carried(NamedTuple):
    """What a tile's sweeps change, besides positions."""

    energy: PerChain
    step_size: PerChain
    nonlocal_fraction: PerChain
    acceptance: PerChain
    """Summed over the sweeps."""


def advance_tile(program: ChainProgram, words: _Words, tile: Tile, carried: _Carried, zero: PerChain) -> _Carried:
    """What is carried, after all sweeps of a tile; positions change in place.

    Args:
        zero: (128,), zeros in the layout of the others, since a loop must carry one layout throughout.
    """
    system, num_particles = program.system, program.system.num_particles

    def one_sweep(count: Word, carried: _Carried) -> _Carried:
        sweep_index = words.first_sweep + count
        is_nonlocal = is_nonlocal_sweep(words.key, tile.chain, sweep_index, carried.nonlocal_fraction)
        nonlocal_sweep = program.rules.nonlocal_sweep(tile.thermodynamic, system.box_side, is_nonlocal)

        def one_move(index: Count, carry: tuple[PerChain, PerChain]) -> tuple[PerChain, PerChain]:
            energy, num_accepted = carry
            move = sweep_index * jnp.uint32(num_particles) + index.astype(jnp.uint32)
            numbers = move_numbers(threefry_2x32(words.key, tile.chain, jnp.broadcast_to(move, tile.chain.shape)))
            particle = program.rules.order(words.key, sweep_index, index, num_particles)
            energy, accepted = move_in_place(
                program, tile, energy, carried.step_size, nonlocal_sweep, particle, numbers
            )
            return energy, num_accepted + jnp.where(accepted, 1.0, 0.0)

        energy, num_accepted = jax.lax.fori_loop(0, num_particles, one_move, (carried.energy, zero))
        info = SweepInfo(num_accepted / num_particles, is_nonlocal)
        parameters = MoveParameters(carried.step_size, carried.nonlocal_fraction)
        parameters = tuned(parameters, info, sweep_index, words.tuning, program.system)
        return _Carried(energy, *parameters, carried.acceptance + info.acceptance)

    return jax.lax.fori_loop(jnp.uint32(0), words.num_sweeps, one_sweep, carried)


def _advance_one_tile(program: ChainProgram, tile_index: Callable[[], Count], words_ref: Any, *refs: Any) -> None:
    """One tile's program: fetch a tile, advance it, write it back."""
    x_in, y_in, energy, step_size, fraction, gamma, temperature, chain, zeros, x_out, y_out, *per_chain_out = refs
    num_particles, chains = program.system.num_particles, pl.ds(tile_index() * TILE, TILE)
    tuning = Tuning(words_ref[4] != 0, words_ref[5] != 0)
    words = _Words((words_ref[0], words_ref[1]), words_ref[2], words_ref[3], tuning)

    def with_shared_memory(x: Any, y: Any) -> None:
        def fetch(particle: Count, done: None) -> None:
            x[particle], y[particle] = x_in[particle, chains], y_in[particle, chains]

        def store(particle: Count, done: None) -> None:
            x_out[particle, chains], y_out[particle, chains] = x[particle], y[particle]

        jax.lax.fori_loop(0, num_particles, fetch, None)
        tile = Tile(x, y, ThermodynamicState(gamma[chains], temperature[chains]), chain[chains])
        carried = _Carried(energy[chains], step_size[chains], fraction[chains], zeros[chains])
        advanced = advance_tile(program, words, tile, carried, zeros[chains])
        for ref, values in zip(per_chain_out, advanced, strict=True):
            ref[chains] = values
        jax.lax.fori_loop(0, num_particles, store, None)

    coordinates = plgpu.SMEM((num_particles, TILE), jnp.float32)
    pl.run_scoped(with_shared_memory, coordinates, coordinates)


def _launch(program: ChainProgram, inputs: tuple[jax.Array, ...], *, interpret: bool) -> Sequence[jax.Array]:
    """Every tile advanced, one program a tile: x, y, energies, step sizes, fractions, summed acceptance."""
    state = ChainState(*inputs[1:6])
    grid = (state.energy.shape[0] // TILE,)
    outputs = [jax.typeof(array) for array in (*state, state.energy)]
    if interpret:
        # Pallas interprets calls with a grid, but not with a mesh; for the GPU jax 0.11 and later want a mesh.
        body = functools.partial(_advance_one_tile, program, lambda: pl.program_id(0))
        return pl.pallas_call(body, outputs, grid=grid, interpret=True)(*inputs)
    return pl.kernel(
        functools.partial(_advance_one_tile, program, lambda: jax.lax.axis_index("tile")),
        outputs,
        mesh=cast(Any, plgpu.Mesh(grid=grid, grid_names=("tile",))),
        # No lane reads what another writes, so the barriers around every store would protect nothing.
        compiler_params=plgpu.CompilerParams(
            unsafe_no_auto_barriers=True, lowering_semantics=plgpu.LoweringSemantics.Lane
        ),
        name="advance_chains_fused",
    )(*inputs)


@functools.partial(jax.jit, static_argnames=("program", "interpret"), donate_argnames="state")
def advance_chains_fused(
    program: ChainProgram,
    key: tuple[Word, Word],
    state: ChainState,
    thermodynamic: ThermodynamicState,
    chain: PerChainIndex,
    first_sweep: Word,
    num_sweeps: Word,
    tuning: Tuning,
    *,
    interpret: bool = False,
) -> tuple[ChainState, PerChain]:
    """State of a block after ``num_sweeps`` more sweeps, and the mean acceptance in them.

    Means what ``advance_chains`` means. The number of chains must be a multiple of 128.

    Args:
        first_sweep: sweeps made before; random numbers depend on the sweep's number.
        tuning: which parameters are tuned in these sweeps.
        interpret: run the kernel's operations on whatever device there is, for tests.

    Raises:
        InputError: a block it cannot take.
    """
    num_chains, num_particles = chain.shape[0], program.system.num_particles
    if num_chains % TILE:
        raise InputError(f"{num_chains} chains: the fused kernel takes multiples of {TILE}")
    if num_particles > (most := most_particles_fused()):
        raise InputError(f"num_particles = {num_particles}: the fused kernel takes at most {most}")
    words = jnp.stack([*key, first_sweep, num_sweeps, *(flag.astype(jnp.uint32) for flag in tuning)])
    inputs = (words, *state, *thermodynamic, chain, jnp.zeros_like(state.energy))
    *advanced, acceptance = _launch(program, inputs, interpret=interpret)
    return ChainState(*advanced), acceptance / jnp.maximum(num_sweeps.astype(jnp.float32), 1.0)
