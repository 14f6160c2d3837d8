"""The hard-walled square box [0, side] x [0, side]."""

import math

import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from lcpjax.array_arguments import takes_arrays


@takes_arrays
def inside_box(positions: Float[Array, "*batch 2"], box_side: float) -> Bool[Array, "*batch"]:
    """Whether each position lies in the box, walls included.

    >>> inside_box(jnp.array([[0.0, 10.0], [5.0, 10.1]]), 10.0).tolist()
    [True, False]
    """
    return jnp.all((positions >= 0) & (positions <= box_side), axis=-1)


def most_particles(box_side: float) -> int:
    """Largest number of particles that fits with all distances at least sigma.

    Groemer's bound for points at least 1 apart in a convex region of area A and
    perimeter P: 2 A / sqrt(3) + P / 2 + 1 (Math. Z. 73, 285 (1960)). Particle
    centres may touch the walls, so the region is the whole box.

    >>> most_particles(10.0)
    136
    """
    return math.floor(2.0 * box_side**2 / math.sqrt(3.0) + 2.0 * box_side + 1.0)
