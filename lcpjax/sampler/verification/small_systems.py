"""One and two particles against their exact distributions."""

import numpy as np

from lcpjax.sampler.verification.check import ChainValues, Check, check_histogram, check_mean, num_bins
from lcpjax.sampler.verification.sampled_chains import SampledChains
from lcpjax.sampler.verification.two_particle_distribution import (
    TwoParticleDistribution,
    pair_energies,
    two_particle_distribution,
)
from lcpjax.system.barometric_law import fraction_below, mean_height


def check_one_particle(chains: SampledChains) -> list[Check]:
    """Mean and histogram of the height, histogram across, at every gamma.

    Args:
        chains: of one particle each.
    """
    system, checks = chains.subject.system, []
    side = system.box_side
    for gamma, positions in chains.positions.items():
        rate, label = gamma / system.temperature, f"{gamma:g}"
        across, height = positions[:, 0, 0], positions[:, 0, 1]
        exact = float(mean_height(rate, side))
        checks.append(check_mean(chains.subject, "mean height (sigma)", label, height, exact))
        cumulative = {"height": fraction_below(height, rate, side), "x": across / side}
        checks += [_check_uniform(chains, f"histogram of {name}", label, below) for name, below in cumulative.items()]
    return checks


def _check_uniform(chains: SampledChains, name: str, gamma: str, fractions: ChainValues) -> Check:
    """Uniformity of cumulative probabilities, which holds if the distribution is the right one."""
    bins = num_bins(fractions.size)
    # Whoever left the box counts in the outermost bin, and so do numbers that are none.
    held = np.clip(np.nan_to_num(fractions, nan=0.0), 0.0, 1.0)
    counts, _ = np.histogram(held, bins, (0.0, 1.0))
    return check_histogram(chains.subject, name, gamma, counts, np.full(bins, 1.0 / bins))


def check_two_particles(chains: SampledChains) -> list[Check]:
    """Mean pair energy, mean sum of heights and histogram of the distance, at every gamma.

    Args:
        chains: of two particles each.
    """
    checks = []
    for gamma, positions in chains.positions.items():
        exact, label = two_particle_distribution(chains.subject.system, gamma), f"{gamma:g}"
        squared = np.sum((positions[:, 0] - positions[:, 1]) ** 2, axis=-1)
        energy, heights = pair_energies(chains.subject.system, squared), positions[..., 1].sum(axis=1)
        checks += [
            check_mean(chains.subject, "mean pair energy (epsilon)", label, energy, exact.mean_pair_energy),
            check_mean(chains.subject, "mean sum of heights (sigma)", label, heights, exact.mean_height_sum),
            _check_distances(chains, label, np.sqrt(squared), exact),
        ]
    return checks


def _check_distances(
    chains: SampledChains, gamma: str, distances: ChainValues, exact: TwoParticleDistribution
) -> Check:
    """Histogram in bins of about equal probability, whose edges are edges of the quadrature's panels."""
    bins = num_bins(distances.size)
    below = np.concatenate([[0.0], np.cumsum(exact.panel_probabilities)])
    inner = np.unique(np.searchsorted(below, np.arange(1, bins) / bins))
    edges = np.concatenate([[0], inner[(inner > 0) & (inner < below.size - 1)], [below.size - 1]])
    # Outermost bins take what lies beyond.
    counts = np.bincount(np.digitize(distances, exact.distance_edges[edges[1:-1]]), minlength=edges.size - 1)
    return check_histogram(chains.subject, "histogram of distance", gamma, counts, np.diff(below[edges]))
