"""Pair energies of raw configurations, compared with those of the fluid."""

import functools
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from scipy import stats

from lcpjax.array_arguments import takes_arrays
from lcpjax.array_types import Configurations2D, PerConfiguration, PRNGKey
from lcpjax.errors import InputError
from lcpjax.system import System, pair_energy
from lcpjax.system.pair_potentials import PairPotential

EnergyValues = Float[np.ndarray | Array, " configurations"]
OtherEnergyValues = Float[np.ndarray | Array, " others"]

HIGHEST = 100.0
"""Clip of energies, in epsilon: else a single overlap would dominate a mean."""

CLOSE = 0.9
"""In sigma: hardly any pair of the fluid at T = 1 is nearer."""


class EnergyComparison(NamedTuple):
    """Difference of a set of energies from that of the fluid, all clipped at 100 epsilon."""

    wasserstein: float
    """W1 in epsilon: the mean distance between quantiles."""
    kolmogorov_smirnov: float
    """The largest difference of the cumulative distributions, 0 to 1."""
    median: float
    """In epsilon."""
    clipped_fraction: float
    """Fraction of energies that were clipped, or are not numbers."""


class EnergyRise(NamedTuple):
    """Energy gain of configurations over those they were made from: their common scatter cancels."""

    mean: float
    """Of energies clipped at 100 epsilon, in epsilon."""
    standard_error: float


@takes_arrays
@functools.partial(jax.jit, static_argnames="system")
def pair_energies(positions: Configurations2D, system: System) -> PerConfiguration:
    """The pair energy of each configuration, (configurations,), in epsilon; no gravity, nothing clipped."""
    return _summed(positions, system.pair_energy_fn)


@takes_arrays
@functools.partial(jax.jit, static_argnames="system")
def cut_pair_energies(positions: Configurations2D, system: System) -> PerConfiguration:
    """``pair_energies`` with the potential cut at 1 sigma, the study's way: an overlap has the energy of contact.

    Lennard-Jones energies of contact are 0, so that pairs nearer than 1 are left out.
    """

    def cut(squared_distances: Float[Array, "*any"]) -> Float[Array, "*any"]:
        return system.pair_energy_fn(jnp.maximum(squared_distances, 1.0))

    return _summed(positions, cut)


@takes_arrays
def compare_energies(energies: OtherEnergyValues, of_the_fluid: EnergyValues) -> EnergyComparison:
    """W1, KS and median of energies relative to those of the fluid.

    Args:
        energies: in epsilon; inf where particles coincide.
        of_the_fluid: in epsilon.

    Raises:
        InputError: none of either.

    >>> compare_energies(np.array([1.0, 2.0, np.inf]), np.array([0.0, 1.0, 2.0])).clipped_fraction
    0.3333333333333333
    """
    if not (len(energies) and len(of_the_fluid)):
        raise InputError(f"energies: {len(energies)} and {len(of_the_fluid)}; both must be at least 1")
    clipped, fluid = _clipped(energies), _clipped(of_the_fluid)
    return EnergyComparison(
        float(stats.wasserstein_distance(clipped, fluid)),
        float(stats.ks_2samp(clipped, fluid, method="asymp").statistic),
        float(np.median(clipped)),
        float(np.mean(clipped >= HIGHEST)),
    )


@takes_arrays
def energy_rise(energies: EnergyValues, of_the_fluid: EnergyValues) -> EnergyRise:
    """Mean gain of each configuration over the one it was made from, in epsilon.

    Args:
        energies: in epsilon.
        of_the_fluid: of the same configurations, in the same order.

    Raises:
        InputError: fewer than two.
    """
    if len(energies) < 2:
        raise InputError(f"energies: {len(energies)}; a standard error needs at least 2")
    gained = _clipped(energies) - _clipped(of_the_fluid)
    return EnergyRise(float(gained.mean()), float(gained.std(ddof=1) / np.sqrt(len(gained))))


@takes_arrays
def noise_floor(key: PRNGKey, energies: EnergyValues, gamma: EnergyValues, num_splits: int = 100) -> EnergyComparison:
    """Mean difference of two random halves of one set: that of independent samples by chance.

    Halves have the same fraction of every gamma, as samples have. They are half as large as the
    set, so this is rather too large. Configurations made from these very ones share their scatter:
    compare them by ``energy_rise``.

    Args:
        energies: in epsilon.
        gamma: of each.

    Raises:
        InputError: fewer than two energies of some gamma.
    """
    groups = [np.flatnonzero(np.asarray(gamma) == value) for value in np.unique(gamma)]
    if (fewest := min((group.size for group in groups), default=0)) < 2:
        raise InputError(f"energies: {fewest} of some gamma; a split into halves needs at least 2")
    values, random = np.asarray(energies), np.random.default_rng(np.asarray(jax.random.key_data(key)))
    splits = []
    for _ in range(num_splits):
        orders = [random.permutation(group) for group in groups]
        first = np.concatenate([order[: order.size // 2] for order in orders])
        second = np.concatenate([order[-(order.size // 2) :] for order in orders])
        splits.append(compare_energies(values[first], values[second]))
    return EnergyComparison(*np.mean(splits, axis=0).tolist())


@takes_arrays
def with_gaussian_error(
    key: PRNGKey, positions: Configurations2D, rmsd: PerConfiguration, *, is_aligned: bool = False
) -> Configurations2D:
    """Configurations whose coordinates have independent Gaussian errors.

    Args:
        positions: (configurations, particles, 2), in sigma.
        rmsd: of each configuration, in sigma.
        is_aligned: whether it is the RMSD after a rigid motion, which removes 3 of the 2 N errors.
    """
    num_coordinates = 2 * positions.shape[1]
    left = num_coordinates - 3 if is_aligned else num_coordinates
    scale = rmsd * (0.5 * num_coordinates / max(left, 1)) ** 0.5
    return positions + scale[:, None, None] * jax.random.normal(key, positions.shape, positions.dtype)


def _clipped(energies: OtherEnergyValues) -> np.ndarray:
    values = np.asarray(energies, np.float64)
    return np.minimum(np.where(np.isnan(values), np.inf, values), HIGHEST)


# Configurations whose pairs exist at once.
_BATCH = 512


def _summed(positions: Configurations2D, potential: PairPotential) -> PerConfiguration:
    return jax.lax.map(lambda configuration: pair_energy(configuration, potential), positions, batch_size=_BATCH)
