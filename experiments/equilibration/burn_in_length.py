"""Burn-in length: the sweep from which the mean over chains stays at its equilibrium value."""

import numpy as np
from jaxtyping import Float64, Int

TOLERANCE = 0.15
"""In equilibrium standard deviations: 2 standard errors of 180 chains, so that it means the same for any number."""


def converged_from(
    sweeps: Int[np.ndarray, " snapshots"],
    values: Float64[np.ndarray, "snapshots chains"],
    long_run_mean: float,
    long_run_spread: float,
) -> float:
    """Number of sweeps from which the mean over chains stays within ``TOLERANCE`` of its long-run value.

    nan if it does not at the last snapshot. With fewer than about 1,000 chains
    chance alone may carry a late snapshot out again.

    Args:
        sweeps: increasing, of each snapshot.
        long_run_spread: the standard deviation of one chain's value.

    >>> converged_from(np.array([1, 10, 100]), np.array([[9.0, 11.0], [1.0, -1.0], [0.1, 0.0]]), 0.0, 1.0)
    10.0
    """
    with np.errstate(invalid="ignore"):  # Overlapping starts have infinite energies.
        is_off = ~(np.abs(values.mean(axis=1) - long_run_mean) <= TOLERANCE * long_run_spread)
    if not is_off.any():
        return float(sweeps[0])
    first = int(np.flatnonzero(is_off)[-1]) + 1
    return float(sweeps[first]) if first < len(sweeps) else float("nan")
