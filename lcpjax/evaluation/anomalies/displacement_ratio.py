"""The exact likelihood ratio of configurations of which some particles were displaced, and which ones those are.

Of p'(x) = <p(u)>, where u is x with the displaced particles S where they were before:

    p'(x) / p(x) = <prod_{i in S} r_i  exp(-W_S / T)>_S,    r_i = <exp(-dE_i / T)>

r_i is over where particle i may have come from with all others in place, a sum over nodes; the mean over all
sets S of so many particles is an elementary symmetric polynomial of the r_i. W_S is what is left because
displaced particles also see each other elsewhere, and gravity is one for all of them. That mean is taken over
sets and origins drawn by the r_i, capped at several heights: two particles that overlap each have a
large r, but it takes only one of them to mend it.
"""

import functools
import itertools
import math
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int

from lcpjax.array_types import Configurations2D, PerConfiguration, Positions, PRNGKey, Scalar
from lcpjax.dataset.perturbed_sets import thrown_back
from lcpjax.errors import OneLineError
from lcpjax.sampler.thermodynamic_integration import FreeEnergy
from lcpjax.system import System

PerParticle = Float[Array, " particles"]
PerConfigurationAndParticle = Float[Array, "configurations particles"]
Table = Float[Array, "rows chosen"]

_NUM_LENGTHS, _NUM_ANGLES = 16, 32
# Of ln r_i where sets are drawn, in nats.
_CAPS = (0.0, 2.0, 5.0, math.inf)
_DRAWS_OF_EACH_CAP = 64
# Configurations at once.
_BATCH = 8
# What leaves the box had no weight there: as good as certain, and still a number.
_OUTSIDE = 1e3


class RatioInputError(OneLineError):
    """A number of displaced particles of which there is no ratio."""


class Displacement(NamedTuple):
    """How particles were displaced; hashable."""

    largest_step: float
    """In sigma: U(0, largest_step) in a random direction."""
    num_displaced: int
    stays_inside: bool
    """Whether walls throw back."""


class DisplacementRatio(NamedTuple):
    """Of each configuration."""

    log_ratio: PerConfiguration
    """Ln p'(x) / p(x) in nats; at least 900 where a particle is outside the box."""
    of_particles_apart: PerConfiguration
    """The same without W_S: particles do not know of each other's displacement."""
    probability: PerConfigurationAndParticle
    """That each particle was displaced, if some were."""


class _Fluid(NamedTuple):
    gammas: Float[Array, " gammas"]
    log_partition_function: Float[Array, " gammas"]


def displacement_ratio(
    key: PRNGKey, system: System, fluid: FreeEnergy, positions: Configurations2D, displacement: Displacement
) -> DisplacementRatio:
    """Ln p'(x) / p(x), p the equal mixture of the fluid's gammas and p' the same after displacements; in nats.

    Exact up to the nodes and the noise of the draws; no score of configurations alone can tell the two apart better
    (Neyman and Pearson).

    Args:
        key: of the draws.
        fluid: ln Z at every gamma.
        positions: (configurations, particles, 2), in sigma; outside the box too.
        displacement: as was done, or is suspected.

    Raises:
        RatioInputError: fewer than one particle displaced, or more than there are.
    """
    if not 1 <= displacement.num_displaced <= positions.shape[1]:
        raise RatioInputError(f"num_displaced = {displacement.num_displaced}: must be 1 to {positions.shape[1]}")
    own = _Fluid(jnp.asarray(fluid.gamma, jnp.float32), jnp.asarray(fluid.log_partition_function, jnp.float32))
    return _ratios(key, system, own, positions, displacement)


@functools.partial(jax.jit, static_argnames=("system", "displacement"))
def _ratios(
    key: PRNGKey, system: System, fluid: _Fluid, positions: Configurations2D, displacement: Displacement
) -> DisplacementRatio:
    def of_one(each: tuple[Positions, PRNGKey]) -> DisplacementRatio:
        return _ratio(each[1], system, fluid, each[0], displacement)

    keys = jax.random.split(key, len(positions))
    return jax.lax.map(of_one, (positions, keys), batch_size=_BATCH)


