"""The barometric law: heights between two walls with a density proportional to exp(-rate * height).

One particle in gravity has rate gamma / T, in 1 / sigma. Everything in float64,
and uniform where the rate is 0.
"""

from typing import TypeAlias

import numpy as np
from jaxtyping import Float64

Values: TypeAlias = Float64[np.ndarray, "..."]
"""Any shape; shapes broadcast as in NumPy."""
Numbers: TypeAlias = Values | float

# Below this rate * side the difference of two large terms loses more digits than the series leaves out.
_SMALL = 1e-4


def height_integral(rate: Numbers, side: Numbers) -> Values:
    """Integral of exp(-rate * height) from 0 to ``side``, in sigma.

    >>> height_integral(np.array([0.0, 1.0]), 2.0).round(4).tolist()
    [2.0, 0.8647]
    """
    exponent = rate * side
    small = np.abs(exponent) < _SMALL
    safe = np.where(small, 1.0, exponent)
    return np.asarray(side * np.where(small, 1.0 - exponent / 2.0 + exponent**2 / 6.0, -np.expm1(-safe) / safe))


def mean_height(rate: Numbers, side: Numbers) -> Values:
    """1 / rate - side / (exp(rate * side) - 1), in sigma.

    >>> mean_height(np.array([0.0, 1.0]), 10.0).round(4).tolist()
    [5.0, 0.9995]
    """
    exponent = rate * side
    small = np.abs(exponent) < _SMALL
    safe = np.where(small, 1.0, exponent)
    # exp(-t) / (1 - exp(-t)): where t is large, exp(t) would overflow.
    fraction = 1.0 / safe + np.exp(-safe) / np.expm1(-safe)
    return np.asarray(side * np.where(small, 0.5 - exponent / 12.0, fraction))


def fraction_below(height: Numbers, rate: Numbers, side: Numbers) -> Values:
    """Probability to be below a height; 1 above the upper wall, 0 below the lower."""
    return np.asarray(height_integral(rate, np.clip(height, 0.0, side)) / height_integral(rate, side))


def height_of_fraction(fraction: Numbers, rate: Numbers, side: Numbers) -> Values:
    """Height, in sigma, below which a fraction of the probability lies: the inverse of ``fraction_below``."""
    exponent = rate * side
    small = np.abs(exponent) < _SMALL
    safe = np.where(small, 1.0, exponent)
    # To second order, where it is nearly uniform.
    nearly_uniform = fraction * (1.0 - exponent * (1.0 - fraction) / 2.0)
    return np.asarray(side * np.where(small, nearly_uniform, -np.log1p(fraction * np.expm1(-safe)) / safe))
