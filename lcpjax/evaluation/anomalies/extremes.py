"""Configurations so far from all normal ones that their scores overflow."""

import numpy as np
from jaxtyping import Array, Bool, Float, Float64

SomePositions = Float[np.ndarray | Array, "configurations particles 2"]
AnyScores = Float[np.ndarray | Array, "*any"]


def most_anomalous_where_undefined(scores: AnyScores) -> Float64[np.ndarray, "*any"]:
    """Scores with +inf in the place of nan.

    From finite input nan is the result of an overflow, and every comparison with nan is false, so that the most
    extreme of all anomalies would pass for normal.

    >>> most_anomalous_where_undefined(np.array([1.0, np.nan])).tolist()
    [1.0, inf]
    """
    values = np.asarray(scores, np.float64)
    return np.where(np.isnan(values), np.inf, values)


def far_outside(positions: SomePositions, box_side: float) -> Bool[np.ndarray, " configurations"]:
    """Whether some particle of each configuration lies farther outside the box than its side.

    No displacement by less than the box gets there. Scores of networks are meaningless so far out: some overflow.

    >>> far_outside(np.array([[[5.0, 5.0]], [[20.1, 5.0]]], np.float32), 10.0).tolist()
    [False, True]
    """
    values = np.asarray(positions)
    return np.asarray(np.any((values < -box_side) | (values > 2.0 * box_side), axis=(1, 2)))
