"""Nearest configuration without overlaps: descent in the pair energy, tethered to the start."""

import functools
from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from lcpjax.array_arguments import takes_arrays
from lcpjax.array_types import ManyPositions, Positions, Scalar
from lcpjax.errors import InputError
from lcpjax.representation import check_positions
from lcpjax.system import System, total_energy
from lcpjax.system.pair_potentials import PairPotential

PerRelaxed = Float[Array, "*batch"]

TETHER = 400.0
"""In epsilon / sigma^2: the one stiffness that relaxed energies refer to."""

# In sigma: nearer than this the potential is continued along its tangent, so that no start is too steep.
_CORE = 0.85
# Of one step, in sigma: then it has converged.
_SMALLEST_STEP = 1e-6
_MOST_STEPS = 5000
# Configurations whose pairs exist at once.
_BATCH = 256


class Relaxed(NamedTuple):
    """Relaxed configurations."""

    positions: ManyPositions
    """(..., particles, 2), in sigma."""
    displacement: PerRelaxed
    """Root mean square distance of the particles from where they began, in sigma."""
    largest_step: PerRelaxed
    """Of the last step, in sigma."""
    is_at_rest: Bool[Array, "*batch"]
    """Whether that step was as small as rounding lets it be (1e-6 sigma, or more in a large box)."""


@takes_arrays
def relax(positions: ManyPositions, system: System, tether: float = TETHER) -> Relaxed:
    """Configurations at the lowest energy near their start, and the distance moved.

    The energy is sum V(r_ij) + tether sum |x_i - x_i0|^2, V being the system's
    pair potential with its tangent below 0.85 sigma; no gravity. Particles stay in
    the box; two on one point have no direction to separate in, and stay. What the
    displacement costs is not in V: quote both.

    Args:
        positions: (..., particles, 2), in sigma; those outside the box begin at its wall.
        tether: in epsilon / sigma^2; at 400 a displacement of 0.05 sigma costs T = 1.

    Raises:
        InputError: no coordinates or no particles, or not finite.
        InputError: a tether that is not above 0.

    >>> touching = jnp.array([[5.0, 5.0], [5.9, 5.0]])
    >>> relaxed = relax(touching, System(num_particles=2))
    >>> bool(relaxed.positions[1, 0] - relaxed.positions[0, 0] > 0.95)
    True
    """
    check_positions(positions, "relax")
    if positions.shape[-2] == 0:
        raise InputError(f"relax: needs at least one particle, not an array of shape {positions.shape}")
    if not 0.0 < tether < float("inf"):
        raise InputError(f"tether = {tether}: must be above 0 and finite, in epsilon / sigma^2")
    flat = positions.reshape(-1, *positions.shape[-2:])
    relaxed = _relaxed(flat, system, jnp.asarray(tether, positions.dtype))
    return jax.tree.map(lambda leaf: leaf.reshape(*positions.shape[:-2], *leaf.shape[1:]), relaxed)


def soft_core(pair_potential: PairPotential, core: float = _CORE) -> PairPotential:
    """The potential with its tangent for distances below ``core``: finite everywhere, and never flat.

    Args:
        pair_potential: squared distances -> pair energies.
        core: in sigma.

    >>> from lcpjax.system import lennard_jones
    >>> energies = soft_core(lennard_jones, 1.0)(jnp.array([0.0, 1.0, 2 ** (1 / 3)]))
    >>> [round(energy, 3) for energy in energies.tolist()]  # the slope at 1 is -24
    [24.0, 0.0, -1.0]
    """

    def of_distance(distance: Scalar) -> Scalar:
        return pair_potential(distance * distance)

    def softened(squared_distances: Float[Array, "*any"]) -> Float[Array, "*any"]:
        edge = jnp.asarray(core, squared_distances.dtype)
        height, slope = jax.value_and_grad(of_distance)(edge)
        outside = jnp.maximum(squared_distances, core**2)
        # The root's slope at 0 is infinite.
        inside = jnp.sqrt(jnp.clip(squared_distances, 1e-12, core**2))
        return jnp.where(squared_distances < core**2, height + slope * (inside - edge), pair_potential(outside))

    return softened


@functools.partial(jax.jit, static_argnames="system")
def _relaxed(positions: ManyPositions, system: System, tether: Scalar) -> Relaxed:
    def of_one(configuration: Positions) -> Relaxed:
        return _downhill(configuration, system, tether)

    return jax.lax.map(of_one, positions, batch_size=_BATCH)


def _downhill(start: Positions, system: System, tether: Scalar) -> Relaxed:
    potential = soft_core(system.pair_energy_fn)

    def energy(positions: Positions) -> Scalar:
        return total_energy(positions, 0.0, potential) + tether * jnp.sum((positions - start) ** 2)

    rested, last = _accelerated_descent(jax.grad(energy), start, system.box_side, _step_length(potential, tether))
    displacement = jnp.sqrt(jnp.mean(jnp.sum((rested - start) ** 2, axis=-1)))
    return Relaxed(rested, displacement, last, last <= _smallest_step(system.box_side, start.dtype))


def _smallest_step(box_side: float, dtype: jnp.dtype) -> float:
    """Largest movement that counts as converged, in sigma: in a large box, the rounding of a coordinate."""
    return max(_SMALLEST_STEP, 2 * float(jnp.finfo(dtype).eps) * box_side)


def _step_length(potential: PairPotential, tether: Scalar) -> Scalar:
    """One over the largest curvature that a particle meets: the tether's, and two neighbours' at the core."""
    stiffest = jax.grad(jax.grad(lambda distance: potential(distance * distance)))(
        jnp.asarray(1.001 * _CORE, tether.dtype)
    )
    return 1.0 / (2.0 * tether + 4.0 * jnp.abs(stiffest))


def _accelerated_descent(
    slope: Callable[[Positions], Positions], start: Positions, box_side: float, step_length: Scalar
) -> tuple[Positions, Scalar]:
    """Nesterov's descent, its momentum forgotten where it leads uphill (O'Donoghue and Candes, 2015), in the box."""
    smallest = _smallest_step(box_side, start.dtype)

    def is_moving(carried: tuple) -> Array:
        return (carried[3] > smallest) & (carried[4] < _MOST_STEPS)

    def step(carried: tuple) -> tuple:
        positions, ahead, momentum, _, number = carried
        gradient = slope(ahead)
        moved = jnp.clip(ahead - step_length * gradient, 0.0, box_side)
        uphill = jnp.sum(gradient * (moved - positions)) > 0
        momentum = jnp.where(uphill, 1.0, momentum)
        following = 0.5 * (1.0 + jnp.sqrt(1.0 + 4.0 * momentum**2))
        factor = jnp.where(uphill, 0.0, (momentum - 1.0) / following)
        change = jnp.max(jnp.abs(moved - positions))
        return moved, moved + factor * (moved - positions), following, change, number + 1

    inside = jnp.clip(start, 0.0, box_side)
    one = jnp.ones((), start.dtype)
    carried = (inside, inside, one, jnp.inf * one, jnp.int32(0))
    positions, _, _, last, _ = jax.lax.while_loop(is_moving, step, carried)
    return positions, last
