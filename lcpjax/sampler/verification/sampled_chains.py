"""Independent chains of one system at several gammas."""

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeAlias

import jax.numpy as jnp
import numpy as np
from jaxtyping import Float64

from lcpjax.array_types import PRNGKey
from lcpjax.sampler.run_chains import Configurations
from lcpjax.sampler.verification.check import ChainValues, Subject
from lcpjax.sampler.verification.sensitivity import Sensitivity, linear_response
from lcpjax.sampler.verification.two_particle_distribution import pair_energies
from lcpjax.system import System

# All pairs of so many are in memory at once.
_CONFIGURATIONS_AT_ONCE = 4096

Sampler: TypeAlias = Callable[..., Configurations]
"""Signature of ``lcpjax.sampler.sample``."""


class SampledChains(NamedTuple):
    """One configuration of each of many independent chains."""

    subject: Subject
    positions: dict[float, Float64[np.ndarray, "chains particles 2"]]
    """In sigma, by gamma."""


def pair_energy_sums(
    system: System, positions: Float64[np.ndarray, "chains particles 2"], beyond: float = 0.0
) -> Float64[np.ndarray, " chains"]:
    """Pair energy of each configuration, of the pairs farther apart than ``beyond`` sigma, in epsilon."""
    first, second = np.triu_indices(system.num_particles, k=1)
    sums = []
    for start in range(0, len(positions), _CONFIGURATIONS_AT_ONCE):
        some = positions[start : start + _CONFIGURATIONS_AT_ONCE]
        squared = np.sum((some[:, first] - some[:, second]) ** 2, axis=-1)
        sums.append(np.where(squared > beyond**2, pair_energies(system, squared), 0.0).sum(axis=1))
    return np.concatenate(sums)


def sample_chains(
    key: PRNGKey,
    subject: Subject,
    sampler: Sampler,
    gammas: Sequence[float],
    num_chains: int,
    num_sweeps: int,
    step_size: float | None = None,
) -> SampledChains:
    """A number of chains at each gamma, all in one call of the sampler."""
    gamma = jnp.tile(jnp.asarray(gammas, jnp.float32), num_chains)
    sampled = sampler(key, subject.system, gamma, num_sweeps=num_sweeps, step_size=step_size)
    positions = np.asarray(sampled.positions, np.float64)
    # Exact results are taken at the gamma that the chains had, which is a float32.
    return SampledChains(
        subject, {float(value): positions[index :: len(gammas)] for index, value in enumerate(gamma[: len(gammas)])}
    )


def sensitivity_of(chains: SampledChains, gamma: float, values: ChainValues) -> Sensitivity:
    """Sensitivity of the mean of a value of each chain at one gamma."""
    system, positions = chains.subject.system, chains.positions[gamma]
    pairs = pair_energy_sums(system, positions)
    return linear_response(system.temperature, values, pairs, pairs + gamma * positions[..., 1].sum(axis=1))
