"""Gaussian references: the best linear code of a rate, and densities; float64 on the host."""

import math
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Float64

from lcpjax.array_arguments import takes_arrays
from lcpjax.errors import InputError

Rows = Float[np.ndarray, "configurations coordinates"]
LogDensities = Float64[np.ndarray, " configurations"]


class Gaussian(NamedTuple):
    """N(mean, covariance) of ordered coordinates."""

    mean: Float64[np.ndarray, " coordinates"]
    covariance: Float64[np.ndarray, "coordinates coordinates"]

    @property
    def variances(self) -> Float64[np.ndarray, " coordinates"]:
        """Along the principal axes, falling, in sigma squared."""
        return np.linalg.eigvalsh(self.covariance)[::-1]

    @takes_arrays
    def log_density(self, rows: Rows) -> LogDensities:
        """Ln N(x; mean, covariance) in nats, (configurations,).

        Raises:
            InputError: rows of another number of coordinates.
        """
        if rows.shape[1] != len(self.mean):
            raise InputError(f"rows: of {rows.shape[1]} coordinates; this Gaussian has {len(self.mean)}")
        factor = np.linalg.cholesky(self.covariance)
        whitened = np.linalg.solve(factor, (np.asarray(rows, np.float64) - self.mean).T)
        log_determinant = 2 * np.log(np.diagonal(factor)).sum()
        return -0.5 * ((whitened**2).sum(axis=0) + log_determinant + len(self.mean) * math.log(2 * math.pi))


@takes_arrays
def fit_gaussian(rows: Rows) -> Gaussian:
    """The Gaussian with the mean and covariance of these rows.

    Args:
        rows: (configurations, coordinates): ordered positions, one configuration a row, in sigma.

    Raises:
        InputError: no coordinates, or no more configurations than coordinates; some not finite, or dependent on
            each other.
    """
    rows = np.asarray(rows, np.float64)
    number, size = rows.shape
    if size == 0:
        raise InputError(f"a Gaussian needs at least one coordinate, not rows of shape {rows.shape}")
    if number <= size:
        raise InputError(f"a covariance of {size} coordinates needs more than {size} configurations, not {number}")
    if not np.isfinite(rows).all():
        raise InputError("coordinates that are not finite have no Gaussian density")
    mean = rows.mean(axis=0)
    covariance = (rows - mean).T @ (rows - mean) / number
    variances = np.linalg.eigvalsh(covariance)
    if variances[0] <= 1e-12 * variances[-1]:
        raise InputError("coordinates that depend on each other have no Gaussian density")
    return Gaussian(mean, covariance)


@takes_arrays
def log_density_of_mixture(gaussians: list[Gaussian], rows: Rows) -> LogDensities:
    """Ln of the mean density of equally likely Gaussians, one a gamma, in nats, (configurations,).

    Raises:
        InputError: no Gaussian, or rows of another number of coordinates.
    """
    if not gaussians:
        raise InputError("gaussians: none; a mixture has at least one")
    each = np.stack([gaussian.log_density(rows) for gaussian in gaussians])
    return np.logaddexp.reduce(each, axis=0) - math.log(len(gaussians))


@takes_arrays
def gaussian_of_each_gamma(rows: Rows, gamma: Float[np.ndarray, " configurations"]) -> list[Gaussian]:
    """One Gaussian for each gamma, in increasing order.

    Raises:
        InputError: a gamma with no more configurations than coordinates.
    """
    return [fit_gaussian(rows[gamma == value]) for value in np.unique(gamma)]


@takes_arrays
def distortion_of_rate(variances: Float[np.ndarray, " coordinates"], rate_nats: float) -> float:
    """D, the mean squared error per coordinate of the best linear-Gaussian code of a rate, in sigma squared.

    Reverse water-filling: every principal axis keeps an error of the water level,
    or its own variance where that is smaller. With the k largest above the water
    the level is exp((sum of ln variance - 2 R) / k). Cover and Thomas, Elements
    of Information Theory, 2nd ed., theorem 10.3.3.

    Args:
        variances: along the principal axes, in any order, in sigma squared.
        rate_nats: at least 0.

    Raises:
        InputError: no variances, or some that are not finite.
    """
    _check_variances(variances)
    falling = np.sort(np.asarray(variances, np.float64))[::-1]
    falling = np.maximum(falling, np.finfo(np.float64).tiny)
    levels = np.exp((np.cumsum(np.log(falling)) - 2 * rate_nats) / np.arange(1, len(falling) + 1))
    # Any other k than the right one pays for axes under water or forgets some above it: its level comes out lower.
    return float(np.minimum(levels.max(), falling).mean())


@takes_arrays
def rate_of_distortion(variances: Float[np.ndarray, " coordinates"], error_per_coordinate: float) -> float:
    """R, the fewest nats with which a linear-Gaussian code leaves an error D; the inverse of ``distortion_of_rate``.

    Args:
        variances: along the principal axes, in any order, in sigma squared.
        error_per_coordinate: D, in sigma squared.

    Raises:
        InputError: no variances, or some that are not finite.
    """
    _check_variances(variances)
    if error_per_coordinate <= 0:
        return math.inf
    rising = np.sort(np.asarray(variances, np.float64))
    number = len(rising)
    if error_per_coordinate >= rising.mean():
        return 0.0
    # The k smallest lie under water with all their variance; the others share the rest. Any other k than the right
    # one counts some variance twice, and its level comes out lower.
    under = np.concatenate([[0.0], np.cumsum(rising)[:-1]])
    level = ((number * error_per_coordinate - under) / (number - np.arange(number))).max()
    return float(0.5 * np.log(np.maximum(rising / level, 1.0)).sum())


def _check_variances(variances: Float[np.ndarray, " coordinates"]) -> None:
    if not len(variances) or not np.isfinite(variances).all():
        raise InputError(f"variances: {len(variances)}, of which {int(np.isfinite(variances).sum())} are finite")
