import itertools

import numpy as np
import pytest

from lcpjax.errors import InputError
from lcpjax.reconstruction import is_globally_rigid
from lcpjax.reconstruction.rigidity import rigidity_matrix


def _graph(number, pairs):
    graph = np.zeros((number, number), bool)
    first, second = np.array(pairs).T
    graph[first, second] = graph[second, first] = True
    return graph


def _complete(number):
    return list(itertools.combinations(range(number), 2))


def _by_its_combinatorics(graph):
    """The other criterion (Jackson and Jordan, 2005): joined in three ways, and rigid without any one distance."""
    number = len(graph)
    places = np.random.default_rng(1).normal(size=(number, 2))

    def is_rigid(pairs):
        rank = np.linalg.matrix_rank(rigidity_matrix(places, *np.array(pairs).T)) if pairs else 0
        return rank == 2 * number - 3

    pairs = np.argwhere(np.triu(graph, 1)).tolist()
    redundant = all(is_rigid(pairs[:index] + pairs[index + 1 :]) for index in range(len(pairs)))
    joined = all(
        _hang_together(graph, set(range(number)) - set(two)) for two in itertools.combinations(range(number), 2)
    )
    return redundant and joined


def _hang_together(graph, left):
    reached, edge = set(), {min(left)}
    while edge:
        reached |= edge
        edge = {other for one in edge for other in np.flatnonzero(graph[one]).tolist() if other in left} - reached
    return reached == left


def test_both_criteria_agree_on_random_graphs():
    random, verdicts = np.random.default_rng(0), []
    for _ in range(60):
        graph = np.triu(random.random((7, 7)) < 0.65, 1)
        graph |= graph.T
        verdicts.append(is_globally_rigid(graph))
        assert verdicts[-1] == _by_its_combinatorics(graph)
    # Of both kinds there are many, so that neither answer alone would pass.
    assert 10 < sum(verdicts) < 50


@pytest.mark.parametrize(
    ("number", "pairs", "expected"),
    [
        (4, _complete(4), True),
        (4, _complete(4)[1:], False),  # One diagonal: folds over.
        (5, _complete(4), False),  # A particle without links.
        (5, [*_complete(4), (0, 4)], False),  # It swings.
        (5, [*_complete(4), (0, 4), (1, 4)], False),  # It has a mirror twin.
        (5, [*_complete(4), (0, 4), (1, 4), (2, 4)], True),
        (6, [(0, 1), (1, 2), (0, 2), (3, 4), (4, 5), (3, 5), (0, 3), (1, 4), (2, 5)], False),  # A prism, rigid once.
        (6, list(itertools.product(range(3), range(3, 6))), False),  # Three and three: rigid without redundancy.
        (2, [(0, 1)], True),
        (3, [(0, 1), (1, 2)], False),
    ],
)
def test_known_graphs(number, pairs, expected):
    assert is_globally_rigid(_graph(number, pairs)) is expected


def test_two_rigid_bodies_need_three_shared_particles():
    def bodies(shared):
        size = 6 + shared
        one, other = np.arange(size) < 3 + shared, np.arange(size) >= 3
        return (one[:, None] & one[None]) | (other[:, None] & other[None])

    assert [is_globally_rigid(bodies(shared)) for shared in (1, 2, 3)] == [False, False, True]


def test_what_is_no_graph_is_refused():
    with pytest.raises(InputError, match="symmetric"):
        is_globally_rigid(np.triu(np.ones((4, 4), bool)))
