"""How far a check's measured value moves if temperature or pair energy are slightly wrong, and the smallest error seen.

By linear response, from the correct chains themselves: a temperature T (1 + a) moves the mean of any A by
a cov(A, U) / T, a pair energy (1 + b) times too strong by - b cov(A, pair energy) / T.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float64

from lcpjax.sampler.diagnostics import LARGEST_Z

_POWER_DEVIATE = 1.645
"""A shift of the limit and so many standard errors passes the limit with 95 % probability."""
_SEEN = 3.0
"""A change below so many of its own standard errors is none."""


class Change(NamedTuple):
    """Change of a measured value per relative error of a quantity."""

    value: float
    standard_error: float = 0.0

    @property
    def is_known(self) -> bool:
        """Whether it is larger than its own error."""
        return abs(self.value) > _SEEN * self.standard_error


class Sensitivity(NamedTuple):
    """What a check measures if something is slightly wrong, and how far single chains scatter."""

    temperature: Change
    """Per relative error of T."""
    strength: Change
    """Per relative error of the pair energy."""
    spread: float = math.nan
    """Standard deviation: the standard error is this over the square root of the number of chains."""
    reference_error: float = 0.0
    """Standard error of the value that is compared with; no number of chains makes it smaller."""

    @classmethod
    def exact(cls, temperature: float, strength: float) -> "Sensitivity":
        """Changes that are known without statistical error."""
        return cls(Change(temperature), Change(strength))

    def smallest_error(self, change: Change, num_chains: int) -> float:
        """Relative error that passes the limit with 95 % probability; nan if the change is not known."""
        if not change.is_known or not math.isfinite(change.value):
            return math.nan
        error = math.hypot(self.spread / math.sqrt(num_chains), self.reference_error)
        return (LARGEST_Z + _POWER_DEVIATE) * error / abs(change.value)


def linear_response(
    temperature: float,
    values: Float64[np.ndarray, " chains"],
    pair_energy: Float64[np.ndarray, " chains"],
    energy: Float64[np.ndarray, " chains"],
    reference_error: float = 0.0,
) -> Sensitivity:
    """Sensitivity of the mean of a value.

    Args:
        temperature: in epsilon / k_B.
        values: one of each chain.
        pair_energy: in epsilon.
        energy: with gravity, in epsilon.
    """
    with np.errstate(invalid="ignore", over="ignore"):
        hotter = _covariance(values, energy, 1.0 / temperature)
        stronger = _covariance(values, pair_energy, -1.0 / temperature)
        return Sensitivity(hotter, stronger, float(values.std(ddof=1)), reference_error)


def _covariance(first: Float64[np.ndarray, " chains"], second: Float64[np.ndarray, " chains"], factor: float) -> Change:
    products = factor * (first - first.mean()) * (second - second.mean())
    return Change(float(products.mean()), float(products.std()) / math.sqrt(products.size))


def of_weighted_mean(sensitivities: Sequence[Sensitivity], weights: Sequence[float]) -> Sensitivity:
    """Sensitivity of a weighted mean of independent values.

    Args:
        weights: their sum is 1.
    """

    def change(each: Sequence[Change]) -> Change:
        value = sum(weight * one.value for weight, one in zip(weights, each, strict=True))
        return Change(value, _root_of_squares(weights, [one.standard_error for one in each]))

    return Sensitivity(
        change([each.temperature for each in sensitivities]),
        change([each.strength for each in sensitivities]),
        _root_of_squares(weights, [each.spread for each in sensitivities]),
        _root_of_squares(weights, [each.reference_error for each in sensitivities]),
    )


def _root_of_squares(weights: Sequence[float], values: Sequence[float]) -> float:
    return math.hypot(*(weight * value for weight, value in zip(weights, values, strict=True)))
