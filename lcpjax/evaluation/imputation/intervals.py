"""Quality of imputations: errors, and coverage and width of intervals."""

from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jaxtyping import Bool, Float

from lcpjax.array_arguments import takes_arrays
from lcpjax.errors import InputError
from lcpjax.evaluation.reconstruction.energies import HIGHEST
from lcpjax.system import System

Truth = Float[np.ndarray, "configurations particles particles"]
Missing = Bool[np.ndarray, "configurations particles particles"]
Draws = Float[np.ndarray, "configurations draws particles particles"]

# Nominal, of intervals.
_COVERAGE = 0.9
# Of 97.5 %.
_NORMAL_QUANTILE = 1.959964


class ImputationQuality(NamedTuple):
    """Of all missing distances of some configurations, each pair counted once; errors are over configurations."""

    rmse: float
    """Of the mean of the draws, in sigma."""
    coverage: float
    """Fraction of missing distances inside the central interval of 90 % of their draws."""
    coverage_error: float
    coverage_low: float
    """End of its interval of 95 %, by ``fraction_interval``."""
    coverage_high: float
    width: float
    """Mean of these intervals, in sigma."""
    crps: float
    """Continuous ranked probability score in sigma, which only the true posterior makes least (Gneiting, 2007)."""
    crps_error: float
    diversity: float
    """Root mean square of the standard deviation of a distance among its draws, in sigma."""


@takes_arrays
def quality_of(draws: Draws, truth: Truth, missing: Missing, rounding: float = 0.0) -> ImputationQuality:
    """Quality of draws of missing distances.

    Args:
        draws: at least 2 of each configuration, in sigma.
        truth: in sigma.
        rounding: in sigma, by which an interval may miss the truth: determined distances have no width.

    Raises:
        InputError: fewer than 2 draws, or a configuration that misses nothing.
    """
    if draws.shape[1] < 2:
        raise InputError(f"draws: {draws.shape[1]} of each configuration; at least 2 are needed")
    upper = np.triu(np.ones(truth.shape[1:], bool), 1)
    rows = []
    for of_one, true, mask in zip(draws, truth, missing & upper[None], strict=True):
        if not mask.any():
            raise InputError("missing: a configuration misses nothing")
        values = of_one[:, mask].astype(np.float64)
        rows.append(_of_configuration(values, true[mask].astype(np.float64), rounding))
    square, coverage, width, crps, variance = np.array(rows).T
    errors = [float(each.std(ddof=1) / np.sqrt(len(each))) if len(each) > 1 else np.nan for each in (coverage, crps)]
    return ImputationQuality(
        float(np.sqrt(square.mean())),
        float(coverage.mean()),
        errors[0],
        *fraction_interval(float(coverage.mean()), errors[0], len(coverage)),
        float(width.mean()),
        float(crps.mean()),
        errors[1],
        float(np.sqrt(variance.mean())),
    )


def fraction_interval(fraction: float, error: float, least_trials: int) -> tuple[float, float]:
    """Wilson's interval of 95 % of a fraction whose trials are not independent.

    Counts as a binomial one of as many trials as scatter like it, fraction (1 - fraction) / error^2, and of at least
    ``least_trials``, which is right where the distances of a configuration are all inside or all outside. Unlike a
    number of standard errors it stays within 0 and 1, and has a width at 1. Wilson, JASA 22, 209 (1927).

    Args:
        error: standard error of the fraction; 0 or nan where it is not known.
        least_trials: independent groups, as configurations.

    Raises:
        InputError: no trial, or a fraction beyond 0 and 1.
    """
    if least_trials < 1 or not 0.0 <= fraction <= 1.0:
        raise InputError(f"fraction: {fraction:g} of {least_trials} trials; must be from 0 to 1, of at least 1 trial")
    trials = max(fraction * (1.0 - fraction) / error**2, least_trials) if error > 0 else least_trials
    square = _NORMAL_QUANTILE**2 / trials
    middle = (fraction + square / 2) / (1 + square)
    half = np.sqrt(square * fraction * (1 - fraction) + square**2 / 4) / (1 + square)
    return float(max(middle - half, 0.0)), float(min(middle + half, 1.0))


def _of_configuration(values: np.ndarray, truth: np.ndarray, rounding: float) -> tuple[float, ...]:
    """Squared error, coverage, width, CRPS and variance, means over the missing distances."""
    low, high = _interval(values)
    inside = (truth >= low - rounding) & (truth <= high + rounding)
    # Of sorted draws the mean absolute difference of two is a weighted sum.
    ranks = 2.0 * np.arange(1, len(values) + 1) - len(values) - 1
    spread = ranks @ np.sort(values, axis=0) / (len(values) * (len(values) - 1))
    crps = np.abs(values - truth).mean(axis=0) - spread
    square = (values.mean(axis=0) - truth) ** 2
    return tuple(float(each.mean()) for each in (square, inside, high - low, crps, values.var(axis=0, ddof=1)))


def _interval(values: np.ndarray) -> np.ndarray:
    """The central interval that holds one more draw with probability 0.9, whatever their distribution and number."""
    return np.quantile(values, (0.5 - 0.5 * _COVERAGE, 0.5 + 0.5 * _COVERAGE), axis=0, method="weibull")


@takes_arrays
def widening(draws: Draws, truth: Truth, missing: Missing) -> float:
    """Factor that widens intervals about their mean so that they hold 90 % of all missing distances.

    Learnt from held-out configurations that were imputed in the same way, as in split conformal prediction (Vovk,
    Gammerman and Shafer, "Algorithmic learning in a random world", 2005), but pooled over distances that depend on
    each other: right on average, without the guarantee.
    """
    upper = np.triu(np.ones(truth.shape[1:], bool), 1)
    needed = []
    for of_one, true, mask in zip(draws, truth, missing & upper[None], strict=True):
        values = of_one[:, mask].astype(np.float64)
        mean = values.mean(axis=0)
        low, high = _interval(values - mean)
        deviation = true[mask] - mean
        needed.append(np.maximum(deviation / np.maximum(high, 1e-9), deviation / np.minimum(low, -1e-9)))
    pooled = np.concatenate(needed)
    # Of n the ceil(0.9 (n + 1))-th or the next: one more would be at most as large with that probability or more.
    return float(np.quantile(pooled, min(1.0, _COVERAGE * (1 + 1 / len(pooled))), method="higher"))


@takes_arrays
def energies_of_distances(distances: Float[np.ndarray, "*batch particles particles"], system: System) -> np.ndarray:
    """Pair energies of distance matrices, (...,), in epsilon, clipped at 100; without an embedding."""
    first, second = np.triu_indices(distances.shape[-1], k=1)
    squares = jnp.maximum(jnp.asarray(distances)[..., first, second] ** 2, 1e-3)
    return np.minimum(np.asarray(jnp.sum(system.pair_energy_fn(squares), axis=-1)), HIGHEST)
