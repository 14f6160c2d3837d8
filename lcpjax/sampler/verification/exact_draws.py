"""Configurations of one or two particles drawn exactly from equilibrium, without a Markov chain."""

import numpy as np
from jaxtyping import Float64

from lcpjax.sampler.verification.check import ChainValues
from lcpjax.sampler.verification.two_particle_distribution import pair_energies
from lcpjax.system import System
from lcpjax.system.barometric_law import height_of_share


def draw_configurations(
    rng: np.random.Generator, system: System, gamma: ChainValues
) -> Float64[np.ndarray, "chains particles 2"]:
    """One configuration for each gamma, in sigma: free particles, kept with probability exp(-(V - lowest V) / T)."""
    positions = _free_particles(rng, system, gamma)
    if system.num_particles == 1:
        return positions
    lowest = _lowest_pair_energy(system)
    missing = np.ones(gamma.size, bool)
    while missing.any():
        # For all chains again, wanted or not: one shape is one compiled program.
        offered = _free_particles(rng, system, gamma)
        costs = pair_energies(system, np.sum((offered[:, 0] - offered[:, 1]) ** 2, axis=-1)) - lowest
        kept = missing & (rng.random(costs.size) < np.exp(-costs / system.temperature))
        positions[kept] = offered[kept]
        missing &= ~kept
    return positions


def _free_particles(
    rng: np.random.Generator, system: System, gamma: ChainValues
) -> Float64[np.ndarray, "chains particles 2"]:
    fractions = rng.random((gamma.size, system.num_particles, 2))
    rate, side = gamma[:, None] / system.temperature, system.box_side
    return np.stack([side * fractions[..., 0], height_of_share(fractions[..., 1], rate, side)], axis=-1)


def _lowest_pair_energy(system: System) -> float:
    """A bound just below the bottom of the well, or of the tail if there is no well."""
    distances = np.linspace(0.0, np.sqrt(2.0) * system.box_side, 100_001)[1:]
    # A grid misses a quadratic minimum by less than 1e-6 here; were it more, a draw would be a little off.
    return float(pair_energies(system, distances**2).min()) - 1e-3
