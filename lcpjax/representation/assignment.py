"""Particles labelled by the sites of a template: the optimal assignment, solved on the device."""

import functools

import jax
import jax.numpy as jnp
import optax

from lcpjax.array_types import Configurations2D, ManyPositions, Positions

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


@jax.jit
def _assigned(positions: Configurations2D, template: Positions) -> Configurations2D:
    return jax.lax.map(functools.partial(_assign_one, template), positions, batch_size=_BATCH)


def _assign_one(template: Positions, positions: Positions) -> Positions:
    costs = jnp.sum((template[:, None] - positions[None, :]) ** 2, axis=-1)
    places, particles = optax.assignment.hungarian_algorithm(costs)
    return positions[particles[jnp.argsort(places)]]
