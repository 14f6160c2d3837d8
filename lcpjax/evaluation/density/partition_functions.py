"""ln Z of the fluid from equilibrium configurations and draws of a learned density, by acceptance ratios.

The learned density is normalised, its own ln Z is 0: nothing lies between, no coupling and no integral. How well it
was learned decides the error, never the expectation.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple, Protocol, runtime_checkable

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Float64

from lcpjax.array_arguments import takes_arrays
from lcpjax.array_types import Configurations2D
from lcpjax.errors import InputError
from lcpjax.evaluation.density.importance import importance_sampling
from lcpjax.evaluation.reconstruction.energies import pair_energies
from lcpjax.evaluation.samples.generated import are_inside
from lcpjax.model import in_batches
from lcpjax.representation import order_particles
from lcpjax.sampler.multistate_acceptance_ratio import LogDensities, log_partition_functions
from lcpjax.system import System

_BATCH = 2048

PerGamma = Float64[np.ndarray, " gammas"]
# Not as many at every gamma.
EquilibriumConfigurations = Float[Array, "_ particles 2"]


@runtime_checkable
class NormalisedDensity(Protocol):
    """A density of configurations whose integral over all of space is 1, such as ``LearnedDensity``."""

    def log_density(self, positions: Configurations2D, /) -> Float64[np.ndarray, " configurations"]:
        """Ln q(x) in nats, x in sigma, in height order or not."""
        ...


class DensitiesOfSamples(NamedTuple):
    """Ln of every density of ordered coordinates at every configuration, those of the fluid up to ln Z, in nats."""

    of_draws: LogDensities
    """(draws, 1 + gammas): of the learned density, then of the fluid at each gamma; -inf where that has none."""
    of_chains: tuple[LogDensities, ...]
    """The same of equilibrium configurations, by the gamma that they were sampled at."""
    num_particles: int


class LearnedRoute(NamedTuple):
    """ln Z at each gamma, of labelled coordinates in units of sigma; errors are asymptotic standard errors."""

    bennett: PerGamma
    """From the chains of one gamma and the draws: Bennett's acceptance ratio."""
    bennett_error: PerGamma
    multistate: PerGamma
    """From the chains of all gammas and the draws together: neighbouring gammas have more in common."""
    multistate_covariance: Float64[np.ndarray, "gammas gammas"]
    """In nats squared."""
    effective_number: PerGamma
    """Effective sample size of the draws with their weights at this gamma."""
    fit_fraction: float
    """Of the draws: in height order and inside the box."""

    @property
    def multistate_error(self) -> PerGamma:
        """In nats."""
        return np.sqrt(np.diag(self.multistate_covariance))

    @property
    def mean_error(self) -> float:
        """Standard error of the mean of ``multistate`` over gammas, in nats."""
        return float(np.sqrt(self.multistate_covariance.mean()))


@takes_arrays
def densities_of_samples(
    system: System,
    gammas: Sequence[float],
    density: NormalisedDensity,
    draws: Configurations2D,
    chains: Sequence[EquilibriumConfigurations],
) -> DensitiesOfSamples:
    """Log densities of draws of a learned density and of configurations in equilibrium.

    Args:
        draws: (draws, particles, 2), in sigma, drawn from the density.
        chains: independent configurations at each gamma, in sigma, in any order, that the density has not learned from.

    Raises:
        InputError: not one set of chains for each gamma.
    """
    if len(chains) != len(gammas):
        raise InputError(
            f"chains: {len(chains)} sets of configurations, needed is one for each of {len(gammas)} gammas"
        )
    of_chains = [
        np.column_stack([density.log_density(ordered), _of_fluid(system, gammas, ordered)])
        for ordered in (order_particles(each, "height") for each in chains)
    ]
    # Out of order or outside the box the fluid's density of ordered coordinates is 0.
    fits = are_inside(draws, system.box_side) & jnp.all(order_particles(draws, "height") == draws, axis=(1, 2))
    of_fluid = np.where(np.asarray(fits)[:, None], _of_fluid(system, gammas, draws), -np.inf)
    of_draws = np.column_stack([density.log_density(draws), of_fluid])
    return DensitiesOfSamples(of_draws, tuple(of_chains), system.num_particles)


def _of_fluid(system: System, gammas: Sequence[float], positions: Configurations2D) -> LogDensities:
    """-E / T of each configuration at each gamma."""
    pairs = np.asarray(in_batches(lambda rows: pair_energies(rows, system), positions, _BATCH), np.float64)
    heights = np.asarray(positions[..., 1], np.float64).sum(axis=1)
    return -(pairs[:, None] + np.outer(heights, np.asarray(gammas, np.float64))) / system.temperature


def learned_route(densities: DensitiesOfSamples) -> LearnedRoute:
    """Ln Z at each gamma by acceptance ratios with the learned density.

    Raises:
        InputError: too few configurations, or chains and draws that have too little in common.
    """
    of_draws, of_chains = densities.of_draws, densities.of_chains
    # Any order of the particles is one of N! equally likely ones.
    of_order = math.lgamma(densities.num_particles + 1)
    single = [
        log_partition_functions([of_draws[:, [0, column]], own[:, [0, column]]])
        for column, own in enumerate(of_chains, start=1)
    ]
    together = log_partition_functions([of_draws, *of_chains])
    weights = [importance_sampling(of_draws[:, column] - of_draws[:, 0]) for column in range(1, of_draws.shape[1])]
    return LearnedRoute(
        bennett=np.array([each.values[1] for each in single]) + of_order,
        bennett_error=np.array([each.errors[1] for each in single]),
        multistate=together.values[1:] + of_order,
        multistate_covariance=together.covariance[1:, 1:],
        effective_number=np.array([each.effective_fraction for each in weights]) * len(of_draws),
        fit_fraction=float(np.isfinite(of_draws[:, 1]).mean()),
    )
