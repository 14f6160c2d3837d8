"""Geweke's joint test: gamma and positions drawn in turn, each given the other.

gamma has a prior, uniform on a grid. Positions given gamma come from a few sweeps
of the sampler; gamma given positions is drawn exactly, because its probability
is the prior times exp(-gamma sum y / T) / Z(gamma), and Z is known for one or two
particles. Chains start from the exact joint distribution, so they must keep it: a sampler
that leaves any other distribution unchanged lets it drift, round after round.

Geweke, "Getting it right", J. Am. Stat. Assoc. 99, 799 (2004).
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float64, Int

from lcpjax.array_types import PRNGKey
from lcpjax.sampler.verification.check import Check, Subject, check_histogram, check_mean
from lcpjax.sampler.verification.exact_draws import draw_configurations
from lcpjax.sampler.verification.sampled_chains import Sampler
from lcpjax.sampler.verification.two_particle_distribution import pair_energies, two_particle_distribution
from lcpjax.system import System
from lcpjax.system.barometric_law import height_integral, mean_height

GAMMAS = np.linspace(0.0, 1.4, 8).astype(np.float32).astype(np.float64)
"""The prior's grid."""
NUM_ROUNDS = 16
SWEEPS_PER_ROUND = 2
"""Two, so that a round goes forward and backward."""


class _ExactMeans(NamedTuple):
    """At each gamma of the grid."""

    log_partition: Float64[np.ndarray, " gammas"]
    height_sum: Float64[np.ndarray, " gammas"]
    pair_energy: Float64[np.ndarray, " gammas"]


def check_joint_distribution(key: PRNGKey, subject: Subject, sampler: Sampler, num_chains: int) -> list[Check]:
    """After some rounds: the histogram of gamma, and means of gamma sum y, of sum y and of the pair energy.

    Args:
        subject: of one or two particles.
        sampler: must leave equilibrium as it is from its first sweep on, which a tempering ladder does not:
            its other rungs start out of their own.
    """
    system = subject.system
    exact = _exact_means(system)
    rng = np.random.default_rng(np.asarray(jax.random.key_data(jax.random.fold_in(key, 0))))
    index = rng.integers(GAMMAS.size, size=num_chains)
    positions = draw_configurations(rng, system, GAMMAS[index])
    for round_ in range(NUM_ROUNDS):
        sampled = sampler(
            jax.random.fold_in(key, 1 + round_),
            system,
            jnp.asarray(GAMMAS[index], jnp.float32),
            num_sweeps=SWEEPS_PER_ROUND,
            initial_positions=jnp.asarray(positions, jnp.float32),
            step_size=system.box_side / 4,
        )
        positions = np.asarray(sampled.positions, np.float64)
        index = _gamma_given_positions(rng, system, exact, positions[..., 1].sum(axis=1))
    return _checks(subject, exact, index, positions)


def _exact_means(system: System) -> _ExactMeans:
    if system.num_particles == 1:
        rate, side = GAMMAS / system.temperature, system.box_side
        log_partition = np.log(side * height_integral(rate, side))
        return _ExactMeans(log_partition, mean_height(rate, side), np.zeros_like(GAMMAS))
    exact = [two_particle_distribution(system, gamma) for gamma in GAMMAS.tolist()]
    rows = [(one.log_partition, one.mean_height_sum, one.mean_pair_energy) for one in exact]
    return _ExactMeans(*np.array(rows).T)


def _gamma_given_positions(
    rng: np.random.Generator, system: System, exact: _ExactMeans, height_sum: Float64[np.ndarray, " chains"]
) -> Int[np.ndarray, " chains"]:
    """Index on the grid of a new gamma for each chain, by the Gumbel trick."""
    log_odds = -GAMMAS[None, :] * height_sum[:, None] / system.temperature - exact.log_partition[None, :]
    return np.argmax(log_odds + rng.gumbel(size=log_odds.shape), axis=1)


def _checks(
    subject: Subject,
    exact: _ExactMeans,
    index: Int[np.ndarray, " chains"],
    positions: Float64[np.ndarray, "chains particles 2"],
) -> list[Check]:
    label, heights = f"{GAMMAS[0]:g} to {GAMMAS[-1]:g}", positions[..., 1].sum(axis=1)
    counts, prior = np.bincount(index, minlength=GAMMAS.size), np.full(GAMMAS.size, 1.0 / GAMMAS.size)
    energy_mean, height_mean = float((GAMMAS * exact.height_sum).mean()), float(exact.height_sum.mean())
    checks = [
        check_histogram(subject, "histogram of gamma", label, counts, prior),
        check_mean(subject, "mean gamma sum y (epsilon)", label, GAMMAS[index] * heights, energy_mean),
        check_mean(subject, "mean sum of heights (sigma)", label, heights, height_mean),
    ]
    if subject.system.num_particles > 1:
        squared = np.sum((positions[:, 0] - positions[:, 1]) ** 2, axis=-1)
        energies = pair_energies(subject.system, squared)
        pair_mean = float(exact.pair_energy.mean())
        checks.append(check_mean(subject, "mean pair energy (epsilon)", label, energies, pair_mean))
    return checks
