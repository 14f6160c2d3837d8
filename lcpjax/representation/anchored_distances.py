"""Distances between all particles and the four corners of the box; they determine position, angle and mirror."""

import jax.numpy as jnp
from jaxtyping import Array, Float

from lcpjax.array_types import ManyPositions
from lcpjax.representation.distance_matrix import distance_matrix

AnchoredDistances = Float[Array, "*batch points points"]


def box_corners(box_side: float) -> Float[Array, "4 2"]:
    """Lower left, lower right, upper left, upper right, in sigma."""
    return jnp.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]) * box_side


def anchored_distances(positions: ManyPositions, box_side: float) -> AnchoredDistances:
    """Distances between particles and corners, in sigma; the corners are the last four rows and columns.

    Args:
        positions: (..., particles, 2), in sigma.
    """
    corners = jnp.broadcast_to(box_corners(box_side), (*positions.shape[:-2], 4, 2))
    return distance_matrix(jnp.concatenate([positions, corners], axis=-2))


def coordinates_from_anchors(distances: AnchoredDistances, box_side: float) -> ManyPositions:
    """Positions of the particles, (..., particles, 2), in sigma, from their distances to the corners alone.

    Differences of squared distances are linear in the coordinates; the least
    squares solution is the mean over the two pairs of corners on each axis. Exact
    for distances that are ones, otherwise only defined.
    """
    halves = distances[..., :-4, -4:], jnp.swapaxes(distances[..., -4:, :-4], -2, -1)
    squared = (0.5 * (halves[0] + halves[1])) ** 2
    lower_left, lower_right, upper_left, upper_right = (squared[..., corner] for corner in range(4))
    x = (lower_left - lower_right + upper_left - upper_right) / (4.0 * box_side)
    y = (lower_left - upper_left + lower_right - upper_right) / (4.0 * box_side)
    return jnp.stack([x, y], axis=-1) + 0.5 * box_side
