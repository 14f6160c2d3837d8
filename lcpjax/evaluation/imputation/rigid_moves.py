"""Rigid motions of particles that leave all observed distances unchanged."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Int

from lcpjax.array_arguments import takes_arrays
from lcpjax.errors import InputError
from lcpjax.reconstruction.rigidity import is_globally_rigid

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
