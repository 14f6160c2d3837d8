"""Bennett's acceptance ratio: ln(Z_b / Z_a) from samples of two distributions (J. Comput. Phys. 22, 245, 1976)."""

from typing import NamedTuple

import numpy as np
import scipy.optimize
import scipy.special
from jaxtyping import Float64

_LARGEST_LOG_RATIO = 1e4
"""ln(Z_b / Z_a) is looked for between minus this and this, in nats."""


class LogRatio(NamedTuple):
    """ln(Z_b / Z_a), and what each chain adds to its deviation from the expectation."""

    value: float
    influence_first: Float64[np.ndarray, " chains"]
    """Of each chain of a; the mean of these has the variance that a's samples give to the value."""
    influence_second: Float64[np.ndarray, " chains"]
    """Of each chain of b."""


def log_ratio(
    work_first: Float64[np.ndarray, "chains samples"], work_second: Float64[np.ndarray, "other_chains other_samples"]
) -> LogRatio:
    """ln(Z_b / Z_a) of the densities exp(-u_a) / Z_a and exp(-u_b) / Z_b; as if both had equally many samples.

    The value -c solves mean of f(work - c) over a = mean of f(c - work) over b, f(w) = 1 / (1 + exp(w)), which holds in
    expectation for any numbers of samples. Along a chain they may be correlated: errors come from chains' means.

    Args:
        work_first: u_b - u_a of samples of a; may be +inf.
        work_second: u_b - u_a of samples of b.

    Raises:
        ValueError: the two have nothing in common.
    """

    def excess(shift: float) -> float:
        return float(_fermi(work_first - shift).mean() - _fermi(shift - work_second).mean())

    shift = float(scipy.optimize.brentq(excess, -_LARGEST_LOG_RATIO, _LARGEST_LOG_RATIO, xtol=1e-9))
    of_first, of_second = _fermi(work_first - shift), _fermi(shift - work_second)
    # How fast the excess grows with the shift.
    slope = (of_first * (1.0 - of_first)).mean() + (of_second * (1.0 - of_second)).mean()
    return LogRatio(-shift, of_first.mean(axis=1) / slope, -of_second.mean(axis=1) / slope)


def _fermi(work: np.ndarray) -> np.ndarray:
    return np.asarray(scipy.special.expit(-work))
