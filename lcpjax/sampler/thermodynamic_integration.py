"""ln Z and the differential entropy of the fluid, by integrating over the coupling of the pair energy.

With k U in place of the pair energy U, d ln Z / dk = -<U>_k / T, and ln Z is
known in closed form at k = 0. Near 0 hard cores make <U>_k grow like k^(-5/6)
for r^-12 in two dimensions; with k = t^6 the integrand in t is finite and smooth.
"""

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import scipy.special

from lcpjax.array_types import PerChain, PRNGKey
from lcpjax.errors import InputError
from lcpjax.runtime.jax_settings import with_own_settings
from lcpjax.sampler.advance import recompute_energy
from lcpjax.sampler.chain_program import ChainProgram
from lcpjax.sampler.chain_state import ThermodynamicState
from lcpjax.sampler.diagnostics import drift_in_standard_errors
from lcpjax.sampler.follow_chains import Schedule, Snapshot, follow_chains
from lcpjax.sampler.tuning import num_tuning_sweeps
from lcpjax.system import System

NUM_NODES = 24
"""Gauss nodes in t: ln Z of two particles errs by less than 5e-6 with them, by 3e-5 with half as many (measured)."""
# The mean energy enters the entropy directly, and at full coupling chains forget slowest.
_FULL_COUPLING_FACTOR = 10


class Integration(NamedTuple):
    """Sampling effort."""

    chains_per_node: int = 400
    """Independent chains at each node and gamma; at full coupling ten times as many."""
    num_sweeps: int = 5000
    """Until a chain's first sample."""
    samples_per_chain: int = 101
    thinning: int = 20
    """Sweeps between a chain's samples; at weak coupling chains forget fast, and more samples help most."""


class FreeEnergy(NamedTuple):
    """The fluid at each gamma; float64, standard errors from independent chains."""

    gamma: np.ndarray
    """(gammas,), m g sigma / epsilon."""
    log_partition_function: np.ndarray
    """(gammas,): ln of the integral of exp(-E / T) over all labelled coordinates, in units of sigma."""
    log_partition_function_error: np.ndarray
    pair_energy: np.ndarray
    """(gammas,): <U>, in epsilon."""
    pair_energy_error: np.ndarray
    sum_of_heights: np.ndarray
    """(gammas,): <sum y>, in sigma."""
    sum_of_heights_error: np.ndarray
    entropy: np.ndarray
    """(gammas,): -<ln p> of labelled coordinates, ln Z + <E> / T, in nats."""
    entropy_error: np.ndarray
    information: float
    """I(x; gamma) for gammas equally often, in nats."""
    information_error: float
    largest_drift: float
    """Of the mean pair energy at any node, from the first to the second half of the samples, in standard errors."""

    @property
    def mixture_entropy(self) -> float:
        """-<ln p> of labelled coordinates drawn from all gammas equally often, in nats."""
        return float(np.mean(self.entropy)) + self.information

    @property
    def mixture_entropy_error(self) -> float:
        """Its standard error, in nats."""
        return math.hypot(float(np.linalg.norm(self.entropy_error)) / len(self.gamma), self.information_error)


def ideal_log_partition_function(system: System, gamma: float) -> float:
    """Ln Z without pair energies: N ln(L (T / gamma) (1 - exp(-gamma L / T))).

    >>> round(ideal_log_partition_function(System(num_particles=1), 0.0), 4)  # ln 100
    4.6052
    """
    side, slope = system.box_side, gamma / system.temperature
    height = -math.expm1(-slope * side) / slope if slope > 0 else side
    return system.num_particles * (math.log(side) + math.log(height))


@with_own_settings
def integrate(
    key: PRNGKey,
    system: System,
    gammas: Sequence[float],
    integration: Integration = Integration(),  # noqa: B008 an immutable tuple of numbers
    on_moves: Callable[[int], None] | None = None,
) -> FreeEnergy:
    """Ln Z, entropy and mean energies of the fluid at each gamma.

    Args:
        key: decides everything random.
        gammas: m g sigma / epsilon, each at least 0.
        integration: how much is sampled.
        on_moves: called after every block with the number of moves it made.

    Raises:
        InputError: no gammas, negative ones, or too few chains for a standard error.
    """
    if not gammas or min(gammas) < 0 or not math.isfinite(max(gammas)):
        raise InputError(f"gammas = {list(gammas)}: at least one, each at least 0")
    if integration.chains_per_node < 2:
        raise InputError(f"chains_per_node = {integration.chains_per_node}: at least 2, for a standard error")
    nodes, weights = np.polynomial.legendre.leggauss(NUM_NODES)
    nodes, weights = (nodes + 1) / 2, weights / 2
    num_full = _FULL_COUPLING_FACTOR * integration.chains_per_node
    coupling = np.concatenate([np.repeat(nodes**6, integration.chains_per_node), np.ones(num_full)])
    observed = _observe(key, system, np.asarray(gammas), coupling, integration, on_moves)
    # (gammas, chains, samples)
    energies, heights = (np.moveaxis(leaf.reshape(len(leaf), len(gammas), -1), 0, -1) for leaf in observed)
    rows = [
        _at_gamma(system, gamma, nodes, weights, *(leaf[row].mean(axis=-1) for leaf in (energies, heights)), num_full)
        for row, gamma in enumerate(gammas)
    ]
    table = {name: np.array([row[name] for row in rows]) for name in rows[0]}
    nats = information_about_gamma(
        heights[:, -num_full:], np.asarray(gammas), table["log_partition_function"], system.temperature
    )
    information, error = float(nats.mean()), float(np.linalg.norm(_standard_error(nats.mean(axis=-1)))) / len(gammas)
    drift = largest_drift(energies.reshape(len(gammas), -1, integration.chains_per_node, energies.shape[-1]))
    return FreeEnergy(
        np.asarray(gammas, np.float64),
        **table,
        information=information,
        information_error=error,
        largest_drift=drift,
    )


