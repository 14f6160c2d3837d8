"""The sampler's public functions: one configuration of each chain, or many along long chains."""

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax.sharding import Mesh

from lcpjax.array_arguments import takes_concrete_arrays
from lcpjax.array_types import Configurations2D, PerChain, PerConfiguration, PRNGKey
from lcpjax.errors import InputError
from lcpjax.runtime.jax_settings import with_own_settings
from lcpjax.sampler.advance import chain_positions
from lcpjax.sampler.chain_program import ChainProgram
from lcpjax.sampler.chain_state import ThermodynamicState
from lcpjax.sampler.follow_chains import Schedule, Snapshot, follow_chains
from lcpjax.sampler.rules import MoveRules
from lcpjax.sampler.tempering import Ladder
from lcpjax.sampler.tuning import num_tuning_sweeps
from lcpjax.system import System


class Configurations(NamedTuple):
    """One configuration of each chain."""

    positions: Configurations2D
    """(chains, particles, 2), in sigma."""
    gamma: PerConfiguration
    """(chains,), m g sigma / epsilon."""
    energy: PerConfiguration
    """(chains,), in epsilon: pairs and gravity."""
    acceptance: PerConfiguration
    """(chains,): fraction of moves of both kinds accepted since tuning ended, or since the sample before."""
    step_size: PerConfiguration
    """(chains,), in sigma: the frozen step size."""
    nonlocal_fraction: PerConfiguration
    """(chains,): the frozen fraction of sweeps that are non-local; 0: none."""


@takes_concrete_arrays(
    "call it outside, where it compiles its own programs and gamma is the batch of chains; sampler.sweep can be traced"
)
@with_own_settings
def sample(
    key: PRNGKey,
    system: System,
    gamma: PerChain,
    num_sweeps: int = 300,
    initial_positions: Configurations2D | None = None,
    step_size: float | PerChain | None = None,
    first_chain: int = 0,
    on_moves: Callable[[int], None] | None = None,
    *,
    samples_per_chain: int = 1,
    thinning: int = 1,
    nonlocal_fraction: float | PerChain | None = None,
    rules: MoveRules | None = None,
    ladder: Ladder | None = None,
    kernel: str = "portable",
    mesh: Mesh | None = None,
) -> Configurations:
    """One equilibrium configuration from each of many independent Metropolis chains, or several.

    Each chain starts from uniformly random positions unless they are given, and
    spends the first half of its sweeps in burn-in. There its step size is tuned
    to an acceptance of 0.4 and its fraction of non-local sweeps to theirs, from
    that chain alone; then both are frozen. A chain is bitwise the same whatever
    runs with it.

    Args:
        key: decides everything random, together with each chain's index.
        gamma: (chains,), m g sigma / epsilon, any value for any chain.
        num_sweeps: until the first sample; one sweep proposes as many moves as there are particles.
        initial_positions: (chains, particles, 2), in sigma, inside the box.
        step_size: in sigma, kept as given instead of tuned; one for all or (chains,).
        first_chain: the index of the first chain, to continue a larger set.
        on_moves: called after every block with the number of moves it made.
        samples_per_chain: samples along each chain. They are correlated; a chain's stand together:
            row ``chain * samples_per_chain + sample``.
        thinning: sweeps from one sample of a chain to its next.
        nonlocal_fraction: probability that a sweep is a non-local one, kept as given instead of tuned; one for all or
            (chains,).
        rules: the order of a sweep and what a move is; None: sequential, local and non-local sweeps mixed.
        ladder: parallel tempering; only each ladder's first rung is returned.
        kernel: portable (any device), or fused (one launch; NVIDIA GPUs from Hopper on).
        mesh: devices that chains are dealt out to (``chain_mesh``); what is returned then lies on them.

    Raises:
        InputError: arguments that cannot be.
        ChainError: a chain that went wrong.

    >>> configurations = sample(jax.random.key(0), System(num_particles=2), jnp.array([1.0]), num_sweeps=10)
    >>> configurations.positions.shape
    (1, 2, 2)
    """
    program = ChainProgram(system, rules or MoveRules(), ladder, kernel, mesh)
    program.check_arguments(num_sweeps, samples_per_chain, thinning, step_size, nonlocal_fraction)
    _check_chains(program, gamma, initial_positions, first_chain)
    snapshots = tuple(num_sweeps + index * thinning for index in range(samples_per_chain))
    schedule = Schedule(snapshots, num_tuning_sweeps(num_sweeps))
    thermodynamic = ThermodynamicState(gamma, jnp.full_like(gamma, system.temperature))
    observed = follow_chains(
        key,
        program,
        schedule,
        thermodynamic,
        _configurations,
        initial_positions,
        step_size,
        nonlocal_fraction,
        first_chain,
        on_moves,
    )
    return jax.block_until_ready(_chain_by_chain(observed))


@jax.jit
def _configurations(snapshot: Snapshot) -> Configurations:
    state, thermodynamic, acceptance = snapshot
    parameters = state.step_size, state.nonlocal_fraction
    return Configurations(chain_positions(state), thermodynamic.gamma, state.energy, acceptance, *parameters)


@jax.jit
def _chain_by_chain(observed: Configurations) -> Configurations:
    """(samples, chains, ...) -> (chains * samples, ...)."""
    return jax.tree.map(lambda leaf: jnp.moveaxis(leaf, 0, 1).reshape(-1, *leaf.shape[2:]), observed)


def _check_chains(
    program: ChainProgram, gamma: PerChain, initial_positions: Configurations2D | None, first_chain: int
) -> None:
    """Refuse impossible chains."""
    if gamma.shape[0] == 0:
        raise InputError("gamma is empty: give one value for each chain")
    if not bool(jnp.all(jnp.isfinite(gamma))):
        raise InputError("gamma holds a value that is not finite")
    if not 0 <= first_chain <= program.most_chains - gamma.shape[0]:
        raise InputError(f"first_chain = {first_chain}: chains are numbered from 0 to {program.most_chains - 1}")
    if initial_positions is not None:
        expected = (gamma.shape[0], program.system.num_particles, 2)
        if initial_positions.shape != expected:
            raise InputError(f"initial_positions has shape {initial_positions.shape}, expected {expected}")
        if not bool(jnp.all((initial_positions >= 0) & (initial_positions <= program.system.box_side))):
            raise InputError("initial_positions holds a particle outside the box or not a number")
