"""What is so far from all normal configurations that a score of it overflows."""

import numpy as np
from jaxtyping import Array, Bool, Float, Float64

SomePositions = Float[np.ndarray | Array, "configurations particles 2"]
AnyScores = Float[np.ndarray | Array, "*any"]


def most_anomalous_where_undefined(scores: AnyScores) -> Float64[np.ndarray, "*any"]:
    """The same scores, +inf in the place of what is not a number.

    Of finite input: nan is then what is left of an overflow, and every comparison with nan is false, so that the
    most extreme of all anomalies would pass for normal.

    >>> strangest_where_undefined(np.array([1.0, np.nan])).tolist()
    [1.0, inf]
    """
    values = np.asarray(scores, np.float64)
    return np.where(np.isnan(values), np.inf, values)


def far_outside(positions: SomePositions, box_side: float) -> Bool[np.ndarray, " configurations"]:
    """Whether a particle lies farther outside the box than a whole side of it.

    Nothing displaced by less than the box gets there, so no network has an opinion on it: some overflow, some see
    all that is so far away at a wall.

    >>> far_outside(np.array([[[5.0, 5.0]], [[20.1, 5.0]]], np.float32), 10.0).tolist()
    [False, True]
    """
    values = np.asarray(positions)
    return np.asarray(np.any((values < -box_side) | (values > 2.0 * box_side), axis=(1, 2)))
