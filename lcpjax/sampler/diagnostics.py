"""Convergence diagnostics of chains, and the effective size of long ones."""

import math
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from scipy import stats

from lcpjax.array_arguments import takes_arrays
from lcpjax.array_types import Scalar
from lcpjax.errors import InputError

LARGEST_Z = 4.3
"""Of deviations in standard errors: one is larger by chance once in sixty thousand times."""
FEWEST_SAMPLES = 8
"""Of a chain, for split R-hat."""
LARGEST_SPLIT_RHAT = 1.05
"""Of samples that mixed. 1.01 wants a hundred of each chain; a few tens of a few chains exceed it by chance."""


class LongChains(NamedTuple):
    """R-hat and effective sample size of several long chains, for one quantity."""

    split_rhat: float
    effective_sample_size: float
    """Over all chains together."""
    num_samples: int


def nested_rhat(values: Float[np.ndarray, "superchains chains"]) -> float:
    """Nested R-hat: how much the starting point still shows, for many short chains; 1 when it does not.

    sqrt(1 + B / W): B the variance of the means of superchains, W the mean
    variance within them. The chains of a superchain start from one point, so B
    keeps what they have not yet forgotten. In equilibrium it exceeds 1 by about
    1 / (2 chains) all the same. Margossian et al., "Nested R-hat", Bayesian
    Analysis (2024), with one sample of each chain.

    Raises:
        InputError: fewer than two superchains, or fewer than two chains in each.
    """
    if min(values.shape) < 2:
        raise InputError(f"nested R-hat needs at least 2 superchains of 2 chains, not {values.shape}")
    within = float(np.mean(np.var(values, axis=1, ddof=1)))
    between = float(np.var(np.mean(values, axis=1), ddof=1))
    if within == 0:
        return 1.0 if between == 0 else math.inf
    return math.sqrt(1.0 + between / within)


def drift_in_standard_errors(early: Float[np.ndarray, " chains"], late: Float[np.ndarray, " chains"]) -> float:
    """Shift of the mean over chains between two snapshots, in standard errors.

    Of the difference in each chain, so that what a chain keeps cancels.

    Raises:
        InputError: fewer than two chains.
    """
    if len(early) < 2:
        raise InputError(f"a drift needs at least 2 chains, not {len(early)}")
    moved = np.asarray(late, np.float64) - np.asarray(early, np.float64)
    error = moved.std(ddof=1) / math.sqrt(len(moved))
    if error == 0:
        return 0.0 if moved.mean() == 0 else math.inf
    return float(moved.mean() / error)


def largest_t(num_chains: int) -> float:
    """Deviation in estimated standard errors that is as improbable as a normal one of ``LARGEST_Z``.

    The quantile of Student's t with chains - 1 degrees of freedom, for the standard error comes from the same chains:
    P(|t| > largest_t) = P(|z| > LARGEST_Z). Never below ``LARGEST_Z``, which it tends to.

    Raises:
        InputError: fewer than two chains.

    >>> [round(largest_t(number), 1) for number in (2, 6, 256)]
    [37273.2, 16.1, 4.4]
    """
    if num_chains < 2:
        raise InputError(f"a standard error needs at least 2 chains, not {num_chains}")
    return float(stats.t.isf(stats.norm.sf(LARGEST_Z), num_chains - 1))


@takes_arrays
def long_chains(values: Float[np.ndarray, "chains samples"]) -> LongChains:
    """Split R-hat and effective sample size of chains sampled repeatedly.

    Each chain is cut in two, so that one that still drifts disagrees with
    itself. Gelman et al., "Bayesian Data Analysis" (2013), section 11.4; by
    ``blackjax.diagnostics``.

    Raises:
        InputError: fewer than 8 samples a chain.
    """
    num_chains, num_samples = values.shape
    half = num_samples // 2
    if num_samples < FEWEST_SAMPLES:
        raise InputError(f"split R-hat needs at least {FEWEST_SAMPLES} samples a chain, not {num_samples}")
    # Centred first: the variances are sums of squares in float32.
    centred = jnp.asarray(values - values.mean(), jnp.float32)
    with jax.numpy_rank_promotion("allow"), jax.numpy_dtype_promotion("standard"):
        rhat, size = _rhat_and_size(centred, jnp.concatenate([centred[:, :half], centred[:, -half:]]))
    return LongChains(float(rhat), float(size), num_chains * num_samples)


@jax.jit
def _rhat_and_size(
    whole: Float[Array, "chains samples"], halves: Float[Array, "parts samples_of_part"]
) -> tuple[Scalar, Scalar]:
    # Importing blackjax computes, and a program of several processes must not before it has met the others.
    from blackjax.diagnostics import effective_sample_size, potential_scale_reduction

    # The effective size wants at least two chains.
    return potential_scale_reduction(halves), effective_sample_size(whole if whole.shape[0] > 1 else halves)
