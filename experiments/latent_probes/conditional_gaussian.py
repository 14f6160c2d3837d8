"""Codes drawn from the Gaussian of given ones, conditioned on some latents."""

import jax
import numpy as np
from jaxtyping import Float, Float64, Int

from lcpjax.array_types import PRNGKey
from lcpjax.errors import InputError

LatentRows = Float[np.ndarray, "codes latent"]
DrawnRows = Float[np.ndarray, "drawn latent"]


def draw_given(
    key: PRNGKey, codes: LatentRows, held: Int[np.ndarray, " held"], values: DrawnRows
) -> Float64[np.ndarray, "drawn latent"]:
    """Codes whose held latents are as given, the others drawn from the Gaussian of the codes given those.

    Of N(m, C) with the held latents k and the rest r: mean m_r + C_rk C_kk^-1 (v - m_k),
    covariance C_rr - C_rk C_kk^-1 C_kr. Latents that never change stay where they are.

    Args:
        codes: that mean and covariance are taken from, (codes, latent).
        held: indices of latents; none: codes are drawn from the whole Gaussian.
        values: (drawn, latent), of which only the held latents are used.

    Raises:
        InputError: an index beyond the latents, or twice.
    """
    rows, size = np.asarray(codes, np.float64), codes.shape[1]
    held = np.asarray(held, np.int64)
    if held.size and (held.min() < 0 or held.max() >= size or np.unique(held).size < held.size):
        raise InputError(f"held = {held.tolist()}: must be different latents from 0 to {size - 1}")
    mean = rows.mean(axis=0)
    covariance = (rows - mean).T @ (rows - mean) / len(rows)
    rest = np.setdiff1d(np.arange(size), held)
    slopes = covariance[np.ix_(rest, held)] @ np.linalg.pinv(covariance[np.ix_(held, held)], hermitian=True)
    left = covariance[np.ix_(rest, rest)] - slopes @ covariance[np.ix_(held, rest)]
    variances, axes = np.linalg.eigh(left)
    random = np.random.default_rng(np.asarray(jax.random.key_data(key)))
    scatter = random.standard_normal((len(values), rest.size)) * np.sqrt(np.maximum(variances, 0.0))
    drawn = np.array(values, np.float64)
    drawn[:, rest] = mean[rest] + (drawn[:, held] - mean[held]) @ slopes.T + scatter @ axes.T
    return drawn
