"""Particles named by the place they take in a mean configuration: the optimal assignment to a template."""

import functools
from collections.abc import Callable

import jax
import jax.numpy as jnp
import optax

from lcpjax.array_types import Configurations2D, ManyPositions, Positions

_NUM_ROUNDS = 20
_MOST_CONFIGURATIONS = 1024
# Assignments solved at once; more only need more memory.
_BATCH = 512


def assign(positions: ManyPositions, template: Positions) -> ManyPositions:
    """The positions in the order in which the sum of squared distances to the template is smallest.

    A function of the set of particles, by the Hungarian algorithm on the device.

    Args:
        positions: (..., particles, 2), in sigma.
        template: (particles, 2), in sigma.
    """
    flat = positions.reshape(-1, *positions.shape[-2:])
    return _assigned(flat, template).reshape(positions.shape)


def learn_template(positions: Configurations2D, first_order: Callable[[ManyPositions], ManyPositions]) -> Positions:
    """A configuration whose sum of squared distances to all others, particles best assigned, is small.

    Means and assignments in turn, as in k-means: neither can make it worse, so it
    ends in a minimum, of which ``first_order`` decides the basin.

    Args:
        positions: (configurations, particles, 2), in sigma; at most 1,024 are used, evenly spread.
        first_order: puts particles in the order whose means it starts from.
    """
    step = -(-positions.shape[0] // _MOST_CONFIGURATIONS)
    chosen = positions[::step]
    return _settled(chosen, jnp.mean(first_order(chosen), axis=0))


@jax.jit
def _settled(positions: Configurations2D, template: Positions) -> Positions:
    def improve(_: jax.Array, template: Positions) -> Positions:
        return jnp.mean(_assigned(positions, template), axis=0)

    return jax.lax.fori_loop(0, _NUM_ROUNDS, improve, template)


@jax.jit
def _assigned(positions: Configurations2D, template: Positions) -> Configurations2D:
    return jax.lax.map(functools.partial(_assign_one, template), positions, batch_size=_BATCH)


def _assign_one(template: Positions, positions: Positions) -> Positions:
    costs = jnp.sum((template[:, None] - positions[None, :]) ** 2, axis=-1)
    places, particles = optax.assignment.hungarian_algorithm(costs)
    return positions[particles[jnp.argsort(places)]]
