"""Exact draws of what observed distances leave underdetermined: the fluid's density given these distances.

A rigid motion of some particles leaves the distances among them; where these and all that stays are observed, the
density of what is missing given what is observed is the fluid's density along such motions, with respect to the Haar
measure of rigid motions (the Jacobian of distances to coordinates depends on the distances alone). Metropolis moves
along them draw from it, in many chains, each begun at random and annealed: exact in the limit of long chains, and
before that as exact as annealing distributes chains among modes that no move joins.
"""

import functools
import math
from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int, Key

from lcpjax.array_arguments import takes_arrays
from lcpjax.array_types import Count, DistanceMatrix, Positions, PRNGKey, Scalar
from lcpjax.evaluation.density.fluid_density import FluidMixture
from lcpjax.evaluation.imputation.rigid_moves import FLIP, SHIFT, SWING, PiecesError, groups_in_place, rigid_moves
from lcpjax.sampler.thermodynamic_integration import FreeEnergy
from lcpjax.system import System

Draws = Float[Array, "configurations draws particles 2"]

# Inverse temperature at which chains begin, and the fraction of the moves in which it rises to 1.
_HOTTEST, _ANNEALED = 0.02, 0.6
# In temperatures: what an overlap costs at most, and a sigma outside the box or out of order while annealing.
_OVERLAP, _SIGMA_BEYOND = 100.0, 30.0
# What a violation costs after annealing: it is never accepted by a chain without one.
_FORBIDDEN = 1e4
# In temperatures: the fluid has no pair above it in a billion configurations.
_HARDEST_PAIR = 20.0
# Sizes of moves, from the smallest to the largest, in sigma and radians, uniform in their logarithm.
_LENGTHS, _ANGLES = (0.01, 3.0), (0.0005, 0.5)
# Configurations side by side.
_BATCH = 8
# Fractions of shifts that go anywhere in the box, that go anywhere along x, and that mirror what they move.
_ANYWHERE, _ALONG, _MIRRORED = 0.1, 0.35, 0.2
# Fraction of swings that go to any angle.
_ANY_ANGLE = 0.5


class ExactPosterior(NamedTuple):
    """Draws of each configuration."""

    positions: Draws
    """In sigma, in the frame of the box, rows as observed."""
    has_converged: Bool[Array, "configurations draws"]
    """Whether a chain ended without overlaps, inside the box and in order. Others are no draws."""


class _Freedom(NamedTuple):
    """The moves of one configuration as arrays, and where they begin; of several with an axis before all others."""

    moved: Bool[Array, "*configurations moves particles"]
    kind: Int[Array, "*configurations moves"]
    links: Int[Array, "*configurations moves 2"]
    group: Int[Array, "*configurations particles"]
    """Numbered from 0."""
    places: Float[Array, "*configurations particles 2"]


@takes_arrays
def exact_posterior(
    key: PRNGKey,
    system: System,
    fluid: FreeEnergy,
    distances: DistanceMatrix,
    observed: Bool[Array, "configurations particles particles"],
    num_draws: int,
    num_moves: int,
) -> ExactPosterior:
    """Configurations of the equal mixture of the fluid's gammas given observed distances and the order of heights.

    Args:
        distances: (configurations, particles, particles), in sigma, rows in rising height order; unobserved ones are
            ignored.
        observed: masks of one family.
        num_draws: chains of each configuration, each of which gives one draw.
        num_moves: of each chain.

    Raises:
        PiecesError: observed distances that leave more than rigid motions of pieces, see ``rigid_moves``.
    """
    masks = np.asarray(observed)
    moves = [rigid_moves(mask) for mask in masks]
    if len({len(each.kind) for each in moves}) > 1:
        raise PiecesError("observed: configurations differ in their number of moves; ask for one family at a time")
    places = [groups_in_place(*each) for each in zip(np.asarray(distances), masks, moves, strict=True)]
    free = _Freedom(
        jnp.asarray(np.stack([each.moved for each in moves])),
        jnp.asarray(np.stack([each.kind for each in moves])),
        jnp.asarray(np.stack([each.links for each in moves])),
        jnp.asarray(np.stack([np.unique(each.group, return_inverse=True)[1] for each in moves])),
        jnp.asarray(np.stack(places)),
    )
    keys = jax.random.split(key, (len(moves), num_draws))
    positions, costs = _annealed(keys, system, FluidMixture.of(fluid), free, jnp.int32(num_moves))
    return ExactPosterior(positions, (costs < _FORBIDDEN / 2) & (_hardest_pair(system, positions) < _HARDEST_PAIR))


