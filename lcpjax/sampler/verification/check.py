"""One comparison of a sampler with an exact result, in standard errors."""

import math
from typing import NamedTuple, TypeAlias

import numpy as np
from jaxtyping import Float64, Int

from lcpjax.sampler.diagnostics import LARGEST_Z
from lcpjax.sampler.verification.sensitivity import Sensitivity
from lcpjax.system import System

SMALLEST_EFFECTIVE_SAMPLE_SIZE = 100
"""With fewer independent chains a standard error is not known well enough for ``LARGEST_Z``; such a check fails."""

ChainValues: TypeAlias = Float64[np.ndarray, " chains"]
"""One number a chain."""


class Subject(NamedTuple):
    """Chains that a check is about; checks of different subjects share no random number."""

    kind: str
    """How the chains were made: independent, or in turn with gamma."""
    system: System
    sampler_name: str
    """Order of its sweeps, and its moves where they are not the default ones."""


class Check(NamedTuple):
    """Measured value, exact value, and their difference in standard errors."""

    subject: Subject
    name: str
    """Of the quantity, with its unit."""
    gamma: str
    """The gamma, or the gammas, of the chains that were used."""
    measured: float
    exact: float
    standard_error: float
    effective_sample_size: int
    """Number of chains: each gives one independent value."""
    z: float
    """Equivalent standard normal deviate."""
    sensitivity: Sensitivity | None = None
    """To small errors of temperature and pair energy, where known."""

    @property
    def has_failed(self) -> bool:
        """Whether it deviates too far, has too few chains, or is not a number."""
        return not (abs(self.z) < LARGEST_Z and self.effective_sample_size >= SMALLEST_EFFECTIVE_SAMPLE_SIZE)


def check_mean(subject: Subject, name: str, gamma: str, values: ChainValues, exact: float) -> Check:
    """Mean over chains against its exact value.

    Args:
        values: one of each chain; their spread gives the standard error.
    """
    with np.errstate(invalid="ignore"):  # A sampler gone wrong may hand over infinities.
        measured, error = float(values.mean()), float(values.std(ddof=1)) / math.sqrt(values.size)
    z = (measured - exact) / error if error > 0 else math.nan
    return Check(subject, name, gamma, measured, exact, error, values.size, z)


def check_histogram(
    subject: Subject,
    name: str,
    gamma: str,
    counts: Int[np.ndarray, " bins"],
    probabilities: Float64[np.ndarray, " bins"],
) -> Check:
    """Pearson's chi squared per degree of freedom against 1.

    Its deviate is that of Wilson and Hilferty, Proc. Natl. Acad. Sci. 17, 684
    (1931): the cube root of chi squared is nearly normal. So it is not measured
    minus exact over the standard error, which would ignore the skewness.
    """
    num_chains, freedom = int(counts.sum()), counts.size - 1
    expected = num_chains * probabilities
    ratio = float(np.sum((counts - expected) ** 2 / expected)) / freedom
    spread = 2.0 / (9.0 * freedom)
    z = (ratio ** (1.0 / 3.0) - (1.0 - spread)) / math.sqrt(spread)
    return Check(subject, name, gamma, ratio, 1.0, math.sqrt(2.0 / freedom), num_chains, z)


def num_bins(num_chains: int) -> int:
    """Number of histogram bins for so many values: at least 16 expected in each, at most 32 bins."""
    return max(min(32, num_chains // 16), 2)
