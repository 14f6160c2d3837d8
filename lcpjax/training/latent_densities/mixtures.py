"""A Gaussian mixture of full covariances for each gamma."""

from typing import Any, NamedTuple

import jax
import numpy as np

from lcpjax.array_types import PRNGKey
from lcpjax.training.latent_densities.density import (
    GammaIndex,
    LatentRows,
    NatsOfEach,
    OtherIndex,
    OtherRows,
    check_codes,
)


class Mixtures(NamedTuple):
    """By scikit-learn's expectation maximisation."""

    of_gamma: tuple[Any, ...]
    """A fitted ``GaussianMixture`` for each gamma."""

    @property
    def num_components(self) -> list[int]:
        """Number of components of each gamma."""
        return [mixture.n_components for mixture in self.of_gamma]

    def log_density_of_each(self, latents: LatentRows) -> NatsOfEach:
        """Ln p(z | gamma) in nats under every gamma, (codes, gammas)."""
        return np.stack([mixture.score_samples(np.asarray(latents, np.float64)) for mixture in self.of_gamma], axis=1)

    def draw(self, key: PRNGKey, gamma_index: GammaIndex) -> LatentRows:
        """A latent for each given gamma, (codes, latent)."""
        size = self.of_gamma[0].means_.shape[1]
        drawn = np.zeros((len(gamma_index), size), np.float32)
        random = np.random.default_rng(np.asarray(jax.random.key_data(key)))
        for index, mixture in enumerate(self.of_gamma):
            own = gamma_index == index
            components = random.choice(mixture.n_components, size=int(own.sum()), p=mixture.weights_)
            noise = random.standard_normal((components.size, size))
            # The factor of a precision P: P = F F^T, so F^-T of noise has the covariance P^-1.
            for component in np.unique(components):
                rows = np.linalg.solve(mixture.precisions_cholesky_[component].T, noise[components == component].T).T
                noise[components == component] = mixture.means_[component] + rows
            drawn[own] = noise
        return drawn


def fit_mixtures(
    latents: LatentRows,
    gamma_index: GammaIndex,
    held_out: OtherRows,
    held_out_index: OtherIndex,
    numbers: tuple[int, ...],
    seed: int = 0,
) -> Mixtures:
    """Mixture of each gamma, with the number of components that maximises the held-out density.

    Args:
        numbers: of components to try; those with fewer than two codes a component and latent are left out.
        seed: of the components' first places.

    Raises:
        InputError: codes that have no density.
    """
    check_codes(latents, gamma_index)
    return Mixtures(
        tuple(
            _fit_one(latents[gamma_index == index], held_out[held_out_index == index], numbers, seed)
            for index in range(gamma_index.max() + 1)
        )
    )


def _fit_one(codes: LatentRows, held_out: OtherRows, numbers: tuple[int, ...], seed: int) -> Any:
    from sklearn.mixture import GaussianMixture  # Takes seconds, and little else needs it.

    affordable = [number for number in numbers if len(codes) >= 2 * number * codes.shape[1]] or [min(numbers)]
    # Of the variance of the codes: what keeps a covariance from collapsing onto few of them.
    ridge = 1e-4 * float(np.var(codes))
    fitted = [
        GaussianMixture(number, reg_covar=ridge, random_state=seed).fit(np.asarray(codes, np.float64))
        for number in affordable
    ]
    if len(held_out) == 0:
        return fitted[0]
    return max(fitted, key=lambda mixture: mixture.score(np.asarray(held_out, np.float64)))
