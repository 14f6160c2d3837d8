"""A rigid piece and one more particle in a small box, and the density of their places."""

import jax.numpy as jnp
import numpy as np

from lcpjax.sampler.thermodynamic_integration import FreeEnergy
from lcpjax.system import System, lennard_jones

# Few particles in small boxes, so that places can be summed over.
PAIR_AND_ONE = System(num_particles=3, box_side=3.0)
FOUR_AND_ONE = System(num_particles=5, box_side=4.0)
# Any ln Z: the mixture's weights, whatever they are.
_NONE = np.zeros(2)
FLUID = FreeEnergy(np.array([0.5, 2.0]), np.array([2.0, -1.0]), *[_NONE] * 7, 0.0, 0.0, 0.0, *[_NONE] * 3)
THREE = jnp.array([[0.6, 0.3], [1.8, 0.5], [1.3, 1.6]])
FIVE = jnp.array([[0.6, 0.3], [1.8, 0.5], [1.0, 1.4], [2.4, 1.6], [1.9, 2.7]])


def log_density(positions):
    """Ln p up to a constant of (..., particles, 2)."""
    first, second = np.triu_indices(positions.shape[-2], k=1)
    squares = np.sum((positions[..., first, :] - positions[..., second, :]) ** 2, axis=-1, dtype=np.float32)
    falls = -np.multiply.outer(positions[..., 1].sum(axis=-1), FLUID.gamma) - FLUID.log_partition_function
    return -np.asarray(lennard_jones(jnp.asarray(squares))).sum(axis=-1) + np.logaddexp.reduce(falls, axis=-1)


def linked(number, rest, links):
    """All distances among the first ``rest``, and from the last particle to some of them."""
    mask = np.eye(number, dtype=bool)
    mask[:rest, :rest] = True
    mask[-1, links] = mask[links, -1] = True
    return mask
