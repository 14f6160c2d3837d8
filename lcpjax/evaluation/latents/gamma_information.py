"""Information about gamma: exactly that of the configurations, and that of a linear probe of a code.

Gravity enters the weight of a configuration as exp(-gamma sum y / T) alone, so that
ln p(gamma | x) = -gamma sum y / T - ln Z(gamma) + const: sum y is a sufficient
statistic, and no code has more information about gamma than sum y.
"""

import math
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float, Float64, Int
from scipy.special import log_softmax

from lcpjax.array_arguments import takes_arrays
from lcpjax.array_types import Configurations2D
from lcpjax.errors import InputError
from lcpjax.sampler.thermodynamic_integration import FreeEnergy
from lcpjax.system import System

LogPosterior = Float64[np.ndarray, "configurations gammas"]
"""Ln p(gamma | ...) in nats; gammas in increasing order."""
GammaIndex = Int[np.ndarray, " configurations"]
"""Index of gamma, counted from the smallest."""
Features = Float[np.ndarray, "configurations features"]

# Inverse strengths of the penalty on a probe's weights, of features with unit variance.
_INVERSE_PENALTIES = (1e-4, 1e-3, 1e-2, 1e-1, 1.0, 1e2)


class GammaInformation(NamedTuple):
    """Information of a posterior about gamma, on configurations whose gamma is known."""

    accuracy: float
    """Fraction of configurations whose likeliest gamma is the true one."""
    accuracy_error: float
    """Its standard error."""
    nats: float
    """H(gamma) less the cross entropy: a lower bound on the information, equal to it if the posterior is exact."""
    nats_error: float


class LabelledFeatures(NamedTuple):
    """Features and gammas of one split, as a probe takes them."""

    features: Features
    gamma_index: GammaIndex


@takes_arrays
def index_of_gamma(gamma: Float[np.ndarray, " configurations"]) -> GammaIndex:
    """Index of each value among the gammas that occur, counted from the smallest."""
    return np.unique(np.asarray(gamma), return_inverse=True)[1]


@takes_arrays
def exact_log_posterior(system: System, fluid: FreeEnergy, positions: Configurations2D) -> LogPosterior:
    """Ln p(gamma | x) of gammas that are equally likely a priori, in nats: the exact bound for every code.

    Args:
        fluid: ln Z at every gamma, in increasing order of gamma.
        positions: (configurations, particles, 2), in sigma, in any order.
    """
    sums = np.asarray(positions[..., 1], np.float64).sum(axis=1)
    return log_softmax(-np.outer(sums, fluid.gamma) / system.temperature - fluid.log_partition_function, axis=1)


@takes_arrays
def gamma_information(log_posterior: LogPosterior, gamma_index: GammaIndex) -> GammaInformation:
    """Accuracy and information of a posterior about the true gammas.

    Raises:
        InputError: no configurations, or an index of no gamma.

    >>> certain = np.log(np.array([[1.0, 1e-9], [1e-9, 1.0]]))
    >>> result = gamma_information(certain, np.array([0, 1]))
    >>> result.accuracy, round(result.nats / math.log(2), 6)
    (1.0, 1.0)
    """
    _check_index(log_posterior, gamma_index)
    number, num_gammas = log_posterior.shape
    is_right = np.argmax(log_posterior, axis=1) == gamma_index
    information = math.log(num_gammas) + log_posterior[np.arange(number), gamma_index]
    accuracy = float(is_right.mean())
    return GammaInformation(
        accuracy,
        math.sqrt(accuracy * (1.0 - accuracy) / number),
        float(information.mean()),
        float(information.std(ddof=1)) / math.sqrt(number),
    )


