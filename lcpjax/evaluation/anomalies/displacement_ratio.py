"""Exact likelihood ratio of configurations with displaced particles, and the probability that each was displaced.

Of p'(x) = <p(u)>, where u is x with the displaced particles S where they were before:

    p'(x) / p(x) = <exp(-(E(u) - E(x)) / T)>    over sets S and origins u

If displaced particles did not interact, this would be an elementary symmetric polynomial of r_i = <exp(-dE_i / T)>,
each over the origins of particle i with all others in place. By those r_i sets are drawn, by those weights origins, and
the mean is taken by importance sampling. The r_i are capped at several heights, for of two particles that overlap each
has a large one but moving one of them is enough; and some origins are drawn anywhere, for two may have been displaced
together.
"""

import functools
import math
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int

from lcpjax.array_arguments import takes_arrays
from lcpjax.array_types import Configurations2D, PerConfiguration, Positions, PRNGKey, Scalar
from lcpjax.dataset.perturbed_sets import Displacement, reflected
from lcpjax.errors import InputError
from lcpjax.evaluation.anomalies.subsets import drawn_subsets, log_symmetric, probability_of_each
from lcpjax.evaluation.density.fluid_density import FluidMixture
from lcpjax.sampler.thermodynamic_integration import FreeEnergy
from lcpjax.system import System, pair_energy

PerParticle = Float[Array, " particles"]
PerConfigurationAndParticle = Float[Array, "configurations particles"]
Places = Float[Array, "*batch 2"]
Chosen = Float[Array, "chosen 2"]

_NUM_LENGTHS, _NUM_ANGLES = 12, 24
# Fraction of origins drawn without regard to energies.
_ANYWHERE = 0.25
# Configurations at once.
_BATCH = 8
OUTSIDE = 1e3
"""Gain in nats of moving back a particle that left the box: as good as certain, and still a number."""


class DisplacementRatio(NamedTuple):
    """Likelihood ratio of each configuration, and the probability of each particle."""

    log_ratio: PerConfiguration
    """Ln p'(x) / p(x) in nats; at least 900 where a particle is outside the box."""
    of_particles_apart: PerConfiguration
    """The same if displaced particles did not interact, where it is a polynomial."""
    probability: PerConfigurationAndParticle
    """That each particle was displaced, if some were: exact for particles that do not interact, with a correction
    estimated from the draws, shrunk towards 0 by its own noise."""


@takes_arrays
def displacement_ratio(
    key: PRNGKey, system: System, fluid: FreeEnergy, positions: Configurations2D, displacement: Displacement
) -> DisplacementRatio:
    """Ln p'(x) / p(x), p the equal mixture of the fluid's gammas and p' the same after displacements; in nats.

    Exact up to the nodes and the noise of the draws; no score separates the two better (Neyman and Pearson).

    Args:
        key: of the draws.
        fluid: ln Z at every gamma.
        positions: (configurations, particles, 2), in sigma; outside the box too.
        displacement: as was done, or is suspected.

    Raises:
        InputError: fewer than one particle displaced, or more than there are.
    """
    if not 1 <= displacement.num_displaced <= positions.shape[1]:
        raise InputError(f"num_displaced = {displacement.num_displaced}: must be 1 to {positions.shape[1]}")
    return _ratios(key, system, FluidMixture.of(fluid), positions, displacement)


@functools.partial(jax.jit, static_argnames=("system", "displacement"))
def _ratios(
    key: PRNGKey, system: System, fluid: FluidMixture, positions: Configurations2D, displacement: Displacement
) -> DisplacementRatio:
    def of_one(each: tuple[Positions, PRNGKey]) -> DisplacementRatio:
        return _ratio(each[1], system, fluid, each[0], displacement)

    keys = jax.random.split(key, len(positions))
    return jax.lax.map(of_one, (positions, keys), batch_size=_BATCH)