def _ratio(key: PRNGKey, system: System, fluid: _Fluid, positions: Positions, about: Displacement) -> DisplacementRatio:
    origins, log_weights = _origins(system, fluid, positions, about)
    log_r = jax.nn.logsumexp(log_weights, axis=1) - math.log(log_weights.shape[1])
    number, chosen = len(positions), about.num_displaced
    log_sets = math.log(math.comb(number, chosen))
    apart = log_symmetric(log_r, chosen)[-1, -1] - log_sets

    caps = [jnp.minimum(log_r, cap) for cap in _CAPS]
    tables = jnp.stack([log_symmetric(capped, chosen) for capped in caps])
    which = jnp.repeat(jnp.arange(len(_CAPS)), _DRAWS_OF_EACH_CAP)
    set_key, origin_key = jax.random.split(key)
    draws = jax.vmap(lambda one, cap: _drawn_set(one, tables[cap], jnp.stack(caps)[cap]))(
        jax.random.split(set_key, len(which)), which
    )
    indices = jnp.argsort(~draws, axis=1)[:, :chosen]
    own = jnp.cumsum(jax.nn.softmax(log_weights, axis=1), axis=1)
    levels = jax.random.uniform(origin_key, indices.shape)
    nodes = jax.vmap(jax.vmap(lambda index, level: jnp.searchsorted(own[index], level)))(indices, levels)
    nodes = jnp.minimum(nodes, log_weights.shape[1] - 1)

    left = jax.vmap(lambda chosen_ones, at: _log_left(system, fluid, positions, origins, chosen_ones, at))(
        indices, nodes
    )
    # Sets come from all caps together: each counts by the mean of their probabilities.
    by_cap = jnp.stack([_of_set(capped, draws) - table[-1, -1] for capped, table in zip(caps, tables, strict=True)])
    log_proposal = jax.nn.logsumexp(by_cap, axis=0) - math.log(len(_CAPS))
    weights = _of_set(log_r, draws) - log_sets + left - log_proposal
    total = jax.nn.logsumexp(weights)
    share = jnp.exp(weights - total)
    probability = jnp.sum(jnp.where(draws, share[:, None], 0.0), axis=0)
    return DisplacementRatio(total - math.log(len(which)), apart, probability)


def _origins(
    system: System, fluid: _Fluid, positions: Positions, about: Displacement
) -> tuple[Float[Array, "particles nodes 2"], Float[Array, "particles nodes"]]:
    """Where each particle may have come from, equally likely a priori, and -dE / T of its being there instead."""
    origins = positions[:, None] + ring_steps(about.largest_step, _NUM_LENGTHS, _NUM_ANGLES)[None]
    if about.stays_inside:
        origins = thrown_back(origins, system.box_side)
    squares = jnp.sum((origins[:, :, None] - positions[None, None]) ** 2, axis=-1)
    others = ~jnp.eye(len(positions), dtype=bool)
    # Its own place is no partner: at 1e6 sigma a pair has no energy.
    energies = jnp.sum(system.pair_energy_fn(jnp.where(others[:, None], squares, 1e12)), axis=-1)
    at_home = jnp.sum((positions[:, None] - positions[None]) ** 2, axis=-1)
    before = jnp.sum(system.pair_energy_fn(jnp.where(others, at_home, 1e12)), axis=-1)
    falls = origins[..., 1] - positions[:, None, 1]
    log_weights = -(energies - before[:, None]) / system.temperature + _log_gravity(system, fluid, positions, falls)
    inside = jnp.all((origins >= 0) & (origins <= system.box_side), axis=-1)
    is_outside = jnp.any((positions < 0) | (positions > system.box_side), axis=-1)
    return origins, jnp.where(inside, log_weights, -jnp.inf) + jnp.where(is_outside, _OUTSIDE, 0.0)[:, None]


def ring_steps(largest_step: float, num_lengths: int, num_angles: int) -> Float[Array, "nodes 2"]:
    """Steps of U(0, largest_step) in any direction, in sigma, each as likely, in the middle of rings and sectors."""
    lengths = largest_step * (np.arange(num_lengths) + 0.5) / num_lengths
    # Turned by an irrational share of a sector from ring to ring.
    turns = np.arange(num_lengths) * 0.5 * (math.sqrt(5.0) - 1.0)
    angles = 2 * math.pi * (np.arange(num_angles)[None] + turns[:, None]) / num_angles
    steps = lengths[:, None, None] * np.stack([np.cos(angles), np.sin(angles)], axis=-1)
    return jnp.asarray(steps.reshape(-1, 2), jnp.float32)


