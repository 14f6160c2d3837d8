"""ln Z as an integral over the coupling k of the pair energy: d ln Z / dk = -<U>_k / T, from ln Z at k = 0.

Near 0 hard cores make <U>_k grow like k^(-5/6) for r^-12 in two dimensions; with k = t^6 the integrand in t is finite
and smooth, and the couplings are Gauss nodes in t.
"""

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float64

from lcpjax.array_types import PerChain, PRNGKey
from lcpjax.errors import InputError
from lcpjax.runtime.jax_settings import with_own_settings
from lcpjax.sampler.advance import recompute_energy
from lcpjax.sampler.chain_program import ChainProgram
from lcpjax.sampler.chain_state import ThermodynamicState
from lcpjax.sampler.follow_chains import Schedule, Snapshot, follow_chains
from lcpjax.sampler.tuning import num_tuning_sweeps
from lcpjax.system import System

POWER = 6
"""The coupling is a node's t to this power."""

Nodes = Float64[np.ndarray, " nodes"]


class Integration(NamedTuple):
    """Sampling effort."""

    chains_per_node: int = 400
    """Independent chains at each node and gamma; at full coupling twenty times as many."""
    num_sweeps: int = 2000
    """Until a chain's first sample."""
    samples_per_chain: int = 601
    thinning: int = 5
    """Sweeps between a chain's samples; at weak coupling chains forget within so many, and more samples help most."""

    @property
    def sweeps_per_chain(self) -> int:
        """Until a chain's last sample."""
        return self.num_sweeps + (self.samples_per_chain - 1) * self.thinning


class CouplingIntegral(NamedTuple):
    """ln Z at each gamma by quadrature."""

    log_partition_function: Float64[np.ndarray, " gammas"]
    standard_error: Float64[np.ndarray, " gammas"]
    """Of sampling alone, from independent chains; that of the quadrature shows at other numbers of nodes."""


def ideal_log_partition_function(system: System, gamma: float) -> float:
    """Ln Z without pair energies: N ln(L (T / gamma) (1 - exp(-gamma L / T))).

    >>> round(ideal_log_partition_function(System(num_particles=1), 0.0), 4)  # ln 100
    4.6052
    """
    side, slope = system.box_side, gamma / system.temperature
    height = -math.expm1(-slope * side) / slope if slope > 0 else side
    return system.num_particles * (math.log(side) + math.log(height))


def gauss_nodes(number: int) -> tuple[Nodes, Nodes]:
    """Gauss nodes of t from 0 to 1, and their weights."""
    nodes, weights = np.polynomial.legendre.leggauss(number)
    return (nodes + 1) / 2, weights / 2


def slopes_of(nodes: Nodes, weights: Nodes, temperature: float) -> Nodes:
    """What each node's mean pair energy is multiplied with in the integral, in 1 / epsilon."""
    return -weights * POWER * nodes ** (POWER - 1) / temperature


@with_own_settings
def integrate_over_coupling(
    key: PRNGKey,
    system: System,
    gammas: Sequence[float],
    num_nodes: int,
    integration: Integration = Integration(),  # noqa: B008 an immutable tuple of numbers
    on_moves: Callable[[int], None] | None = None,
) -> CouplingIntegral:
    """Ln Z of the fluid at each gamma with a number of nodes.

    Args:
        key: decides everything random.
        gammas: m g sigma / epsilon, each at least 0.
        integration: how much is sampled at each node.
        on_moves: called after every block with the number of moves it made.

    Raises:
        InputError: no gammas, negative ones, no nodes, or too few chains for a standard error.
    """
    check_integration(gammas, integration)
    if num_nodes < 1:
        raise InputError(f"num_nodes = {num_nodes}: at least 1")
    nodes, weights = gauss_nodes(num_nodes)
    coupling = np.repeat(nodes**POWER, integration.chains_per_node)
    energies, _ = observe_along_coupling(key, system, np.asarray(gammas), coupling, integration, on_moves)
    # (gammas, nodes, chains): the mean of each chain.
    means = energies.mean(axis=0, dtype=np.float64).reshape(len(gammas), num_nodes, -1)
    integrands = slopes_of(nodes, weights, system.temperature)[:, None] * means
    ideal = [ideal_log_partition_function(system, gamma) for gamma in gammas]
    variances = integrands.var(axis=-1, ddof=1) / integration.chains_per_node
    return CouplingIntegral(ideal + integrands.mean(axis=-1).sum(axis=-1), np.sqrt(variances.sum(axis=-1)))


def check_integration(gammas: Sequence[float], integration: Integration) -> None:
    """Refuse gammas and numbers of chains that nothing can be integrated with.

    Raises:
        InputError: no gammas, negative ones, or too few chains for a standard error.
    """
    if not gammas or min(gammas) < 0 or not math.isfinite(max(gammas)):
        raise InputError(f"gammas = {list(gammas)}: at least one, each at least 0")
    if integration.chains_per_node < 2:
        raise InputError(f"chains_per_node = {integration.chains_per_node}: at least 2, for a standard error")


def observe_along_coupling(
    key: PRNGKey,
    system: System,
    gammas: np.ndarray,
    coupling: np.ndarray,
    integration: Integration,
    on_moves: Callable[[int], None] | None,
) -> tuple[np.ndarray, np.ndarray]:
    """Pair energies in epsilon and sums of heights in sigma, (samples, gammas * chains), float32.

    Args:
        gammas: each with all couplings.
        coupling: of each chain at a gamma, above 0.
    """
    # k U + gamma sum y at T is U + (gamma / k) sum y at T / k: the same kernel samples all couplings.
    gamma = (gammas[:, None] / coupling[None, :]).reshape(-1)
    temperature = np.tile(system.temperature / coupling, len(gammas))
    thermodynamic = ThermodynamicState(jnp.asarray(gamma, jnp.float32), jnp.asarray(temperature, jnp.float32))
    first, every = integration.num_sweeps, integration.thinning
    snapshots = tuple(first + index * every for index in range(integration.samples_per_chain))
    schedule = Schedule(snapshots, num_tuning_sweeps(first))

    @jax.jit
    def observe(snapshot: Snapshot) -> tuple[PerChain, PerChain]:
        pairs = recompute_energy(system, snapshot.state, jnp.zeros_like(snapshot.thermodynamic.gamma))
        return pairs.energy, jnp.sum(snapshot.state.y, axis=0)

    observed = follow_chains(key, ChainProgram(system), schedule, thermodynamic, observe, on_moves=on_moves)
    energies, heights = jax.device_get(observed)
    return energies, heights
