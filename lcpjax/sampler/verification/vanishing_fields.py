"""Hypervirial identities: T <div v> = <v . grad U> for any field v that vanishes at the walls.

v moves all particles, and U = sum of pair energies + gamma sum y. Integrate div(v exp(-U / T)) over
all positions in the box. What is left is the flow through the walls, and a field whose normal
component is zero there has none, so

    T <div v> - <v . grad U> = 0,

exact for any number of particles and any pair potential (Hirschfelder, J. Chem. Phys. 33, 1462 (1960); with
v = grad U it is the configurational temperature of Rugh, Phys. Rev. Lett. 78, 772 (1997), whose force field would
not vanish at the walls and whose 1 / r^12 has heavy tails).

The average of T div v - v . grad U over chains at a temperature T (1 + a) is - a T <div v>, and over chains with
pair energies (1 + b) times too strong b <v . grad pair energy>, exactly. So each field measures T, or the
strength of the pair energy, in units of what it should be.

Two fields, chosen on 4,000 configurations at each gamma of the default box for the largest such shift relative to
the scatter between configurations, and tried on 4,000 others:

- pairs: v_i = sum over j of f(r_ij) (r_i - r_j), each component times a factor that rises from 0 at either wall
  within half a sigma. f is negative in a shell of contacts and positive in one just beyond the minimum: pairs
  are moved from where they repel to where they attract. It vanishes at small distances, faster than the repulsion
  rises in what is ever sampled, so that its scatter is nearly normal (excess kurtosis 0.7 at most).
- pairs and heights: the same, and a multiple of sin(pi y / L) for each height, which sees what T is to gravity.

Of all that a configuration tells about an error of T or of the pair energy (the variances of U and of the pair
energy, in standard deviations of one configuration), both fields see a third to a little over a half, at each gamma. 17
fields together with the best weights see a fifth to a third more.
"""

import functools
import math
from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from lcpjax.array_types import Configurations2D, Energy, Floats, PerConfiguration, Positions
from lcpjax.sampler.verification.check import ChainValues, Check
from lcpjax.sampler.verification.combined import across_gammas, inverse_variances
from lcpjax.sampler.verification.sampled_chains import SampledChains
from lcpjax.sampler.verification.sensitivity import Sensitivity
from lcpjax.system import System

_SHELLS = ((-1.0, 1.0, 0.05), (0.8, 1.3, 0.12))
"""Weight, distance and width in sigma."""
_HEIGHTS_WEIGHT = 8.0
_WALL_WIDTH = 0.4
"""In sigma."""
_CONFIGURATIONS_AT_ONCE = 64


class FieldMoments(NamedTuple):
    """A field and its divergence at some configurations, (configurations,) each."""

    divergence: PerConfiguration
    """div v."""
    pair_work: PerConfiguration
    """v . grad of the pair energy, in epsilon."""
    gravity_work: PerConfiguration
    """v . grad of gamma sum y, in epsilon."""


def check_temperature(chains: SampledChains) -> list[Check]:
    """The configurational temperature against T at every gamma, and all gammas together."""
    checks, temperature = [], chains.subject.system.temperature
    for gamma, moments in _moments(chains, _HEIGHTS_WEIGHT).items():
        divergence, pair_work, gravity_work = moments
        shift = Sensitivity.exact(temperature, -float(pair_work.mean() / divergence.mean()))
        values = pair_work + gravity_work - temperature * divergence
        name = "configurational temperature (epsilon / k_B)"
        checks.append(_check_ratio(chains, name, gamma, values, divergence, temperature, shift))
    return [*checks, across_gammas(checks, inverse_variances(checks))]


def check_pair_strength(chains: SampledChains) -> list[Check]:
    """The factor by which the pair energy is what it should be against 1, and all gammas together."""
    if chains.subject.system.num_particles < 2:
        return []
    checks, temperature = [], chains.subject.system.temperature
    for gamma, (divergence, pair_work, gravity_work) in _moments(chains, 0.0).items():
        shift = Sensitivity.exact(-temperature * float(divergence.mean() / pair_work.mean()), 1.0)
        values = temperature * divergence - pair_work - gravity_work
        name = "strength of the pair energy"
        checks.append(_check_ratio(chains, name, gamma, values, pair_work, 1.0, shift))
    return [*checks, across_gammas(checks, inverse_variances(checks))]


