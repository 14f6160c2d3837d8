import numpy as np
import pytest

from lcpjax.evaluation.imputation import PiecesError, rigid_moves
from lcpjax.evaluation.imputation.rigid_moves import FLIP, SHIFT, SWING


def _bodies(*sizes):
    number = sum(sizes)
    piece = np.repeat(np.arange(len(sizes)), sizes)
    return np.broadcast_to(piece[:, None], (number, number)) == piece[None]


def _with_links(graph, particle, links):
    graph = graph.copy()
    graph[particle, links] = graph[links, particle] = True
    return graph


def test_two_halves_shift_apart_from_each_other():
    moves = rigid_moves(_bodies(5, 5))
    assert moves.kind.tolist() == [SHIFT, SHIFT]
    assert moves.moved.sum(axis=1).tolist() == [5, 5]
    assert not (moves.moved[0] & moves.moved[1]).any()


@pytest.mark.parametrize(("links", "kinds"), [([], [SHIFT, SHIFT]), ([2], [SHIFT, SWING]), ([2, 4], [SHIFT, FLIP])])
def test_a_lost_particle_is_free_swings_or_flips(links, kinds):
    moves = rigid_moves(_with_links(_bodies(6, 1), 6, links))
    assert moves.kind.tolist() == kinds
    # What is linked goes along with what it is linked to.
    assert bool(moves.moved[0, 6]) == bool(links)
    assert moves.moved[-1].tolist() == [False] * 6 + [True]
    if links:
        assert sorted(set(moves.links[-1].tolist())) == links


def test_a_particle_with_three_links_is_part_of_the_piece():
    moves = rigid_moves(_with_links(_bodies(6, 1), 6, [0, 2, 4]))
    assert moves.moved.tolist() == [[True] * 7]


@pytest.mark.parametrize(
    "graph",
    [
        _with_links(_with_links(_bodies(5, 5), 0, [5]), 1, [6]),  # Two halves joined by two distances bend.
        _with_links(_with_links(_bodies(5, 1, 1), 5, [6]), 6, [0]),  # A chain of loose ones.
        _with_links(_with_links(_bodies(5, 5, 1), 10, [0]), 10, [7]),  # A loose one between two pieces.
    ],
)
def test_other_freedom_is_refused(graph):
    with pytest.raises(PiecesError, match="observed"):
        rigid_moves(graph)
