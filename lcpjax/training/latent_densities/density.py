"""Densities of latents given gamma, fitted to the codes of a trained model, in place of its prior."""

import math
from typing import Protocol, runtime_checkable

import jax
import numpy as np
from jaxtyping import Float, Float64, Int

from lcpjax.array_types import PRNGKey
from lcpjax.errors import InputError

LatentRows = Float[np.ndarray, "codes latent"]
GammaIndex = Int[np.ndarray, " codes"]
OtherRows = Float[np.ndarray, "others latent"]
OtherIndex = Int[np.ndarray, " others"]
NatsOfEach = Float64[np.ndarray, "codes gammas"]


@runtime_checkable
class LatentDensity(Protocol):
    """p(z | gamma) of gammas given by index, from the smallest."""

    def log_density_of_each(self, latents: LatentRows) -> NatsOfEach:
        """Ln p(z | gamma) in nats under every gamma, (codes, gammas)."""
        ...

    def draw(self, key: PRNGKey, gamma_index: GammaIndex) -> LatentRows:
        """A latent for each given gamma, (codes, latent)."""
        ...


@runtime_checkable
class DensityOfAnyGamma(LatentDensity, Protocol):
    """p(z | gamma) of every gamma, including those without codes."""

    def draw_at(self, key: PRNGKey, gamma: float, number: int) -> LatentRows:
        """Latents at any gamma, (number, latent)."""
        ...


class StandardDensity:
    """N(0, I) for every gamma: the prior of the KL term."""

    def __init__(self, latent_dim: int, num_gammas: int) -> None:
        self._latent_dim, self._num_gammas = latent_dim, num_gammas

    def log_density_of_each(self, latents: LatentRows) -> NatsOfEach:
        """Ln p(z) in nats, the same for every gamma."""
        rows = np.asarray(latents, np.float64)
        nats = -0.5 * (rows**2).sum(axis=1) - 0.5 * self._latent_dim * math.log(2 * math.pi)
        return np.repeat(nats[:, None], self._num_gammas, axis=1)

    def draw(self, key: PRNGKey, gamma_index: GammaIndex) -> LatentRows:
        """A latent for each given gamma."""
        return np.asarray(jax.random.normal(key, (len(gamma_index), self._latent_dim)))


def check_codes(latents: LatentRows, gamma_index: GammaIndex) -> None:
    """Refuse codes without a density.

    Raises:
        InputError: some not finite, or a gamma with fewer than two codes.
    """
    if not np.isfinite(latents).all():
        raise InputError("latents: some are not finite; they have no density")
    numbers = np.bincount(gamma_index)
    if numbers.size == 0 or numbers.min() < 2:
        raise InputError(f"latents: {numbers.tolist()} codes of each gamma; a density needs at least 2 of each")
