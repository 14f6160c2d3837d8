"""Score for gravity outside the training range: the reading of sum y from codes."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Float64

from lcpjax.array_arguments import takes_arrays
from lcpjax.errors import InputError
from lcpjax.evaluation.anomalies.extremes import most_anomalous_where_undefined

Codes = Float[np.ndarray, "codes latent"]
OtherCodes = Float[np.ndarray, "configurations latent"]
Normal = Float[np.ndarray, " codes"]


class HeightReading(NamedTuple):
    """Linear reading of sum y from codes, and its values for normal ones."""

    weights: Float64[np.ndarray, " latent"]
    offset: float
    """In sigma."""
    normal: Float64[np.ndarray, " codes"]
    """Readings of normal codes, rising, in sigma."""

    @takes_arrays
    def sums_of_heights(self, codes: OtherCodes) -> Float64[np.ndarray, " configurations"]:
        """Sum y read from codes, in sigma.

        Raises:
            InputError: codes of another number of latents.
        """
        if codes.shape[1] != len(self.weights):
            raise InputError(f"codes: of {codes.shape[1]} latents; those read so far had {len(self.weights)}")
        return np.asarray(codes, np.float64) @ self.weights + self.offset

    @takes_arrays
    def anomaly_score(self, codes: OtherCodes) -> Float64[np.ndarray, " configurations"]:
        """Minus ln of the fraction of normal codes that are at least as far out on the same side, in nats, or +inf."""
        with np.errstate(invalid="ignore", over="ignore"):
            number, sums = len(self.normal), self.sums_of_heights(codes)
        below = (np.searchsorted(self.normal, sums, side="right") + 1.0) / (number + 2.0)
        above = (number - np.searchsorted(self.normal, sums, side="left") + 1.0) / (number + 2.0)
        # Beyond all normal codes ranks are exhausted: the distance to them is added.
        scatter = max(float(self.normal.std()), 1e-12)
        beyond = np.maximum(self.normal[0] - sums, 0.0) + np.maximum(sums - self.normal[-1], 0.0)
        return most_anomalous_where_undefined(-np.log(np.minimum(below, above)) + beyond / scatter)


@takes_arrays
def learn_heights(codes: Codes, sums_of_heights: Normal) -> HeightReading:
    """Linear regression of sum y on normal codes.

    Args:
        codes: (codes, latent).
        sums_of_heights: of the same configurations, in sigma.

    Raises:
        InputError: no more codes than latents, or some that are not finite.
    """
    rows = np.hstack([np.asarray(codes, np.float64), np.ones((len(codes), 1))])
    if len(rows) <= rows.shape[1]:
        raise InputError(f"codes: {len(rows)} of {rows.shape[1] - 1} latents; a regression needs more")
    if not (np.isfinite(rows).all() and np.isfinite(sums_of_heights).all()):
        raise InputError("codes, sums_of_heights: some are not finite; a regression needs numbers")
    weights = np.linalg.lstsq(rows, np.asarray(sums_of_heights, np.float64), rcond=None)[0]
    return HeightReading(weights[:-1], float(weights[-1]), np.sort(rows @ weights))
