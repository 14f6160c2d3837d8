"""ln Z and the differential entropy of the fluid, along the coupling of the pair energy.

With k U in place of the pair energy U, ln Z is known in closed form at k = 0. Chains at couplings between 0 and 1 give
the rest by two routes: Bennett's acceptance ratio between neighbours, which has no other error than that of sampling,
and the integral over the coupling (see ``coupling_integral``), at whose nodes they are.
"""

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import scipy.special

from lcpjax.array_types import PRNGKey
from lcpjax.runtime.jax_settings import with_own_settings
from lcpjax.sampler.acceptance_ratio import log_ratio
from lcpjax.sampler.advance import recompute_energy
from lcpjax.sampler.chain_state import ChainState
from lcpjax.sampler.coupling_integral import (
    POWER,
    Integration,
    check_integration,
    gauss_nodes,
    ideal_log_partition_function,
    observe_along_coupling,
    slopes_of,
)
from lcpjax.sampler.diagnostics import drift_in_standard_errors
from lcpjax.sampler.streams import Stream
from lcpjax.system import System
from lcpjax.system.barometric_law import height_of_fraction

NUM_NODES = 24
"""Gauss nodes in t: ln Z of two particles errs by less than 5e-6 with them, by 3e-5 with half as many (measured)."""
# The mean energy enters the entropy directly, and at full coupling chains forget slowest.
_FULL_COUPLING_FACTOR = 20
# Independent draws without coupling, for each chain of a node; they cost next to nothing.
_IDEAL_DRAWS_FACTOR = 100
_SWEEPS_APART = 100