def _check_ratio(
    chains: SampledChains,
    name: str,
    gamma: float,
    values: ChainValues,
    scale: ChainValues,
    exact: float,
    sensitivity: Sensitivity,
) -> Check:
    """The mean of values, exactly 0, in units of a mean; its deviate is that of the values alone."""
    with np.errstate(invalid="ignore", over="ignore"):
        unit, spread = float(scale.mean()), float(values.std(ddof=1))
        deviation = float(values.mean()) / unit
        error = spread / math.sqrt(values.size) / abs(unit)
    z = deviation / error if error > 0 else math.nan
    sensitivity = sensitivity._replace(spread=error * math.sqrt(values.size))
    label = f"{gamma:g}"
    return Check(chains.subject, name, label, exact + deviation, exact, error, values.size, z, sensitivity)


def _moments(chains: SampledChains, heights_weight: float) -> dict[float, tuple[ChainValues, ...]]:
    moments = {}
    for gamma, positions in chains.positions.items():
        single = jnp.asarray(positions, jnp.float32)
        found = field_moments(chains.subject.system, single, jnp.float32(gamma), heights_weight)
        moments[gamma] = tuple(np.asarray(each, np.float64) for each in found)
    return moments


@functools.partial(jax.jit, static_argnames=("system", "heights_weight"))
def field_moments(
    system: System, positions: Configurations2D, gamma: Energy, heights_weight: float = 0.0
) -> FieldMoments:
    """Divergence and works of the field of pairs plus ``heights_weight`` times that of heights.

    Args:
        positions: (configurations, particles, 2), in sigma.
        gamma: m g sigma / epsilon.
    """
    return jax.lax.map(
        lambda one: _moments_of_one(system, one, gamma, heights_weight), positions, batch_size=_CONFIGURATIONS_AT_ONCE
    )


def _moments_of_one(system: System, positions: Positions, gamma: Energy, heights_weight: float) -> FieldMoments:
    displacements = positions[:, None] - positions[None, :]
    itself = jnp.eye(system.num_particles, dtype=bool)
    squared = jnp.where(itself, 1.0, jnp.sum(displacements**2, axis=-1))
    pull, pull_slope = (jnp.where(itself, 0.0, each) for each in _with_slope(_pull, squared))
    force_factor = jnp.where(itself, 0.0, 2.0 * _with_slope(system.pair_energy_fn, squared)[1])
    slopes = jnp.sum(force_factor[..., None] * displacements, axis=1)
    wall, wall_slope = _with_slope(lambda place: _wall_factor(place, system.box_side), positions)
    pulls = jnp.sum(pull[..., None] * displacements, axis=1)
    # Of f(r^2) d by the particle's own coordinate: f + 2 f' d^2.
    stretch = jnp.sum(pull[..., None] + 2.0 * pull_slope[..., None] * displacements**2, axis=1)
    heights, height_slope = _with_slope(lambda y: jnp.sin(jnp.pi / system.box_side * y), positions[:, 1])
    field = (wall * pulls).at[:, 1].add(heights_weight * heights)
    divergence = jnp.sum(wall_slope * pulls + wall * stretch) + heights_weight * jnp.sum(height_slope)
    return FieldMoments(divergence, jnp.sum(field * slopes), gamma * jnp.sum(field[:, 1]))


def _pull(squared_distances: Floats) -> Floats:
    """f, from the squared distances."""
    distances = jnp.sqrt(squared_distances)
    return sum(
        (weight * jnp.exp(-0.5 * ((distances - centre) / width) ** 2) for weight, centre, width in _SHELLS),
        start=jnp.zeros_like(distances),
    )


def _wall_factor(places: Floats, box_side: float) -> Floats:
    """0 at both walls and nearly 1 between them."""
    return jnp.tanh(places / _WALL_WIDTH) * jnp.tanh((box_side - places) / _WALL_WIDTH)


def _with_slope(function: Callable[[Floats], Floats], values: Floats) -> tuple[Floats, Floats]:
    """A function of one number at each of some, and its derivative."""
    return jax.jvp(function, (values,), (jnp.ones_like(values),))