def information_about_gamma(
    sum_of_heights: np.ndarray, gammas: np.ndarray, log_partition_function: np.ndarray, temperature: float
) -> np.ndarray:
    """Ln p(gamma | x) / p(gamma) in nats of configurations at each gamma, all gammas equally often.

    Its mean is I(x; gamma). gamma enters p(x | gamma) only through sum y, which
    is therefore all there is to know about it. An error of ln Z changes the mean
    in second order only.

    Args:
        sum_of_heights: (gammas, ...), in sigma.
    """
    shape = (-1, *(1,) * sum_of_heights.ndim)
    log_density = -gammas.reshape(shape) * sum_of_heights / temperature - log_partition_function.reshape(shape)
    own = np.stack([log_density[row, row] for row in range(len(gammas))])
    return own - scipy.special.logsumexp(log_density, axis=0) + math.log(len(gammas))


def largest_drift(energies: np.ndarray) -> float:
    """Shift of a node's mean between the two halves of its samples, in standard errors.

    The largest over gammas and nodes, without its sign: chains that were still
    on their way to equilibrium show it.

    Args:
        energies: (gammas, nodes, chains, samples), in epsilon.
    """
    half = energies.shape[-1] // 2
    if half == 0:
        return math.nan
    early, late = energies[..., :half].mean(axis=-1), energies[..., -half:].mean(axis=-1)
    groups = zip(early.reshape(-1, early.shape[-1]), late.reshape(-1, late.shape[-1]), strict=True)
    return float(np.max(np.abs([drift_in_standard_errors(*group) for group in groups])))


def num_moves(system: System, num_gammas: int, integration: Integration) -> int:
    """Number of moves of an integration."""
    num_chains = num_gammas * integration.chains_per_node * (NUM_NODES + _FULL_COUPLING_FACTOR)
    sweeps = integration.num_sweeps + (integration.samples_per_chain - 1) * integration.thinning
    return num_chains * sweeps * system.num_particles


def _observe(
    key: PRNGKey,
    system: System,
    gammas: np.ndarray,
    coupling: np.ndarray,
    integration: Integration,
    on_moves: Callable[[int], None] | None,
) -> tuple[np.ndarray, np.ndarray]:
    """Pair energies and sums of heights, (samples, gammas * chains), float64."""
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
    energies, heights = (np.asarray(leaf, np.float64) for leaf in jax.device_get(observed))
    return energies, heights


def _at_gamma(
    system: System,
    gamma: float,
    nodes: np.ndarray,
    weights: np.ndarray,
    energies: np.ndarray,
    heights: np.ndarray,
    num_full: int,
) -> dict[str, float]:
    """Results at one gamma from its chains' means: those at the nodes, then those at full coupling."""
    temperature = system.temperature
    at_nodes = energies[:-num_full].reshape(len(nodes), -1)
    factor = weights * 6 * nodes**5 / temperature
    log_z = ideal_log_partition_function(system, gamma) - float(factor @ at_nodes.mean(axis=1))
    log_z_error = float(np.linalg.norm(factor * _standard_error(at_nodes)))
    full, height = energies[-num_full:], heights[-num_full:]
    total = full + gamma * height
    return {
        "log_partition_function": log_z,
        "log_partition_function_error": log_z_error,
        "pair_energy": float(full.mean()),
        "pair_energy_error": float(_standard_error(full)),
        "sum_of_heights": float(height.mean()),
        "sum_of_heights_error": float(_standard_error(height)),
        "entropy": log_z + float(total.mean()) / temperature,
        "entropy_error": math.hypot(log_z_error, float(_standard_error(total)) / temperature),
    }


def _standard_error(values: np.ndarray) -> np.ndarray:
    """Standard error of the mean over the last axis."""
    return np.asarray(values.std(axis=-1, ddof=1) / math.sqrt(values.shape[-1]))
