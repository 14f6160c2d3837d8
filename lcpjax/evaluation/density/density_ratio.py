"""How much rarer or commoner some configurations are than they should be, told by a few observables."""

import numpy as np
from jaxtyping import Bool, Float, Float64

from lcpjax.array_arguments import takes_arrays
from lcpjax.errors import InputError

RealRows = Float[np.ndarray, "real features"]
MadeRows = Float[np.ndarray, "made features"]

# Beyond what any real one has by this share of their range nothing is kept: the ratio there is 0.
_MARGIN = 0.1
# Of the ratios, above which they are cut: a few rare ones would else cost nearly all draws.
_HIGHEST = 0.98


class RatioError(InputError):
    """Too few configurations to compare."""


@takes_arrays
def density_ratio(real: RealRows, made: MadeRows) -> Float64[np.ndarray, " made"]:
    """P / q at each of what was made, p the density of the real ones' features and q that of what was made.

    By logistic regression on the features, their squares and products: with as many of
    both the odds are the ratio. 0 beyond all real ones. Azadi et al., "Discriminator
    rejection sampling", ICLR (2019).

    Args:
        real: observables, (configurations, features).
        made: the same of what was made; not finite ones have the ratio 0.

    Raises:
        RatioError: fewer than ten real ones, or of those that lie among them.
    """
    from sklearn.linear_model import LogisticRegression  # Takes seconds, and little else needs it.

    lowest, highest = real.min(axis=0), real.max(axis=0)
    margin = _MARGIN * (highest - lowest)
    among = np.all(np.isfinite(made) & (made >= lowest - margin) & (made <= highest + margin), axis=1)
    if min(len(real), among.sum()) < 10:
        raise RatioError(f"{len(real)} real configurations and {among.sum()} made among them: a ratio needs 10 of both")
    own, other = (_quadratic(rows, real) for rows in (real, made[among]))
    labels = np.repeat([1, 0], [len(own), len(other)])
    odds = LogisticRegression(max_iter=1000).fit(np.concatenate([own, other]), labels)
    ratios = np.zeros(len(made))
    # Of all that was made, not of what lies among the real ones alone.
    ratios[among] = np.exp(odds.decision_function(other)) * len(made) / len(own)
    return ratios


@takes_arrays
def kept_by_rejection(random: np.random.Generator, ratios: Float[np.ndarray, " made"]) -> Bool[np.ndarray, " made"]:
    """Which of what was made to keep so that the kept follow p: each with its ratio over the largest.

    Ratios above the 98th percentile of those above 0 count as that.

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
