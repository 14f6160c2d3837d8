"""Exact importance weights of generated configurations as samples of the fluid, and their effective fraction."""

import math
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Float64
from scipy.special import logsumexp

from lcpjax.array_arguments import takes_arrays
from lcpjax.array_types import Configurations2D
from lcpjax.errors import InputError
from lcpjax.sampler.thermodynamic_integration import FreeEnergy
from lcpjax.system import System

LogWeights = Float64[np.ndarray, " configurations"]


class ImportanceSampling(NamedTuple):
    """Quality of the weights p / q of draws from q."""

    effective_fraction: float
    """Kish's effective sample size over n: (sum w)^2 / (n sum w^2); 1 where q is p."""
    log_mean: float
    """Ln of the mean weight in nats: 0 for normalised p and q, up to its error."""
    log_mean_error: float
    """Its standard error; small only where the effective fraction is not."""


@takes_arrays
def importance_sampling(log_weights: Float[np.ndarray, " configurations"]) -> ImportanceSampling:
    """Effective fraction of weighted draws, and the check that both densities are normalised.

    Args:
        log_weights: ln p - ln q of each draw, in nats; -inf where p is 0.

    Raises:
        InputError: none above 0, or some nan or +inf.

    >>> importance_sampling(np.array([0.0, 0.0, -np.inf, -np.inf])).effective_fraction
    0.5
    """
    values = np.asarray(log_weights, np.float64)
    if values.size < 2 or np.isnan(values).any() or np.isposinf(values).any() or not np.isfinite(values).any():
        raise InputError(f"log_weights: {values.size}, of which {int(np.isfinite(values).sum())} are finite; 2 needed")
    log_mean = float(logsumexp(values)) - math.log(values.size)
    relative = np.exp(values - log_mean)
    effective_fraction = 1.0 / float(np.mean(relative**2))
    return ImportanceSampling(effective_fraction, log_mean, float(relative.std(ddof=1)) / math.sqrt(values.size))


@takes_arrays
def log_tilt(system: System, fluid: FreeEnergy, positions: Configurations2D, gamma: float) -> LogWeights:
    """Ln of p(x | gamma) over the mixture of the fluid's gammas, up to a constant, in nats.

    Args:
        fluid: ln Z of each gamma that the mixture has.
        positions: (configurations, particles, 2), in sigma.
    """
    return log_tilt_of_sums(system, fluid, np.asarray(positions[..., 1], np.float64).sum(axis=1), gamma)


@takes_arrays
def log_tilt_of_sums(
    system: System, fluid: FreeEnergy, sums_of_heights: Float[np.ndarray, " configurations"], gamma: float
) -> LogWeights:
    """``log_tilt`` from sums of heights in sigma, the only statistic that it depends on.

    Gravity enters as exp(-gamma sum y / T) alone: the mixture can be reweighted to any gamma within its range of sum y.
    """
    sums = np.asarray(sums_of_heights, np.float64)
    each = -np.outer(sums, fluid.gamma) / system.temperature - fluid.log_partition_function
    return -gamma * sums / system.temperature - logsumexp(each, axis=1)
