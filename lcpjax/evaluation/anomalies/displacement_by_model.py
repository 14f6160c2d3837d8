"""Likelihood ratio of displaced particles by a learned density, evaluated with each particle moved back.

The exact ratio (``displacement_ratio``) with a model's density in the fluid's place, for displaced particles that do
not interact: r_i = <p(x with i moved) / p(x)> over steps of up to the largest that is suspected. Walls are known, not
learned: no particle comes from outside the box, and one that lies outside was displaced for certain.
"""

import functools
import math
from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Float64

from lcpjax.array_arguments import takes_arrays
from lcpjax.array_types import Configurations2D, Nats, Positions
from lcpjax.dataset.perturbed_sets import Displacement, reflected
from lcpjax.errors import InputError
from lcpjax.evaluation.anomalies.displacement_ratio import OUTSIDE, ring_steps
from lcpjax.evaluation.anomalies.subsets import log_symmetric, probability_of_each
from lcpjax.system import System
from lcpjax.system.box import inside_box

NUM_NODES = 4
"""Places that each particle is tried at: the fewest there can be, one in each direction.

With the fluid's own density, steps of up to 0.5 sigma and four particles displaced, they lose nothing against 288.
"""

# Larger than any other gain in nats; sums of several are still numbers in float32.
_CERTAIN = 1e30

LogDensity = Callable[[Configurations2D], Nats]


class DisplacementByModel(NamedTuple):
    """Likelihood ratio of each configuration, and the probability of each particle."""

    log_ratio: Float64[np.ndarray, " configurations"]
    """Ln p'(x) / p(x) of the model, in nats; at least 900 where a particle is outside the box."""
    probability: Float64[np.ndarray, "configurations particles"]
    """That each particle was displaced, if some were."""


class PlacesTried(NamedTuple):
    """What a density gains, in nats, by moving one particle at a time to places around it.

    Serves suspicions of steps of one length, whether or not they stay in the box.
    """

    gains: Float64[np.ndarray, "configurations particles nodes"]
    """Ln of the density with the particle there over that of the configuration; walls reflect what would leave."""
    is_reflected: Bool[np.ndarray, "configurations particles nodes"]
    """Whether a wall reflected the step."""
    is_outside: Bool[np.ndarray, "configurations particles"]
    """Whether the particle itself is outside the box."""
    largest_step: float
    """In sigma."""

    def suspecting(self, num_displaced: int, *, stays_inside: bool) -> DisplacementByModel:
        """The ratio and the probabilities, for so many displaced particles.

        Args:
            num_displaced: 1 to the number of particles.
            stays_inside: whether walls reflect; else no particle has come from outside, and those outside have left.

        Raises:
            InputError: another number of particles.
        """
        num_particles = self.gains.shape[1]
        if not 1 <= num_displaced <= num_particles:
            raise InputError(f"num_displaced = {num_displaced}: must be 1 to {num_particles}")
        # From nowhere in the box: displaced for certain, by something else than is suspected.
        is_far = np.all(self.is_reflected, axis=2) & self.is_outside
        is_possible = ~self.is_reflected | is_far[..., None] | stays_inside
        gains = np.where(is_possible, self.gains, -np.inf)
        with np.errstate(invalid="ignore"):
            log_r = np.logaddexp.reduce(gains, axis=2) - math.log(gains.shape[2])
        log_r += np.where(self.is_outside, OUTSIDE, 0.0)
        result = _of_all(jnp.asarray(np.minimum(log_r, _CERTAIN), jnp.float32), num_displaced)
        return DisplacementByModel(*(np.asarray(each, np.float64) for each in result))


@takes_arrays
def displacement_by_model(
    log_density: LogDensity,
    system: System,
    positions: Configurations2D,
    displacement: Displacement,
    num_nodes: int = NUM_NODES,
) -> DisplacementByModel:
    """Ln of a model's density after displacements over that before, and the probability of each particle.

    A density that overflows counts as 0. Evaluates particles x nodes densities of each configuration.

    Args:
        log_density: ln p in nats of (batch, particles, 2) in sigma, in any order; any constant may be left out.
        displacement: that is suspected.
        num_nodes: as of ``places_tried``.

    Raises:
        InputError: too few nodes, or a number of displaced particles that cannot be.
    """
    tried = places_tried(log_density, system, positions, displacement.largest_step, num_nodes)
    return tried.suspecting(displacement.num_displaced, stays_inside=displacement.stays_inside)


@takes_arrays
def places_tried(
    log_density: LogDensity,
    system: System,
    positions: Configurations2D,
    largest_step: float,
    num_nodes: int = NUM_NODES,
) -> PlacesTried:
    """Gains of a density by moving each particle of each configuration to each place around it.

    Args:
        log_density: as of ``displacement_by_model``.
        largest_step: in sigma.
        num_nodes: places for each particle, at least 4: rings of as many lengths as leaves each of them four times as
            many angles.

    Raises:
        InputError: too few nodes.
    """
    if num_nodes < NUM_NODES:
        raise InputError(f"num_nodes = {num_nodes}: must be at least {NUM_NODES}")
    num_lengths = math.isqrt(num_nodes // 4)
    steps = ring_steps(largest_step, num_lengths, num_nodes // num_lengths)
    gains = [_gains(log_density, system, each, steps) for each in positions]
    there = np.asarray(positions)[:, :, None] + np.asarray(steps)
    is_reflected = ~np.asarray(inside_box(jnp.asarray(there), system.box_side))
    is_outside = ~np.asarray(inside_box(positions, system.box_side))
    shape = (len(positions), positions.shape[1], len(steps))
    return PlacesTried(np.reshape(gains, shape), is_reflected, is_outside, largest_step)


def _gains(log_density: LogDensity, system: System, positions: Positions, steps: Float[Array, "nodes 2"]) -> np.ndarray:
    moved = _moved(positions, steps, system.box_side)
    densities = np.asarray(log_density(jnp.concatenate([positions[None], moved])), np.float64)
    densities = np.where(np.isnan(densities), -np.inf, densities)
    # From 0 to 0 nothing is gained, from 0 to more than 0 the largest gain.
    with np.errstate(invalid="ignore"):
        gains = densities[1:] - densities[0]
    return np.where(np.isnan(gains), 0.0, np.minimum(gains, _CERTAIN))


@functools.partial(jax.jit, static_argnames="box_side")
def _moved(positions: Positions, steps: Float[Array, "nodes 2"], box_side: float) -> Float[Array, "moves particles 2"]:
    """The configuration with each particle in turn moved by each step; walls reflect, the far are put at them."""
    is_moved = jnp.eye(len(positions), dtype=bool)[:, None, :, None]
    there = jnp.clip(reflected(positions[None, None] + steps[None, :, None], box_side), 0.0, box_side)
    return jnp.where(is_moved, there, positions[None, None]).reshape(-1, *positions.shape)


@functools.partial(jax.jit, static_argnames="num_displaced")
def _of_all(
    log_r: Float[Array, "configurations particles"], num_displaced: int
) -> tuple[Float[Array, " configurations"], Float[Array, "configurations particles"]]:
    number = log_r.shape[1]
    ratio = jax.vmap(lambda each: log_symmetric(each, num_displaced)[-1, -1])(log_r)
    each = jax.vmap(lambda one: probability_of_each(one, num_displaced))(log_r)
    return ratio - math.log(math.comb(number, num_displaced)), each
