"""Mirror symmetry at the middle of the box: x -> L - x changes neither energy nor weight of a configuration."""

import jax.numpy as jnp
from jaxtyping import Array, Float

from lcpjax.array_arguments import takes_arrays
from lcpjax.array_types import ManyPositions

MIRRORS = ("keep", "canonical", "augmented")
"""As sampled; the image whose centre lies left; training data with both images."""


@takes_arrays
def mirror_image(positions: ManyPositions, box_side: float) -> ManyPositions:
    """The configurations with left and right exchanged, in sigma.

    >>> mirror_image(jnp.array([[1.0, 3.0]]), 10.0).tolist()
    [[9.0, 3.0]]
    """
    x, y = positions[..., 0], positions[..., 1]
    return jnp.stack([box_side - x, y], axis=-1)


@takes_arrays
def canonical_image(positions: ManyPositions, box_side: float) -> ManyPositions:
    """The configuration or its mirror image, whichever has mean x at most L / 2, in sigma.

    A function of the set of particles, the same for both images (up to the
    rounding of L - x), except where the mean x is L / 2 to rounding.

    Args:
        positions: (..., particles, 2), in sigma.
        box_side: L, in sigma.
    """
    is_right = (_mean_x(positions) > 0.5 * box_side)[..., None, None]
    return jnp.where(is_right, mirror_image(positions, box_side), positions)


def _mean_x(positions: ManyPositions) -> Float[Array, "*batch"]:
    # A sum rounds as its terms follow each other: sorted first, it cannot depend on how particles are numbered.
    return jnp.mean(jnp.sort(positions[..., 0], axis=-1), axis=-1)