def _log_gravity(system: System, fluid: _Fluid, positions: Positions, rise: Array) -> Array:
    """Ln of <exp(-gamma rise / T)> over p(gamma | x): what gravity says to so much more height, of any shape."""
    height = jnp.sum(positions[:, 1])
    log_posterior = jax.nn.log_softmax(-fluid.gammas * height / system.temperature - fluid.log_partition_function)
    shape = (-1,) + (1,) * rise.ndim
    terms = log_posterior.reshape(shape) - fluid.gammas.reshape(shape) * rise[None] / system.temperature
    return jax.nn.logsumexp(terms, axis=0)


def probability_of_each(log_r: PerParticle, chosen: int) -> PerParticle:
    """That each particle is in a set of so many, sets being as likely as the product of their values."""
    number = len(log_r)

    def without(index: Array) -> Scalar:
        others = jnp.where(jnp.arange(number) == index, -jnp.inf, log_r)
        return log_symmetric(others, chosen - 1)[-1, -1]

    log_share = log_r + jax.vmap(without)(jnp.arange(number)) - log_symmetric(log_r, chosen)[-1, -1]
    return jnp.exp(jnp.minimum(log_share, 0.0))


def log_symmetric(log_r: PerParticle, chosen: int) -> Table:
    """Row n: ln of the elementary symmetric polynomials of the first n values, of degrees 0 to ``chosen``."""
    first = jnp.full(chosen + 1, -jnp.inf).at[0].set(0.0)

    def with_next(row: Array, value: Scalar) -> tuple[Array, Array]:
        longer = row.at[1:].set(jnp.logaddexp(row[1:], row[:-1] + value))
        return longer, longer

    rows = jax.lax.scan(with_next, first, log_r)[1]
    return jnp.concatenate([first[None], rows])


def _drawn_set(key: PRNGKey, table: Table, log_r: PerParticle) -> Bool[Array, " particles"]:
    """A set of particles, as likely as the product of its values; from the last particle to the first."""

    def decide(left: Array, each: tuple[Array, ...]) -> tuple[Array, Array]:
        before, after, value, level = each
        # With none left to choose the last entry is asked for, which has no say.
        log_share = value + before[left - 1] - after[left]
        taken = (left > 0) & (jnp.log(level) < log_share)
        return left - taken.astype(left.dtype), taken

    levels = jax.random.uniform(key, log_r.shape)
    start = jnp.asarray(table.shape[1] - 1, jnp.int32)
    return jax.lax.scan(decide, start, (table[:-1], table[1:], log_r, levels), reverse=True)[1]


def _of_set(log_r: PerParticle, sets: Bool[Array, "draws particles"]) -> Float[Array, " draws"]:
    return jnp.sum(jnp.where(sets, log_r[None], 0.0), axis=1)


def _log_left(
    system: System,
    fluid: _Fluid,
    positions: Positions,
    origins: Float[Array, "particles nodes 2"],
    indices: Int[Array, " chosen"],
    nodes: Int[Array, " chosen"],
) -> Scalar:
    """-W_S / T: of the pairs of displaced particles, and of gravity on all of them at once, in nats."""
    there, here = origins[indices, nodes], positions[indices]

    def energies(one: Positions, other: Positions) -> Array:
        pairs = np.array(list(itertools.combinations(range(len(indices)), 2)), np.int32).reshape(-1, 2)
        squares = jnp.sum((one[pairs[:, 0]] - other[pairs[:, 1]]) ** 2, axis=-1)
        return jnp.sum(system.pair_energy_fn(squares))

    pairs = energies(there, there) - energies(there, here) - energies(here, there) + energies(here, here)
    falls = there[:, 1] - here[:, 1]
    together = _log_gravity(system, fluid, positions, jnp.sum(falls))
    apart = jnp.sum(_log_gravity(system, fluid, positions, falls))
    return -pairs / system.temperature + together - apart
