"""Density ratio of two sets of configurations, from a few observables."""

import numpy as np
from jaxtyping import Bool, Float, Float64

from lcpjax.errors import InputError

RealRows = Float[np.ndarray, "real features"]
MadeRows = Float[np.ndarray, "made features"]

# The ratio is 0 beyond the range of the real features, widened by this fraction at both ends.
_MARGIN = 0.1
# Quantile at which ratios are cut: a few large ones would else reject nearly all draws.
_HIGHEST = 0.98


class RatioError(InputError):
    """Too few configurations to compare."""


def density_ratio(real: RealRows, made: MadeRows) -> Float64[np.ndarray, " made"]:
    """P / q at each generated row, p the density of the real features and q that of the generated ones.

    By logistic regression on the features, their squares and products: with as many of
    both the odds are the ratio. 0 beyond the range of the real ones. Azadi et al.,
    "Discriminator rejection sampling", ICLR (2019).

    Args:
        real: observables, (configurations, features).
        made: those of generated configurations; rows that are not finite have ratio 0.

    Raises:
        RatioError: fewer than ten real configurations, or generated ones in their range.
    """
    from sklearn.linear_model import LogisticRegression  # Takes seconds, and little else needs it.

    lowest, highest = real.min(axis=0), real.max(axis=0)
    margin = _MARGIN * (highest - lowest)
    among = np.all(np.isfinite(made) & (made >= lowest - margin) & (made <= highest + margin), axis=1)
    if min(len(real), among.sum()) < 10:
        raise RatioError(
            f"{len(real)} real configurations and {among.sum()} generated in their range: a ratio needs 10 of both"
        )
    rows_of_real, rows_of_made = (_quadratic(rows, real) for rows in (real, made[among]))
    labels = np.repeat([1, 0], [len(rows_of_real), len(rows_of_made)])
    odds = LogisticRegression(max_iter=1000).fit(np.concatenate([rows_of_real, rows_of_made]), labels)
    ratios = np.zeros(len(made))
    # q is the density of all generated rows, not of those in range alone.
    ratios[among] = np.exp(odds.decision_function(rows_of_made)) * len(made) / len(rows_of_real)
    return ratios


def kept_by_rejection(random: np.random.Generator, ratios: Float[np.ndarray, " made"]) -> Bool[np.ndarray, " made"]:
    """Rejection sampling of p from q: whether each row is kept, with probability ratio / largest.

    The largest is the 98th percentile of the ratios above 0.

    Raises:
        RatioError: all are 0.
    """
    if not (ratios > 0).any():
        raise RatioError(f"ratios: none of {len(ratios)} is above 0; nothing would be kept")
    return random.uniform(size=len(ratios)) < ratios / np.quantile(ratios[ratios > 0], _HIGHEST)


def _quadratic(rows: np.ndarray, real: RealRows) -> np.ndarray:
    scaled = (np.asarray(rows, np.float64) - real.mean(axis=0)) / real.std(axis=0)
    first, second = np.triu_indices(scaled.shape[1])
    return np.concatenate([scaled, scaled[:, first] * scaled[:, second]], axis=1)
