"""A Gaussian of full covariance for each gamma, interpolated and extrapolated to others."""

import math
from typing import NamedTuple

import jax
import numpy as np
from jaxtyping import Float, Float64

from lcpjax.array_types import PRNGKey
from lcpjax.training.latent_densities.density import GammaIndex, LatentRows, NatsOfEach, check_codes

Gammas = Float[np.ndarray, " gammas"]
Mean = Float64[np.ndarray, " latent"]
Factor = Float64[np.ndarray, "latent other_latent"]

# T over the box side: below it the lid and not gravity holds a particle.
_SMALLEST_GAMMA = 0.1


class Gaussians(NamedTuple):
    """The Gaussian of each gamma's codes."""

    gammas: Gammas
    """Increasing."""
    means: Float64[np.ndarray, "gammas latent"]
    factors: Float64[np.ndarray, "gammas latent other_latent"]
    """Lower triangular, of the covariances."""

    def log_density_of_each(self, latents: LatentRows) -> NatsOfEach:
        """Ln p(z | gamma) in nats under every gamma, (codes, gammas)."""
        size = self.means.shape[1]
        columns = []
        for index in range(len(self.gammas)):
            squares = (self.whiten(latents, index) ** 2).sum(axis=1)
            columns.append(self.log_slope(index) - 0.5 * squares - 0.5 * size * math.log(2 * math.pi))
        return np.stack(columns, axis=1)

    def draw(self, key: PRNGKey, gamma_index: GammaIndex) -> LatentRows:
        """A latent for each given gamma, (codes, latent)."""
        noise = np.asarray(jax.random.normal(key, (len(gamma_index), self.means.shape[1])), np.float64)
        return self.unwhiten_each(noise, gamma_index)

    def draw_at(self, key: PRNGKey, gamma: float, number: int) -> LatentRows:
        """Latents at any gamma, (number, latent)."""
        noise = np.asarray(jax.random.normal(key, (number, self.means.shape[1])), np.float64)
        return self.unwhiten_at(noise, gamma)

    def whiten(self, latents: LatentRows, index: int) -> np.ndarray:
        """Latents whitened by the Gaussian of the gamma of this index."""
        return np.linalg.solve(self.factors[index], (np.asarray(latents, np.float64) - self.means[index]).T).T

    def log_slope(self, index: int) -> float:
        """Ln of the determinant of that map, in nats."""
        return -float(np.log(np.diagonal(self.factors[index])).sum())

    def unwhiten_each(self, white: LatentRows, gamma_index: GammaIndex) -> LatentRows:
        """Inverse of ``whiten``, each with its own gamma."""
        latents = np.zeros(white.shape, np.float32)
        for index in range(len(self.gammas)):
            own = gamma_index == index
            latents[own] = self.means[index] + white[own] @ self.factors[index].T
        return latents

    def unwhiten_at(self, white: LatentRows, gamma: float) -> LatentRows:
        """Inverse of ``whiten`` at any gamma."""
        mean, factor = self.at(gamma)
        return (mean + white @ factor.T).astype(np.float32)

    def at(self, gamma: float) -> tuple[Mean, Factor]:
        """Mean and factor at any gamma: linear in ln(1 + gamma / 0.1) between those known, and beyond the last two.

        Of a factor the logarithms of its diagonal are linear, so that every covariance has one: Lin,
        "Riemannian geometry of symmetric positive definite matrices via Cholesky decomposition", SIAM J. Matrix Anal.
        Appl. (2019).
        """
        if len(self.gammas) == 1:
            return self.means[0], self.factors[0]
        places, place = place_of(self.gammas), place_of(np.array([gamma]))[0]
        low = int(np.clip(np.searchsorted(places, place) - 1, 0, len(places) - 2))
        fraction = float((place - places[low]) / (places[low + 1] - places[low]))
        logs = [_with_log_diagonal(self.factors[index]) for index in (low, low + 1)]
        mean = (1.0 - fraction) * self.means[low] + fraction * self.means[low + 1]
        return mean, _without_log_diagonal((1.0 - fraction) * logs[0] + fraction * logs[1])


def place_of(gammas: Gammas) -> Float64[np.ndarray, " gammas"]:
    """Places of gammas on a line along which heights change about evenly."""
    return np.log1p(np.asarray(gammas, np.float64) / _SMALLEST_GAMMA)


def fit_gaussians(latents: LatentRows, gamma_index: GammaIndex, gammas: Gammas) -> Gaussians:
    """Gaussian of each gamma's codes.

    Args:
        gammas: increasing; codes are identified by their index among them.

    Raises:
        InputError: codes that have no density.
    """
    check_codes(latents, gamma_index)
    means, factors = [], []
    for index in range(len(gammas)):
        own = np.asarray(latents[gamma_index == index], np.float64)
        centred = own - own.mean(axis=0)
        # So that a covariance of few codes, or of latents that never change, has a factor.
        ridge = (1e-4 * np.var(own) + 1e-12) * np.eye(own.shape[1])
        means.append(own.mean(axis=0))
        factors.append(np.linalg.cholesky(centred.T @ centred / len(own) + ridge))
    return Gaussians(np.asarray(gammas), np.stack(means), np.stack(factors))


def _with_log_diagonal(factor: Factor) -> Factor:
    return np.tril(factor, -1) + np.diag(np.log(np.diagonal(factor)))


def _without_log_diagonal(logs: Factor) -> Factor:
    return np.tril(logs, -1) + np.diag(np.exp(np.diagonal(logs)))
