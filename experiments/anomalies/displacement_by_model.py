"""Posterior probability that each particle was displaced, by a model's density with each of them moved back.

The exact ratio (``displacement_ratio``) with a model's density in the fluid's place, for displaced particles that do
not interact: r_i = <p(x with i moved) / p(x)> over steps of up to the largest that is suspected.
"""

import functools
import math
from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Float64

from lcpjax.array_arguments import takes_arrays
from lcpjax.array_types import Configurations2D, Nats, Positions
from lcpjax.dataset.perturbed_sets import reflected
from lcpjax.evaluation.anomalies.displacement_ratio import Displacement, log_symmetric, probability_of_each, ring_steps
from lcpjax.system import System
from lcpjax.system.box import inside_box

# Larger than any other gain in nats; sums of several are still numbers in float32.
_CERTAIN = 1e30

LogDensity = Callable[[Configurations2D], Nats]


class DisplacementByModel(NamedTuple):
    """Likelihood ratio of each configuration, and the probability of each particle."""

    log_ratio: Float64[np.ndarray, " configurations"]
    """Ln p'(x) / p(x) of the model, in nats."""
    probability: Float64[np.ndarray, "configurations particles"]
    """That each particle was displaced, if some were."""


@takes_arrays
def displacement_by_model(
    log_density: LogDensity, system: System, positions: Configurations2D, displacement: Displacement, num_nodes: int
) -> DisplacementByModel:
    """Ln of a model's density after displacements over that before, and the probability of each particle.

    A density that overflows counts as 0. Evaluates particles x nodes densities of each configuration.

    Args:
        log_density: ln p in nats of (batch, particles, 2) in sigma, in any order; any constant may be left out.
        displacement: that is suspected.
        num_nodes: steps tried for each particle, at least 4: rings of as many lengths as leaves each of them four
            times as many angles. With the fluid's own density 4 do as well as 128.
    """
    num_lengths = max(math.isqrt(num_nodes // 4), 1)
    steps = ring_steps(displacement.largest_step, num_lengths, num_nodes // num_lengths)
    ratios = [_log_r(log_density, system, each, steps, displacement) for each in positions]
    result = _of_all(jnp.asarray(np.stack(ratios), jnp.float32), displacement.num_displaced)
    return DisplacementByModel(*(np.asarray(each, np.float64) for each in result))


def _log_r(
    log_density: LogDensity,
    system: System,
    positions: Positions,
    steps: Float[Array, "nodes 2"],
    displacement: Displacement,
) -> np.ndarray:
    moved = _moved(positions, steps, system.box_side, displacement)
    densities = np.asarray(log_density(jnp.concatenate([positions[None], moved])), np.float64)
    densities = np.where(np.isnan(densities), -np.inf, densities)
    # From 0 to 0 nothing is gained, from 0 to more than 0 the largest gain.
    with np.errstate(invalid="ignore"):
        gains = (densities[1:] - densities[0]).reshape(len(positions), -1)
    gains = np.where(np.isnan(gains), 0.0, np.minimum(gains, _CERTAIN))
    return np.logaddexp.reduce(gains, axis=1) - math.log(gains.shape[1])


@functools.partial(jax.jit, static_argnames=("box_side", "displacement"))
def _moved(
    positions: Positions, steps: Float[Array, "nodes 2"], box_side: float, displacement: Displacement
) -> Float[Array, "moves particles 2"]:
    """The configuration with each particle in turn moved by each step; walls reflect, or let nothing pass."""
    is_moved = jnp.eye(len(positions))[:, None, :, None]
    moved = positions[None, None] + is_moved * steps[None, :, None]
    inside = reflected(moved, box_side) if displacement.stays_inside else jnp.clip(moved, 0.0, box_side)
    # Others that are outside the box stay there.
    stays = ~is_moved.astype(bool) & ~inside_box(positions, box_side)[None, None, :, None]
    return jnp.where(stays, positions[None, None], inside).reshape(-1, *positions.shape)


@functools.partial(jax.jit, static_argnames="num_displaced")
def _of_all(
    log_r: Float[Array, "configurations particles"], num_displaced: int
) -> tuple[Float[Array, " configurations"], Float[Array, "configurations particles"]]:
    number = log_r.shape[1]
    ratio = jax.vmap(lambda each: log_symmetric(each, num_displaced)[-1, -1])(log_r)
    each = jax.vmap(lambda one: probability_of_each(one, num_displaced))(log_r)
    return ratio - math.log(math.comb(number, num_displaced)), each
