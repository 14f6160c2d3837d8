"""Detection of anomalies by a score: AUROC, AUPR and false positives, with bootstrap intervals."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Float64, Int

from lcpjax.array_arguments import takes_arrays
from lcpjax.errors import InputError
from lcpjax.sampler.streams import Seed

NormalScores = Float[np.ndarray, " normal"]
AnomalousScores = Float[np.ndarray, " anomalous"]
Resampled = Float64[np.ndarray, " resamples"]

_INTERVAL = (0.025, 0.975)


class Quality(NamedTuple):
    """One figure of merit."""

    value: float
    low: float
    """Of its bootstrap interval of 95 %."""
    high: float
    resampled: Resampled
    """Of each resample; those of two scores of the same configurations correspond."""

    @property
    def error(self) -> float:
        """Its standard error."""
        return float(self.resampled.std(ddof=1))


class Detection(NamedTuple):
    """Figures of merit of a score, larger for more anomalous configurations."""

    auroc: Quality
    """The probability that an anomaly scores higher than a normal configuration; ties count half. 0.5: by chance."""
    aupr: Quality
    """Average precision of finding anomalies; by chance their fraction."""
    false_positive_rate: Quality
    """Of normal configurations at the threshold that finds 95 % of anomalies; by chance 0.95."""


@takes_arrays
def detect(
    normal: NormalScores,
    anomalous: AnomalousScores,
    num_resamples: int = 400,
    *,
    normal_unit: Int[np.ndarray, " normal"] | None = None,
    anomalous_unit: Int[np.ndarray, " anomalous"] | None = None,
) -> Detection:
    """The three figures of merit of a score, with intervals.

    Independent units are resampled, always by the same random numbers, so that the common scatter
    of scores of the same configurations cancels in their differences.

    Args:
        normal: scores, of any range; +-inf is allowed.
        anomalous: scores.
        num_resamples: at least 2.
        normal_unit: of each score the number of its unit, from 0 on: what is not independent has the same, such as a
            configuration before and after a perturbation, or its particles. None: each is a unit of its own.
        anomalous_unit: likewise, in the same numbers; both or neither.

    Raises:
        InputError: no score of a kind, some that are not numbers, too few resamples, or units of one kind alone.

    >>> result = detect(np.array([0.0, 1.0]), np.array([1.0, 2.0]))
    >>> result.auroc.value
    0.875
    """
    _check(normal, anomalous, num_resamples, units_of_both=(normal_unit is None) == (anomalous_unit is None))
    random = np.random.default_rng(Seed.EVALUATION)
    if normal_unit is None or anomalous_unit is None:
        counts = [_with_all(random, len(scores), num_resamples) for scores in (normal, anomalous)]
    else:
        number = int(max(normal_unit.max(), anomalous_unit.max())) + 1
        of_units = _with_all(random, number, num_resamples)
        counts = [of_units[:, normal_unit], of_units[:, anomalous_unit]]
    return Detection(*(_quality(values) for values in _curves(normal, anomalous, *counts)))


def _check(normal: NormalScores, anomalous: AnomalousScores, num_resamples: int, *, units_of_both: bool) -> None:
    if not units_of_both:
        raise InputError("normal_unit, anomalous_unit: both or neither")
    if num_resamples < 2:
        raise InputError(f"num_resamples = {num_resamples}: must be at least 2")
    for name, scores in (("normal", normal), ("anomalous", anomalous)):
        if not len(scores) or np.isnan(scores).any():
            raise InputError(f"{name}: {len(scores)} scores, {int(np.isnan(scores).sum())} of them not numbers")


def _with_all(random: np.random.Generator, number: int, num_resamples: int) -> Int[np.ndarray, "resamples number"]:
    """Count of each: once, then in every resample."""
    resampled = random.multinomial(number, np.full(number, 1.0 / number), size=num_resamples)
    return np.concatenate([np.ones((1, number), resampled.dtype), resampled])


def _quality(values: Float64[np.ndarray, " all"]) -> Quality:
    low, high = np.quantile(values[1:], _INTERVAL)
    return Quality(float(values[0]), float(low), float(high), values[1:])


def _curves(
    normal: np.ndarray, anomalous: np.ndarray, normal_counts: np.ndarray, anomalous_counts: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Each figure of each resample, from the counts above every threshold, the highest first."""
    scores = np.concatenate([normal, anomalous]).astype(np.float64)
    order = np.argsort(-scores, kind="stable")
    # Of equal scores only the last has a threshold below it.
    ends = np.append(scores[order][:-1] != scores[order][1:], True)
    is_anomalous = (order >= len(normal))[None]
    counts = np.concatenate([normal_counts, anomalous_counts], axis=1)[:, order]
    detected, false = (
        np.pad(np.cumsum(np.where(kind, counts, 0), axis=1)[:, ends], ((0, 0), (1, 0))).astype(np.float64)
        for kind in (is_anomalous, ~is_anomalous)
    )
    precision = detected[:, 1:] / np.maximum(detected[:, 1:] + false[:, 1:], 1.0)
    # Of units of several scores not every resample has as many.
    detected, false = detected / np.maximum(detected[:, -1:], 1.0), false / np.maximum(false[:, -1:], 1.0)
    auroc = np.sum(np.diff(false, axis=1) * 0.5 * (detected[:, 1:] + detected[:, :-1]), axis=1)
    aupr = np.sum(np.diff(detected, axis=1) * precision, axis=1)
    # A rounding error must not ask for one more.
    first = np.argmax(detected >= 0.95 - 1e-9, axis=1)
    return auroc, aupr, false[np.arange(len(false)), first]