@functools.partial(jax.jit, static_argnames="system")
def _hardest_pair(system: System, positions: Draws) -> Float[Array, "configurations draws"]:
    """Energy of each configuration's most repulsive pair, in temperatures."""
    first, second = np.triu_indices(positions.shape[-2], k=1)
    squares = jnp.sum((positions[..., first, :] - positions[..., second, :]) ** 2, axis=-1)
    return jnp.max(system.pair_energy_fn(squares), axis=-1) / system.temperature


@functools.partial(jax.jit, static_argnames="system")
def _annealed(
    keys: Key[Array, "configurations draws"], system: System, fluid: FluidMixture, free: _Freedom, num_moves: Count
) -> tuple[Draws, Float[Array, "configurations draws"]]:
    """Last configurations of chains, and their costs."""

    def of_configuration(each: tuple[Key[Array, " draws"], _Freedom]) -> tuple[Array, Array]:
        own_keys, freedom = each
        return jax.vmap(lambda key: _one_chain(key, system, fluid, freedom, num_moves))(own_keys)

    return jax.lax.map(of_configuration, (keys, free), batch_size=_BATCH)


def _one_chain(
    key: PRNGKey, system: System, fluid: FluidMixture, free: _Freedom, num_moves: Count
) -> tuple[Positions, Scalar]:
    annealed = jnp.int32(jnp.round(_ANNEALED * jnp.float32(num_moves)))
    start_key, hot_key, cold_key = jax.random.split(key, 3)
    cost = functools.partial(_cost, system, fluid, is_strict=False)
    strict_cost = functools.partial(_cost, system, fluid, is_strict=True)

    def hot(step: jax.Array, now: tuple[Positions, Scalar]) -> tuple[Positions, Scalar]:
        coldness = _HOTTEST ** (1.0 - jnp.float32(step) / jnp.float32(annealed))
        return _metropolis(jax.random.fold_in(hot_key, step), system, free, now, cost, coldness)

    def cold(step: jax.Array, now: tuple[Positions, Scalar]) -> tuple[Positions, Scalar]:
        return _metropolis(jax.random.fold_in(cold_key, step), system, free, now, strict_cost, jnp.float32(1.0))

    start = _scattered(start_key, system, free)
    warm, _ = jax.lax.fori_loop(0, annealed, hot, (start, cost(start)))
    return jax.lax.fori_loop(0, num_moves - annealed, cold, (warm, strict_cost(warm)))


def _metropolis(
    key: PRNGKey,
    system: System,
    free: _Freedom,
    now: tuple[Positions, Scalar],
    cost: Callable[[Positions], Scalar],
    coldness: Scalar,
) -> tuple[Positions, Scalar]:
    proposal_key, level_key = jax.random.split(key)
    there = _moved(proposal_key, system, free, now[0])
    new = there, cost(there)
    accepted = jnp.log(jax.random.uniform(level_key)) < coldness * (now[1] - new[1])
    return jax.tree.map(lambda ours, theirs: jnp.where(accepted, ours, theirs), new, now)


def _scattered(key: PRNGKey, system: System, free: _Freedom) -> Positions:
    """Each group anywhere in the box, or its mirror image."""
    place_key, side_key = jax.random.split(key)
    group, places = free.group, free.places
    anywhere = system.box_side * jax.random.uniform(place_key, places.shape)
    sides = jnp.where(jax.random.bernoulli(side_key, shape=group.shape), 1.0, -1.0)
    mirrored = places * jnp.stack([sides[group], jnp.ones_like(sides)], axis=1)
    number = jnp.maximum(jnp.zeros_like(sides).at[group].add(1.0), 1.0)
    centres = jnp.zeros_like(places).at[group].add(mirrored) / number[:, None]
    return mirrored - centres[group] + anywhere[group]