def _ratio(
    key: PRNGKey, system: System, fluid: FluidMixture, positions: Positions, displacement: Displacement
) -> DisplacementRatio:
    origins = _origins_of(system, positions, displacement)
    # From nowhere in the box: displaced for certain, by something else than is suspected.
    is_far = ~jnp.any(_is_inside(system, origins), axis=1) & ~_is_inside(system, positions)
    log_weights = _log_weights(system, fluid, positions, origins, is_far)
    log_r = jax.nn.logsumexp(log_weights, axis=1) - math.log(log_weights.shape[1])
    log_sets = math.log(math.comb(len(positions), displacement.num_displaced))
    apart = log_symmetric(log_r, displacement.num_displaced)[-1, -1] - log_sets
    set_key, origin_key = jax.random.split(key)
    sets, log_proposal = drawn_subsets(set_key, log_r, displacement.num_displaced)
    indices = jnp.argsort(~sets, axis=1)[:, : displacement.num_displaced]
    nodes, log_nodes = _drawn_nodes(origin_key, log_weights, indices)

    def log_joint(chosen: Int[Array, " chosen"], at: Int[Array, " chosen"]) -> Scalar:
        return _log_joint(system, fluid, positions, origins[chosen, at], chosen, is_far)

    proposal = log_sets + log_proposal + log_nodes
    together = jax.vmap(log_joint)(indices, nodes) - proposal
    # A control variate: without interactions the mean is known exactly, so that most of the noise cancels.
    separately = jnp.sum(log_weights[indices, nodes], axis=1) - proposal
    exact, known = jax.nn.logsumexp(together), jax.nn.logsumexp(separately)
    change = _certain_change(sets, jnp.exp(together - exact), jnp.exp(separately - known))
    probability = jnp.clip(probability_of_each(log_r, displacement.num_displaced) + change, 0.0, 1.0)
    ratios = (jnp.where(jnp.isnan(each), jnp.inf, each) for each in (apart + exact - known, apart))
    # After an overflow all particles inside keep their prior probability.
    overflown = jnp.where(is_far, 1.0, displacement.num_displaced / len(positions))
    return DisplacementRatio(*ratios, jnp.where(jnp.isnan(probability), overflown, probability))


def _certain_change(
    sets: Bool[Array, "draws particles"], together: Float[Array, " draws"], separately: Float[Array, " draws"]
) -> PerParticle:
    """Change of each particle's probability by interactions of displaced ones, shrunk by its noise.

    The difference of two means over the same draws, scaled down by the fraction of its square that their scatter alone
    would make (James and Stein, 1961): most configurations have next to none, and its noise would hide the rest.

    Args:
        together: fraction of the weight that each draw has; separately: the same without interactions.
    """
    chosen = sets.astype(together.dtype)
    of_both = [weights @ chosen for weights in (together, separately)]
    change = of_both[0] - of_both[1]
    scatter = together[:, None] * (chosen - of_both[0][None]) - separately[:, None] * (chosen - of_both[1][None])
    size = jnp.maximum(jnp.sum(change**2), 1e-12)
    return change * jnp.maximum(1.0 - jnp.sum(scatter**2) / size, 0.0)


def _drawn_nodes(
    key: PRNGKey, log_weights: Float[Array, "particles nodes"], indices: Int[Array, "draws chosen"]
) -> tuple[Int[Array, "draws chosen"], Float[Array, " draws"]]:
    """Origins of the chosen particles, and ln of their joint probability relative to uniform ones.

    Mostly by the weight of each with all others in place, else anywhere.
    """
    num_nodes = log_weights.shape[1]
    likely = (1.0 - _ANYWHERE) * jax.nn.softmax(log_weights, axis=1) + _ANYWHERE / num_nodes
    below, log_likely = jnp.cumsum(likely, axis=1), jnp.log(likely) + math.log(num_nodes)
    levels = jax.random.uniform(key, indices.shape)
    nodes = jax.vmap(jax.vmap(lambda index, level: jnp.searchsorted(below[index], level)))(indices, levels)
    nodes = jnp.minimum(nodes, num_nodes - 1)
    return nodes, jnp.sum(log_likely[indices, nodes], axis=1)


def _origins_of(system: System, positions: Positions, displacement: Displacement) -> Float[Array, "particles nodes 2"]:
    """Possible origins of each particle, equally likely a priori."""
    origins = positions[:, None] + ring_steps(displacement.largest_step, _NUM_LENGTHS, _NUM_ANGLES)[None]
    return reflected(origins, system.box_side) if displacement.stays_inside else origins


