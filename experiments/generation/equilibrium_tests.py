"""Checks of configurations at one gamma against exact results of the fluid."""

import itertools
import math
from collections.abc import Sequence
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np

from lcpjax.array_types import Configurations2D
from lcpjax.evaluation.reconstruction.energies import pair_energies
from lcpjax.evaluation.samples.generated import are_inside
from lcpjax.sampler.verification import SMALLEST_JOINT_P_VALUE, Check, Subject, joint_p_value
from lcpjax.sampler.verification.check import check_mean
from lcpjax.sampler.verification.gamma_slope import logistic_slope
from lcpjax.sampler.verification.wall_sum_rule import contact_densities
from lcpjax.system import smallest_distances

from .reference_fluid import EquilibriumFluid

# Half as fine as where one sampler is verified: the difference is a hundredth of a standard error.
_NODES_PER_SIGMA = 20
# Fraction of the fluid's particles, at the lower and at the upper end.
_EDGE = 0.02


class Agreement(NamedTuple):
    """Agreement of configurations at one gamma with the exact distributions."""

    largest_deviate: float
    """In standard errors."""
    worst_check: str
    joint_p_value: float
    passes: bool
    """Each within 4.3 standard errors, and all together no less probable than 1e-4."""


class _Known(NamedTuple):
    """Exact mean of a quantity."""

    name: str
    scatter: float
    """Of single configurations in equilibrium: a start with a few overlaps scatters more, which must not excuse it."""
    mean: float
    error: float


def checked_against_exact_distributions(fluid: EquilibriumFluid, index: int, positions: Configurations2D) -> Agreement:
    """Checks of configurations at one gamma: inside the box, means, spreads, slopes and contacts.

    - <U> and <sum y> against thermodynamic integration; the smallest distance against other chains.
    - The variances of U and of sum y against those of other chains: right means may hide a wrong spread.
    - How many particles are as high, and as low, as a fiftieth of other chains' are: the sum rule of the walls asks for
      the distribution of each particle given all others, and misses a crowd below the lid.
    - The slopes of ln p(gamma | sum y) to the other chains at the adjacent gammas, never to configurations generated at
      another.
    - The sum rule of the walls, if all these pass: it costs a quadrature a particle.

    Args:
        index: of the gamma, counted from the smallest.
    """
    outside = int(jnp.sum(~are_inside(jnp.asarray(positions, jnp.float32), fluid.system.box_side)))
    if outside:
        return Agreement(math.inf, f"{outside} outside the box", 0.0, passes=False)
    checks = _of_means_and_spreads(fluid, index, positions) + _of_edges(fluid, index, positions)
    checks += _of_slopes(fluid, index, positions)
    if (cheap := _agreement(checks)).passes:
        return _agreement([*checks, _of_walls(fluid, index, positions)])
    return cheap


def _agreement(checks: Sequence[Check]) -> Agreement:
    deviates = [math.inf if math.isnan(check.z) else abs(check.z) for check in checks]
    worst = int(np.argmax(deviates))
    p_value = joint_p_value(checks)
    passes = not any(check.has_failed for check in checks) and p_value > SMALLEST_JOINT_P_VALUE
    return Agreement(float(deviates[worst]), checks[worst].name, p_value, passes)


def _of_means_and_spreads(fluid: EquilibriumFluid, index: int, positions: Configurations2D) -> list[Check]:
    exact = fluid.free_energy
    own, true = (_of_each(fluid, each) for each in (np.asarray(positions), _of_fluid(fluid, index)))
    energy, height = (float(values.std(ddof=1)) for values in true[:2])
    means = (
        _Known("pair energy", energy, float(exact.pair_energy[index]), float(exact.pair_energy_error[index])),
        _Known("sum of heights", height, float(exact.sum_of_heights[index]), float(exact.sum_of_heights_error[index])),
        _of_other_chains("smallest distance", true[2]),
    )
    checks = [_check(fluid, *each) for each in zip(means, own, strict=True)]
    for known, *values in zip(means[:2], own, true, strict=False):
        # A variance is a mean of squares, which scatter by the fourth moment.
        squares, true_squares = ((each - each.mean()) ** 2 for each in values)
        checks.append(_check(fluid, _of_other_chains(f"variance of {known.name}", true_squares), squares))
    return checks


def _of_fluid(fluid: EquilibriumFluid, index: int) -> np.ndarray:
    gamma = fluid.gammas[index]
    return np.concatenate([np.asarray(each[gamma]) for each in (fluid.positions, fluid.others)])


def _of_edges(fluid: EquilibriumFluid, index: int, positions: Configurations2D) -> list[Check]:
    own, true = (np.asarray(each[..., 1], np.float64) for each in (positions, _of_fluid(fluid, index)))
    checks = []
    for name, sign in (("number of the highest", 1.0), ("number of the lowest", -1.0)):
        edge = np.quantile(sign * true, 1.0 - _EDGE)
        counts, known = ((sign * each > edge).sum(axis=1).astype(np.float64) for each in (own, true))
        checks.append(_check(fluid, _of_other_chains(name, known), counts))
    return checks


def _of_other_chains(name: str, true: np.ndarray) -> _Known:
    scatter = float(true.std(ddof=1))
    return _Known(name, scatter, float(true.mean()), scatter / math.sqrt(true.size))


def _of_slopes(fluid: EquilibriumFluid, index: int, positions: Configurations2D) -> list[Check]:
    gammas, own = fluid.gammas, np.asarray(positions[..., 1], np.float64).sum(axis=1)
    checks = []
    for low, high in itertools.pairwise(range(len(gammas))):
        if index not in (low, high):
            continue
        other = np.asarray(fluid.others[gammas[high if index == low else low]][..., 1], np.float64).sum(axis=1)
        slope, error = logistic_slope(*((own, other) if index == low else (other, own)))
        exact = -(gammas[high] - gammas[low]) / fluid.system.temperature
        label, size = f"{gammas[low]:g} to {gammas[high]:g}", min(own.size, other.size)
        z = (slope - exact) / error
        checks.append(Check(_subject(fluid), f"slope {label}", label, slope, exact, error, size, z))
    return checks


def _of_walls(fluid: EquilibriumFluid, index: int, positions: Configurations2D) -> Check:
    system, gamma = fluid.system, fluid.gammas[index]
    per_chain = jnp.full(len(positions), gamma, jnp.float32)
    bottom, top = contact_densities(system, jnp.asarray(positions, jnp.float32), per_chain, _NODES_PER_SIGMA)
    exact = system.num_particles * gamma / system.temperature
    return check_mean(_subject(fluid), "n(0) - n(L)", f"{gamma:g}", np.asarray(bottom - top, np.float64), exact)


def _of_each(fluid: EquilibriumFluid, positions: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pair energy, sum of heights and smallest distance of each configuration."""
    single = jnp.asarray(positions, jnp.float32)
    energies = np.asarray(pair_energies(single, fluid.system), np.float64)
    heights = positions[..., 1].astype(np.float64).sum(axis=1)
    return energies, heights, np.asarray(smallest_distances(single), np.float64)


def _check(fluid: EquilibriumFluid, known: _Known, values: np.ndarray) -> Check:
    measured, deviate = math.nan, math.nan
    error = math.hypot(known.scatter / math.sqrt(values.size), known.error)
    if np.isfinite(values).all():
        measured = float(values.mean())
        deviate = (measured - known.mean) / error
    return Check(_subject(fluid), known.name, "", measured, known.mean, error, values.size, deviate)


def _subject(fluid: EquilibriumFluid) -> Subject:
    return Subject("from a start", fluid.system, "sequential")
