"""Initial positions: points for each rigid piece and what is linked to it, from observed distances alone."""

import math

import jax.numpy as jnp
import numpy as np
from jaxtyping import Bool, Float

from lcpjax.evaluation.imputation.rigid_moves import RigidMoves
from lcpjax.reconstruction import fit_points, turn_upright

Distances = Float[np.ndarray, "particles particles"]
Graph = Bool[np.ndarray, "particles particles"]


def groups_in_place(distances: Distances, observed: Graph, moves: RigidMoves) -> Float[np.ndarray, "particles 2"]:
    """Each group around a point of its own, upright by its order of heights; (particles, 2), in sigma.

    Args:
        distances: in sigma; unobserved ones are ignored.
        observed: of pieces that are globally rigid, and of loose particles.
        moves: ``rigid_moves`` of what is observed.
    """
    places = np.zeros((len(distances), 2), np.float32)
    for group in np.unique(moves.group):
        rows = np.flatnonzero((moves.group == group) & ~moves.is_loose)
        if len(rows) > 1:
            among = np.ix_(rows, rows)
            fitted = fit_points(jnp.asarray(distances[among]), jnp.asarray(observed[among])).positions
            places[rows] = np.asarray(turn_upright(fitted))
    for particle in np.flatnonzero(moves.is_loose):
        to = np.flatnonzero(observed[particle] & (np.arange(len(distances)) != particle))
        if len(to):
            places[particle] = _point_at(places[to], distances[particle, to])
    return places


def _point_at(links: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """A point at these distances from one or two others."""
    apart = links[-1] - links[0]
    side = np.linalg.norm(apart)
    if not side:
        return links[0] + np.array([lengths[0], 0.0])
    along = (lengths[0] ** 2 - lengths[1] ** 2 + side**2) / (2 * side)
    across = math.sqrt(max(lengths[0] ** 2 - along**2, 0.0))
    return links[0] + (along * apart + across * np.array([-apart[1], apart[0]])) / side