def _log_weights(
    system: System,
    fluid: FluidMixture,
    positions: Positions,
    origins: Float[Array, "particles nodes 2"],
    is_far: Bool[Array, " particles"],
) -> Float[Array, "particles nodes"]:
    """-dE / T of each particle's being at each of its origins instead, all others in place."""
    squares = jnp.sum((origins[:, :, None] - positions[None, None]) ** 2, axis=-1)
    others = ~jnp.eye(len(positions), dtype=bool)
    # Its own place is no partner: at 1e6 sigma a pair has no energy.
    energies = jnp.sum(system.pair_energy_fn(jnp.where(others[:, None], squares, 1e12)), axis=-1)
    at_home = jnp.sum((positions[:, None] - positions[None]) ** 2, axis=-1)
    before = jnp.sum(system.pair_energy_fn(jnp.where(others, at_home, 1e12)), axis=-1)
    rises = origins[..., 1] - positions[:, None, 1]
    gravity = _log_gravity(system, fluid, positions, rises)
    weights = -(energies - before[:, None]) / system.temperature + gravity
    is_possible = _is_inside(system, origins) | is_far[:, None]
    return jnp.where(is_possible, weights, -jnp.inf) + _gain(system, positions)[:, None]


def _log_joint(
    system: System,
    fluid: FluidMixture,
    positions: Positions,
    there: Chosen,
    indices: Int[Array, " chosen"],
    is_far: Bool[Array, " particles"],
) -> Scalar:
    """-dE / T of all chosen particles' being at their origins instead, in nats."""
    here = positions[indices]
    is_other = jnp.ones(len(positions), bool).at[indices].set(False)

    def energy(places: Chosen) -> Scalar:
        squares = jnp.sum((places[:, None] - positions[None]) ** 2, axis=-1)
        with_others = system.pair_energy_fn(jnp.where(is_other[None], squares, 1e12))
        return jnp.sum(with_others) + pair_energy(places, system.pair_energy_fn)

    change = (energy(there) - energy(here)) / system.temperature
    gravity = _log_gravity(system, fluid, positions, jnp.sum(there[:, 1] - here[:, 1]))
    inside = jnp.all(_is_inside(system, there) | is_far[indices])
    return jnp.where(inside, gravity - change, -jnp.inf) + jnp.sum(_gain(system, here))


def _is_inside(system: System, places: Places) -> Bool[Array, "*batch"]:
    return jnp.all((places >= 0) & (places <= system.box_side), axis=-1)


def _gain(system: System, places: Places) -> Float[Array, "*batch"]:
    """``OUTSIDE`` for particles outside the box, else 0."""
    return jnp.where(_is_inside(system, places), 0.0, OUTSIDE)


def ring_steps(largest_step: float, num_lengths: int, num_angles: int) -> Float[Array, "nodes 2"]:
    """Steps of U(0, largest_step) in any direction, in sigma, each as likely, in the middle of rings and sectors."""
    lengths = largest_step * (np.arange(num_lengths) + 0.5) / num_lengths
    # Turned by an irrational fraction of a sector from ring to ring.
    turns = np.arange(num_lengths) * 0.5 * (math.sqrt(5.0) - 1.0)
    angles = 2 * math.pi * (np.arange(num_angles)[None] + turns[:, None]) / num_angles
    steps = lengths[:, None, None] * np.stack([np.cos(angles), np.sin(angles)], axis=-1)
    return jnp.asarray(steps.reshape(-1, 2), jnp.float32)


def _log_gravity(system: System, fluid: FluidMixture, positions: Positions, rise: Array) -> Array:
    """Ln of <exp(-gamma rise / T)> over p(gamma | x): for rises in sigma of any shape."""
    height = jnp.sum(positions[:, 1])
    log_posterior = jax.nn.log_softmax(-fluid.gammas * height / system.temperature - fluid.log_partition_function)
    shape = (-1,) + (1,) * rise.ndim
    terms = log_posterior.reshape(shape) - fluid.gammas.reshape(shape) * rise[None] / system.temperature
    return jax.nn.logsumexp(terms, axis=0)
