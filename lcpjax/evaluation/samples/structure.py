"""Structure of configurations: the height profile n(y) and the pair correlation g(r), with standard errors."""

import functools
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Float64, Int32

from lcpjax.array_arguments import takes_arrays
from lcpjax.array_types import Configurations2D, Positions
from lcpjax.errors import InputError

_MOST_BLOCKS = 20
# With 8 the denominator has 17 times the pairs of the numerator at N = 30: its noise does not matter.
_MOST_SHIFTS = 8
# Configurations whose distances exist at once.
_BATCH = 64


class HeightProfile(NamedTuple):
    """Particles per unit height."""

    edges: Float64[np.ndarray, " edges"]
    """Of the bins, in sigma."""
    density: Float64[np.ndarray, " bins"]
    """n(y), in 1 / sigma; its integral is N."""
    standard_error: Float64[np.ndarray, " bins"]


class PairCorrelation(NamedTuple):
    """g(r) of an inhomogeneous fluid."""

    edges: Float64[np.ndarray, " edges"]
    """Of the bins, in sigma."""
    ratio: Float64[np.ndarray, " bins"]
    """1 for independent particles; nan where not even those are so close."""
    standard_error: Float64[np.ndarray, " bins"]


@takes_arrays
def height_profile(positions: Configurations2D, box_side: float, num_bins: int = 50) -> HeightProfile:
    """n(y) of independent configurations, with the standard error over them.

    Args:
        positions: (configurations, particles, 2), in sigma, all at one gamma; what lies outside the box is in no bin.

    Raises:
        InputError: fewer than two configurations.
    """
    if positions.shape[0] < 2:
        raise InputError(f"a height profile needs at least 2 configurations, not {positions.shape[0]}")
    counts = np.asarray(_counts_of_heights(positions, box_side, num_bins), np.float64)
    width = box_side / num_bins
    error = counts.std(axis=0, ddof=1) / len(counts) ** 0.5
    return HeightProfile(np.linspace(0.0, box_side, num_bins + 1), counts.mean(axis=0) / width, error / width)


@takes_arrays
def pair_correlation(positions: Configurations2D, longest: float, num_bins: int = 100) -> PairCorrelation:
    """g(r) of independent configurations at one gamma, exact for any box, walls and gravity.

    The fraction of distances within configurations over that between particles of different
    configurations: the latter have the same density profile and walls, and no correlation. Both
    are fractions of all their pairs, N (N - 1) / 2 and N^2, so that independent particles have 1
    whatever N. The error is a jackknife over blocks of configurations, which pair only among
    themselves, so that blocks are independent.

    Args:
        positions: (configurations, particles, 2), in sigma.
        longest: the largest distance, in sigma.

    Raises:
        InputError: fewer than four configurations, or a single particle.
    """
    num_configurations, num_particles, _ = positions.shape
    if num_configurations < 4 or num_particles < 2:
        raise InputError(
            f"g(r) needs at least 4 configurations of 2 particles, not {num_configurations} of {num_particles}"
        )
    num_blocks = min(_MOST_BLOCKS, num_configurations // 2)
    size = num_configurations // num_blocks
    num_shifts = min(_MOST_SHIFTS, size - 1)
    blocks = positions[: num_blocks * size].reshape(num_blocks, size, num_particles, 2)
    within, between = (
        np.asarray(counts, np.float64) for counts in _counts_of_distances(blocks, longest, num_bins, num_shifts)
    )
    pairs = num_particles * (num_particles - 1) / 2
    factor = num_particles**2 * num_shifts / pairs
    with np.errstate(divide="ignore", invalid="ignore"):
        whole = factor * within.sum(axis=0) / between.sum(axis=0)
        left_out = factor * (within.sum(axis=0) - within) / (between.sum(axis=0) - between)
    whole, left_out = (np.where(np.isfinite(ratio), ratio, np.nan) for ratio in (whole, left_out))
    error = np.sqrt((num_blocks - 1) * left_out.var(axis=0))
    return PairCorrelation(np.linspace(0.0, longest, num_bins + 1), whole, error)


@functools.partial(jax.jit, static_argnames=("box_side", "num_bins"))
def _counts_of_heights(
    positions: Configurations2D, box_side: float, num_bins: int
) -> Int32[Array, "configurations bins"]:
    def of_one(configuration: Positions) -> Int32[Array, " bins"]:
        heights = configuration[:, 1]
        # A particle on the upper wall belongs to the last bin.
        bins = jnp.minimum((heights * (num_bins / box_side)).astype(jnp.int32), num_bins - 1)
        bins = jnp.where((heights >= 0) & (heights <= box_side), bins, num_bins)
        return jnp.zeros(num_bins + 1, jnp.int32).at[bins].add(1)[:num_bins]

    return jax.lax.map(of_one, positions, batch_size=_BATCH)


@functools.partial(jax.jit, static_argnames=("longest", "num_bins", "num_shifts"))
def _counts_of_distances(
    blocks: Float[Array, "blocks size particles 2"], longest: float, num_bins: int, num_shifts: int
) -> tuple[Int32[Array, "blocks bins"], Int32[Array, "blocks bins"]]:
    """Distances within configurations, and between each and the next few of its block, by bin."""
    num_particles = blocks.shape[2]
    # Every pair once: a particle to itself is none.
    is_pair = jnp.triu(jnp.ones((num_particles, num_particles), bool), k=1)

    def of_two(first: Positions, second: Positions, *, counted: Array | bool) -> Int32[Array, " bins"]:
        difference = first[:, None] - second[None, :]
        distances = jnp.sqrt(jnp.sum(difference**2, axis=-1))
        bins = (distances * (num_bins / longest)).astype(jnp.int32)
        # What is farther, or not counted, falls into a bin behind the last.
        bins = jnp.where(counted & (distances < longest), bins, num_bins)
        return jnp.zeros(num_bins + 1, jnp.int32).at[bins.reshape(-1)].add(1)[:num_bins]

    def of_block(block: Configurations2D) -> tuple[Int32[Array, " bins"], Int32[Array, " bins"]]:
        def of_one(index: Array) -> tuple[Int32[Array, " bins"], Int32[Array, " bins"]]:
            partners = (index + 1 + jnp.arange(num_shifts, dtype=jnp.int32)) % block.shape[0]
            between = jax.vmap(lambda partner: of_two(block[index], block[partner], counted=True))(partners)
            return of_two(block[index], block[index], counted=is_pair), jnp.sum(between, axis=0)

        each = jax.lax.map(of_one, jnp.arange(block.shape[0], dtype=jnp.int32), batch_size=_BATCH)
        return jax.tree.map(lambda counts: jnp.sum(counts, axis=0), each)

    return jax.lax.map(of_block, blocks)
