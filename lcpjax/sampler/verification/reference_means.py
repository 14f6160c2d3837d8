"""Means of 30 particles in the default box against an independent program, the scalar one in C++ of the benchmark.

No exact value is known there, but that program shares nothing with this sampler: language, precision (double), random
numbers, order of work. For an error of T or of the pair energy no check can see more than the means of the
energy and of the pair energy do, since these enter the logarithm of the weight times that error; and a cut of
the potential moves most the mean of what it leaves out.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from lcpjax.sampler.verification.check import ChainValues, Check
from lcpjax.sampler.verification.combined import across_gammas
from lcpjax.sampler.verification.sampled_chains import SampledChains, pair_energy_sums
from lcpjax.sampler.verification.sensitivity import linear_response
from lcpjax.system import System

REFERENCE_SYSTEM = System(num_particles=30, box_side=10.0, temperature=1.0, pair_potential="lennard_jones")
TAIL_DISTANCE = 2.5
"""In sigma: where simulations often cut the potential."""


class Mean(NamedTuple):
    """A reference mean with its standard error."""

    value: float
    standard_error: float


class ReferenceMeans(NamedTuple):
    """Means at one gamma."""

    pair_energy: Mean
    """In epsilon."""
    sum_of_heights: Mean
    """In sigma."""
    energy: Mean
    """Of pairs and gravity, in epsilon."""
    tail_energy: Mean
    """Of the pairs farther apart than ``TAIL_DISTANCE``, in epsilon."""


REFERENCE_MEANS: dict[float, ReferenceMeans] = {
    0.1: ReferenceMeans(Mean(-22.5954, 0.01), Mean(129.664, 0.043), Mean(-9.62894, 0.013), Mean(-0.470102, 0.00017)),
    0.4: ReferenceMeans(Mean(-28.9053, 0.012), Mean(87.3105, 0.028), Mean(6.01885, 0.021), Mean(-0.53985, 0.00016)),
    0.7: ReferenceMeans(Mean(-34.2432, 0.011), Mean(68.0432, 0.02), Mean(13.3871, 0.024), Mean(-0.581537, 0.00013)),
    1.0: ReferenceMeans(Mean(-37.6324, 0.0079), Mean(58.4125, 0.013), Mean(20.78, 0.019), Mean(-0.594959, 9.6e-05)),
}
"""By gamma. From experiments/benchmark/reference_programs/metropolis.cpp in double precision (-O3 -march=native
-std=c++17 -pthread -DREAL=double), 512 chains from uniformly random positions at each gamma, of local steps of 0.5
sigma and non-local moves in half of the sweeps, seed 1. Averages are over the last sweeps, 4,000, 6,000, 10,000 and
22,000 of each chain, after 1,000 to equilibrium. Standard errors are from the scatter between chains and below a
third of those of 10,000 independent configurations:

    yes 0.1 | head -512 | metropolis 30 10 1 0.5 0.5 5000 1 2 4000
    yes 0.4 | head -512 | metropolis 30 10 1 0.5 0.5 7000 1 2 6000
    yes 0.7 | head -512 | metropolis 30 10 1 0.5 0.5 11000 1 2 10000
    yes 1 | head -512 | metropolis 30 10 1 0.5 0.5 23000 1 2 22000
"""


def reference_means(system: System, gamma: float) -> ReferenceMeans | None:
    """Reference means of the system at this gamma; None if there are none."""
    if system != REFERENCE_SYSTEM:
        return None
    # A chain's gamma is a float32.
    return next((means for known, means in REFERENCE_MEANS.items() if math.isclose(known, gamma, rel_tol=1e-6)), None)


def has_reference_means(system: System, gammas: Sequence[float]) -> bool:
    """Whether there are any of the system at one of these gammas."""
    return any(reference_means(system, gamma) is not None for gamma in gammas)


def check_reference_means(chains: SampledChains) -> list[Check]:
    """Means of energies and heights against the reference, at each gamma and all together; none for other systems."""
    by_name: dict[str, list[Check]] = {}
    for gamma, positions in chains.positions.items():
        means = reference_means(chains.subject.system, gamma)
        if means is None:
            continue
        pairs, tail = (pair_energy_sums(REFERENCE_SYSTEM, positions, beyond) for beyond in (0.0, TAIL_DISTANCE))
        heights = positions[..., 1].sum(axis=1)
        total = pairs + gamma * heights
        names = "pair energy (epsilon)", "sum of heights (sigma)", "energy (epsilon)", "pair energy beyond 2.5 sigma"
        for name, values, mean in zip(names, (pairs, heights, total, tail), means, strict=True):
            response = linear_response(REFERENCE_SYSTEM.temperature, values, pairs, total, mean.standard_error)
            check = _check(chains, f"mean {name}, C++", gamma, values, mean)
            by_name.setdefault(name, []).append(check._replace(sensitivity=response))
    return [check for checks in by_name.values() for check in (*checks, across_gammas(checks, [1.0 for _ in checks]))]


def _check(chains: SampledChains, name: str, gamma: float, values: ChainValues, mean: Mean) -> Check:
    with np.errstate(invalid="ignore"):
        measured, own = float(values.mean()), float(values.std(ddof=1)) / math.sqrt(values.size)
    error = math.hypot(own, mean.standard_error)
    z = (measured - mean.value) / error
    return Check(chains.subject, name, f"{gamma:g}", measured, mean.value, error, values.size, z)