def _moved(key: PRNGKey, system: System, free: _Freedom, now: Positions) -> Positions:
    """One of the moves, at random: as likely as the one back."""
    which_key, shift_key, turn_key = jax.random.split(key, 3)
    which = jax.random.randint(which_key, (), 0, free.kind.shape[0])
    moved, kind, (one, other) = free.moved[which], free.kind[which], free.links[which]
    around = jnp.sum(jnp.where(moved[:, None], now, 0.0), axis=0) / jnp.sum(moved, dtype=jnp.float32)
    shifted = _shifted(shift_key, system, around)
    turn = _turn(turn_key, kind)
    line = now[other] - now[one]
    across = 2 * jnp.outer(line, line) / jnp.maximum(jnp.sum(line**2), 1e-12) - jnp.eye(2)
    matrix = jnp.where(kind == FLIP, across, turn)
    centre = jnp.where(kind == SHIFT, around, now[one])
    target = jnp.where(kind == SHIFT, shifted, now[one])
    there = (now - centre[None]) @ matrix.T + target[None]
    return jnp.where(moved[:, None], there, now)


def _shifted(key: PRNGKey, system: System, around: Float[Array, " 2"]) -> Float[Array, " 2"]:
    size_key, step_key, mode_key, place_key = jax.random.split(key, 4)
    near = around + _size(size_key, _LENGTHS) * jax.random.normal(step_key, (2,))
    place = system.box_side * jax.random.uniform(place_key, (2,))
    mode = jax.random.uniform(mode_key)
    along = jnp.stack([place[0], near[1]])
    return jnp.where(mode < _ANYWHERE, place, jnp.where(mode < _ANYWHERE + _ALONG, along, near))


def _turn(key: PRNGKey, kind: Count) -> Float[Array, "2 2"]:
    """A rotation, or of a piece now and then one of its mirror image."""
    size_key, step_key, mode_key, angle_key = jax.random.split(key, 4)
    small = _size(size_key, _ANGLES) * jax.random.normal(step_key)
    mode = jax.random.uniform(mode_key)
    anywhere = (kind == SWING) & (mode < _ANY_ANGLE)
    angle = jnp.where(anywhere, 2 * math.pi * jax.random.uniform(angle_key), small)
    cosine, sine = jnp.cos(angle), jnp.sin(angle)
    side = jnp.where((kind == SHIFT) & (mode < _MIRRORED), -1.0, 1.0)
    return jnp.stack([jnp.stack([side * cosine, -sine]), jnp.stack([side * sine, cosine])])


def _size(key: PRNGKey, sizes: tuple[float, float]) -> Scalar:
    low, high = (math.log(size) for size in sizes)
    return jnp.exp(low + (high - low) * jax.random.uniform(key))


def _cost(system: System, fluid: FluidMixture, positions: Positions, *, is_strict: bool) -> Scalar:
    """Minus ln of the fluid's density up to a constant, and a penalty for being outside or out of order."""
    number = len(positions)
    # Each pair once: every particle with those up to half the number of places after it, around a circle; of an even
    # number those opposite meet twice.
    half = number // 2
    x, y = (jnp.concatenate([each, each[:half]]) for each in positions.T)
    partners = np.arange(1, half + 1)[:, None] + np.arange(number)[None]
    weights = np.where((np.arange(1, half + 1) * 2 == number)[:, None], np.float32(0.5), np.float32(1.0))
    squares = (x[partners] - x[None, :number]) ** 2 + (y[partners] - y[None, :number]) ** 2
    pairs = jnp.minimum(system.pair_energy_fn(squares) / system.temperature, _OVERLAP)
    falls = -fluid.gammas * jnp.sum(positions[:, 1]) / system.temperature - fluid.log_partition_function
    outside = jnp.sum(jnp.maximum(-positions, 0.0) + jnp.maximum(positions - system.box_side, 0.0))
    disorder = jnp.sum(jnp.maximum(positions[:-1, 1] - positions[1:, 1], 0.0))
    beyond = _SIGMA_BEYOND * (outside + disorder)
    if is_strict:
        beyond += jnp.where(beyond > 0, _FORBIDDEN, 0.0)
    return jnp.sum(weights * pairs) - jax.nn.logsumexp(falls) + beyond