@takes_arrays
def fraction_of_exact(probe: LogPosterior, exact: LogPosterior, gamma_index: GammaIndex) -> tuple[float, float]:
    """Accuracy of a probe relative to the exact posterior's, and the standard error of this ratio.

    Both are evaluated on the same configurations, so that much of their scatter cancels.

    Raises:
        InputError: no configurations, or an index of no gamma.

    >>> some = np.log(np.array([[0.9, 0.1], [0.2, 0.8]]))
    >>> fraction_of_exact(some, some, np.array([0, 1]))
    (1.0, 0.0)
    """
    _check_index(probe, gamma_index)
    right, exactly_right = ((np.argmax(each, axis=1) == gamma_index).astype(np.float64) for each in (probe, exact))
    if exactly_right.mean() == 0:
        return math.nan, math.nan
    ratio = right.mean() / exactly_right.mean()
    residuals = (right - ratio * exactly_right) / exactly_right.mean()
    return float(ratio), float(residuals.std(ddof=1) / math.sqrt(len(residuals)))


@takes_arrays
def missed_nats(log_posterior: LogPosterior, exact: LogPosterior, gamma_index: GammaIndex) -> tuple[float, float]:
    """<ln p(gamma | x) - ln q(gamma | ...)> in nats on the same configurations, and its standard error.

    A Kullback-Leibler divergence: below 0 beyond its error, the code has information that the configurations
    do not contain.

    Raises:
        InputError: no configurations, or an index of no gamma.

    >>> some = np.log(np.array([[0.9, 0.1], [0.2, 0.8]]))
    >>> missed_nats(some, some, np.array([0, 1]))
    (0.0, 0.0)
    """
    _check_index(exact, gamma_index)
    each = np.arange(len(gamma_index))
    missed = exact[each, gamma_index] - log_posterior[each, gamma_index]
    return float(missed.mean()), float(missed.std(ddof=1) / math.sqrt(len(missed)))


@takes_arrays
def linear_probe(train: LabelledFeatures, validation: LabelledFeatures, features: Features) -> LogPosterior:
    """Ln p(gamma | features) by logistic regression on the training set, in nats.

    The penalty is chosen on the validation set. Exact where sum y is linear in the features, as
    ln p(gamma | x) is linear in sum y.

    Args:
        features: of the configurations asked for, (configurations, features).

    Raises:
        InputError: features that are not finite, or fewer than two gammas.
    """
    from sklearn.linear_model import LogisticRegression  # Takes seconds, and little else needs it.

    for split in (train.features, validation.features, features):
        if not np.isfinite(split).all():
            raise InputError("features: some are not finite; a probe needs numbers")
    if np.unique(train.gamma_index).size < 2:
        raise InputError("gamma: only one value occurs; there is nothing to classify")
    mean, scale = train.features.mean(axis=0), train.features.std(axis=0)
    # Constant features carry no information.
    scale = np.where(scale > 1e-6 * scale.max(), scale, np.inf)
    whitened = [
        (np.asarray(split, np.float64) - mean) / scale for split in (train.features, validation.features, features)
    ]
    best_loss, best = math.inf, None
    for inverse_penalty in _INVERSE_PENALTIES:
        probe = LogisticRegression(C=inverse_penalty, max_iter=1000).fit(whitened[0], train.gamma_index)
        loss = -gamma_information(_log_probabilities(probe, whitened[1]), validation.gamma_index).nats
        if loss < best_loss:
            best_loss, best = loss, probe
    assert best is not None  # Log probabilities are cut off below, so that every loss is finite.
    return _log_probabilities(best, whitened[2])


def _log_probabilities(probe: Any, rows: np.ndarray) -> LogPosterior:
    """In nats; what underflows is as improbable as double precision allows."""
    return np.maximum(np.asarray(probe.predict_log_proba(rows), np.float64), -700.0)


def _check_index(log_posterior: LogPosterior, gamma_index: GammaIndex) -> None:
    number, num_gammas = log_posterior.shape
    if not number:
        raise InputError("log_posterior: of no configurations; needed is at least one")
    if gamma_index.min() < 0 or gamma_index.max() >= num_gammas:
        span = f"from {gamma_index.min()} to {gamma_index.max()}"
        raise InputError(f"gamma_index: {span}; there are {num_gammas} gammas, counted from 0")
