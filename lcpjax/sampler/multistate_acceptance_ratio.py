"""Acceptance ratios of several distributions at once: the ln Z that samples of all of them together make most likely.

Of two distributions it is Bennett's, weighted by their numbers of samples. Geyer (1994), reverse logistic regression;
Shirts and Chodera, J. Chem. Phys. 129, 124105 (2008).
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import scipy.optimize
import scipy.special
from jaxtyping import Float64

from lcpjax.errors import InputError

LogDensities = Float64[np.ndarray, "_ distributions"]
"""Of the samples of one distribution, ln of the density of each."""

# Below this curvature, of all samples on average, the likelihood says nothing.
_FLAT = 1e-9
_NEWTON_STEPS = 3


class LogPartitionFunctions(NamedTuple):
    """Ln Z of every distribution less that of the first, and their covariance."""

    values: Float64[np.ndarray, " distributions"]
    covariance: Float64[np.ndarray, "distributions distributions"]
    """Asymptotic, of independent samples, in nats squared."""

    @property
    def errors(self) -> Float64[np.ndarray, " distributions"]:
        """Standard errors."""
        return np.sqrt(np.diag(self.covariance))


def log_partition_functions(log_densities: Sequence[LogDensities]) -> LogPartitionFunctions:
    """Ln Z of each distribution relative to the first one.

    A sample at x belongs to distribution k with a probability p_k(x) proportional to n_k f_k(x) / Z_k; the values are
    those at which the p_k of all samples add up to n_k, for every k.

    Args:
        log_densities: of the independent samples of each distribution, ln f of every distribution up to its ln Z, in
            nats; -inf where one is 0.

    Raises:
        InputError: fewer than two samples of one, one that is 0 everywhere, what is not a number, or distributions
            that have too little in common.

    >>> uniform, half = np.zeros((4, 2)), np.zeros((2, 2))
    >>> uniform[2:, 1] = -np.inf  # Half of the samples are where the second density is 0.
    >>> log_partition_functions([uniform, half]).values.round(6).tolist()
    [0.0, -0.693147]
    """
    numbers = np.array([len(each) for each in log_densities])
    rows = np.concatenate(log_densities)
    if numbers.min() < 2 or rows.shape[1] != len(numbers):
        raise InputError(f"log_densities: {numbers.tolist()} samples, of {rows.shape[1]} densities; at least 2 of each")
    if np.isnan(rows).any() or np.isposinf(rows).any() or not np.isfinite(rows).any(axis=0).all():
        raise InputError("log_densities: some are not a number or +inf, or one density is 0 at every sample")
    weighted = rows + np.log(numbers)

    def probabilities(values: np.ndarray) -> np.ndarray:
        return scipy.special.softmax(weighted - np.concatenate([[0.0], values]), axis=1)[:, 1:]

    def minus_likelihood(values: np.ndarray) -> float:
        sums = scipy.special.logsumexp(weighted - np.concatenate([[0.0], values]), axis=1)
        return float(np.mean(sums) + values @ numbers[1:] / len(rows))

    def gradient(values: np.ndarray) -> np.ndarray:
        return numbers[1:] / len(rows) - probabilities(values).mean(axis=0)

    def curvature(values: np.ndarray) -> np.ndarray:
        return _curvature(probabilities(values)) / len(rows)

    # Convex, so that every start leads there; this one is the mean over the first one's samples.
    start = scipy.special.logsumexp(log_densities[0][:, 1:] - log_densities[0][:, :1], axis=0) - np.log(numbers[0])
    start = np.where(np.isfinite(start), start, 0.0)
    found = scipy.optimize.minimize(minus_likelihood, start, jac=gradient, hess=curvature, method="trust-exact").x
    if not np.linalg.eigvalsh(curvature(found)).min() > _FLAT:
        raise InputError(f"log_densities: samples of {numbers.tolist()} have too little in common for a ratio")
    # The likelihood is flat to rounding before its gradient is 0.
    for _ in range(_NEWTON_STEPS):
        found = found - np.linalg.solve(curvature(found), gradient(found))
    covariance = _covariance(probabilities(found), numbers)
    return LogPartitionFunctions(np.concatenate([[0.0], found]), np.pad(covariance, ((1, 0), (1, 0))))


def _curvature(probabilities: np.ndarray) -> np.ndarray:
    return np.diag(probabilities.sum(axis=0)) - probabilities.T @ probabilities


def _covariance(probabilities: np.ndarray, numbers: np.ndarray) -> np.ndarray:
    """Of values that solve sums of the samples' probabilities = numbers; every distribution has as many as it has."""
    of_each = np.split(probabilities, np.cumsum(numbers)[:-1])
    scatter = sum(len(own) * np.atleast_2d(np.cov(own, rowvar=False)) for own in of_each)
    inverse = np.linalg.inv(_curvature(probabilities))
    return inverse @ scatter @ inverse
