"""Rigid motions of particles that leave all observed distances unchanged, and where they begin."""

import math
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jaxtyping import Bool, Float, Int

from lcpjax.array_arguments import takes_arrays
from lcpjax.errors import InputError
from lcpjax.reconstruction import fit_points, is_globally_rigid, turn_upright

Distances = Float[np.ndarray, "particles particles"]
Graph = Bool[np.ndarray, "particles particles"]

SHIFT, SWING, FLIP = range(3)
"""A rigid motion of a piece; a particle around the one it is linked to; one across the line of its two links."""

_LOOSE = 2
"""Links at most of a particle that is not part of a rigid piece."""


class PiecesError(InputError):
    """Observed distances that leave more than rigid motions of pieces."""


class RigidMoves(NamedTuple):
    """The moves of one configuration."""

    moved: Bool[np.ndarray, "moves particles"]
    """Particles that each moves."""
    kind: Int[np.ndarray, " moves"]
    links: Int[np.ndarray, "moves 2"]
    """The particles that one swings around, or across the line of which it is reflected; 0 for a shift."""
    is_loose: Bool[np.ndarray, " particles"]
    group: Int[np.ndarray, " particles"]
    """Index of the rigid piece of each, or that it is linked to; a loose particle without links has one of its own."""


@takes_arrays
def rigid_moves(observed: Graph) -> RigidMoves:
    """The moves that leave observed distances as they are.

    Particles with at most two links are loose, but for those of two or three that know all their distances; what is
    left must fall into pieces that no observed distance joins, each globally rigid. A loose particle goes along with
    the piece that it is linked to.

    Raises:
        PiecesError: pieces that are not rigid, or a loose particle linked to another or to two pieces.
    """
    links = observed & ~np.eye(len(observed), dtype=bool)
    loose = (links.sum(axis=1) <= _LOOSE) & ~_is_in_clique(links)
    group = _pieces(links, loose)
    for particle in np.flatnonzero(loose & links.any(axis=1)):
        group[particle] = group[links[particle]][0]
    moves = [(group == each, SHIFT, (0, 0)) for each in np.unique(group)]
    for particle in np.flatnonzero(loose & links.any(axis=1)):
        alone, to = np.arange(len(links)) == particle, np.flatnonzero(links[particle])
        moves.append((alone, SWING if len(to) == 1 else FLIP, (int(to[0]), int(to[-1]))))
    moved, kind, joined = zip(*moves, strict=True)
    return RigidMoves(np.array(moved), np.array(kind), np.array(joined), loose, group)


def _is_in_clique(links: Graph) -> Bool[np.ndarray, " particles"]:
    """Whether all that each particle is linked to are linked to each other and to nothing else."""
    known = links | np.eye(len(links), dtype=bool)
    return (known[:, :, None] <= (known[None] == known[:, None])).all(axis=(1, 2))


def _pieces(links: Graph, loose: Bool[np.ndarray, " particles"]) -> Int[np.ndarray, " particles"]:
    number = len(links)
    pieces = np.arange(number)
    held = links & ~loose[:, None] & ~loose[None]
    for _ in range(number):
        # Everyone takes the smallest number among those it is linked to.
        pieces = np.minimum(pieces, np.where(held, pieces[None], number).min(axis=1))
    for piece in np.unique(pieces[~loose]):
        members = pieces == piece
        if not is_globally_rigid(links[np.ix_(members, members)]):
            raise PiecesError(f"observed: {int(members.sum())} particles that hang together can still be bent")
    for particle in np.flatnonzero(loose):
        to = links[particle]
        if (loose & to).any() or len(np.unique(pieces[to])) > 1:
            raise PiecesError(f"observed: particle {particle} is linked to another loose one, or to two pieces")
    return pieces


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