class FreeEnergy(NamedTuple):
    """The fluid at each gamma; float64, standard errors from independent chains."""

    gamma: np.ndarray
    """(gammas,), m g sigma / epsilon."""
    log_partition_function: np.ndarray
    """(gammas,): ln of the integral of exp(-E / T) over all labelled coordinates, in units of sigma. By Bennett's
    acceptance ratio."""
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
    quadrature_log_partition_function: np.ndarray
    """(gammas,): the same ln Z by thermodynamic integration, from the same chains."""
    quadrature_log_partition_function_error: np.ndarray
    """Of sampling alone."""
    quadrature_difference_error: np.ndarray
    """(gammas,): standard error of the difference of the two, which share their chains."""

    @property
    def largest_disagreement(self) -> float:
        """Of the two routes to ln Z at any gamma, in standard errors of their difference."""
        difference = self.quadrature_log_partition_function - self.log_partition_function
        # Without partners both are exact.
        errors = np.where(self.quadrature_difference_error > 0, self.quadrature_difference_error, 1.0)
        return float(np.max(np.abs(difference / errors)))

    @property
    def mixture_entropy(self) -> float:
        """-<ln p> of labelled coordinates drawn from all gammas equally often, in nats."""
        return float(np.mean(self.entropy)) + self.information

    @property
    def mixture_entropy_error(self) -> float:
        """Its standard error, in nats."""
        return math.hypot(float(np.linalg.norm(self.entropy_error)) / len(self.gamma), self.information_error)


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
    check_integration(gammas, integration)
    nodes, weights = gauss_nodes(NUM_NODES)
    num_full = _FULL_COUPLING_FACTOR * integration.chains_per_node
    coupling = np.concatenate([np.repeat(nodes**POWER, integration.chains_per_node), np.ones(num_full)])
    observed = observe_along_coupling(key, system, np.asarray(gammas), coupling, integration, on_moves)
    # (gammas, chains, samples)
    energies, heights = (np.moveaxis(leaf.reshape(len(leaf), len(gammas), -1), 0, -1) for leaf in observed)
    rows = []
    for row, gamma in enumerate(gammas):
        ideal = _ideal_pair_energies(
            jax.random.fold_in(jax.random.fold_in(key, Stream.IDEAL_GAS), row),
            system,
            gamma,
            _IDEAL_DRAWS_FACTOR * integration.chains_per_node,
        )
        path = _Path(nodes, weights, ideal, *_at_nodes_and_full(energies[row], num_full))
        rows.append(_at_gamma(system, gamma, path, heights[row, -num_full:]))
    table = {name: np.array([row[name] for row in rows]) for name in rows[0]}
    # Neighbouring samples are strongly correlated: one in 100 sweeps tells as much.
    far_apart = heights[:, -num_full:, :: max(_SWEEPS_APART // integration.thinning, 1)].astype(np.float64)
    nats = information_about_gamma(far_apart, np.asarray(gammas), table["log_partition_function"], system.temperature)
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
    early, late = (part.mean(axis=-1, dtype=np.float64) for part in (energies[..., :half], energies[..., -half:]))
    groups = zip(early.reshape(-1, early.shape[-1]), late.reshape(-1, late.shape[-1]), strict=True)
    return float(np.max(np.abs([drift_in_standard_errors(*group) for group in groups])))


def num_moves(system: System, num_gammas: int, integration: Integration) -> int:
    """Number of moves of an integration."""
    num_chains = num_gammas * integration.chains_per_node * (NUM_NODES + _FULL_COUPLING_FACTOR)
    return num_chains * integration.sweeps_per_chain * system.num_particles


def _ideal_pair_energies(key: PRNGKey, system: System, gamma: float, num_draws: int) -> np.ndarray:
    """Pair energies, (draws, 1), of particles that do not feel each other: exact draws."""
    fractions = np.asarray(jax.random.uniform(key, (2, system.num_particles, num_draws)), np.float64)
    heights = height_of_fraction(fractions[1], gamma / system.temperature, system.box_side)
    x, y = (jnp.asarray(values, jnp.float32) for values in (system.box_side * fractions[0], heights))
    zero = jnp.zeros(num_draws)
    return np.asarray(recompute_energy(system, ChainState(x, y, zero, zero, zero), zero).energy, np.float64)[:, None]


class _Path(NamedTuple):
    """Pair energies along the coupling at one gamma, in epsilon, float64."""

    nodes: np.ndarray
    """Gauss nodes of t, where the coupling is t^6."""
    weights: np.ndarray
    ideal: np.ndarray
    """(draws, 1): without coupling."""
    at_nodes: np.ndarray
    """(nodes, chains, samples)."""
    full: np.ndarray
    """(chains, samples): at full coupling."""


def _at_nodes_and_full(energies: np.ndarray, num_full: int) -> tuple[np.ndarray, np.ndarray]:
    at_nodes = energies[:-num_full].astype(np.float64).reshape(NUM_NODES, -1, energies.shape[-1])
    return at_nodes, energies[-num_full:].astype(np.float64)


def _at_gamma(system: System, gamma: float, path: _Path, heights: np.ndarray) -> dict[str, float]:
    """Results at one gamma: ln Z by both routes, and means at full coupling."""
    temperature = system.temperature
    ideal = ideal_log_partition_function(system, gamma)
    ratios, influences = _acceptance_ratios(path, temperature)
    log_z, log_z_error = ideal + ratios, _error_of(influences)
    slopes = slopes_of(path.nodes, path.weights, temperature)
    integrands = [slope * at_node.mean(axis=1) for slope, at_node in zip(slopes, path.at_nodes, strict=True)]
    differences = [influences[0], *(one - other for one, other in zip(influences[1:-1], integrands, strict=True))]
    full, height = path.full.mean(axis=1), heights.astype(np.float64).mean(axis=1)
    total = full + gamma * height
    return {
        "log_partition_function": log_z,
        "log_partition_function_error": log_z_error,
        "pair_energy": float(full.mean()),
        "pair_energy_error": float(_standard_error(full)),
        "sum_of_heights": float(height.mean()),
        "sum_of_heights_error": float(_standard_error(height)),
        "entropy": log_z + float(total.mean()) / temperature,
        "entropy_error": _error_of([*influences[:-1], influences[-1] + total / temperature]),
        "quadrature_log_partition_function": ideal + float(np.sum([values.mean() for values in integrands])),
        "quadrature_log_partition_function_error": _error_of(integrands),
        "quadrature_difference_error": _error_of([*differences, influences[-1]]),
    }


def _acceptance_ratios(path: _Path, temperature: float) -> tuple[float, list[np.ndarray]]:
    """Ln Z over that without coupling, and what each chain adds to it: from none to full coupling."""
    energies = [path.ideal, *path.at_nodes, path.full]
    inverse = np.concatenate([[0.0], path.nodes**POWER, [1.0]]) / temperature
    influences = [np.zeros(len(each)) for each in energies]
    total = 0.0
    for left in range(len(energies) - 1):
        step = inverse[left + 1] - inverse[left]
        ratio = log_ratio(step * energies[left], step * energies[left + 1])
        total += ratio.value
        influences[left] = influences[left] + ratio.influence_first
        influences[left + 1] = influences[left + 1] + ratio.influence_second
    return total, influences


def _error_of(influences: Sequence[np.ndarray]) -> float:
    """Standard error of a sum of means over independent chains."""
    return float(np.linalg.norm([_standard_error(each) for each in influences]))


def _standard_error(values: np.ndarray) -> np.ndarray:
    """Standard error of the mean over the last axis."""
    return np.asarray(values.std(axis=-1, ddof=1) / math.sqrt(values.shape[-1]))
