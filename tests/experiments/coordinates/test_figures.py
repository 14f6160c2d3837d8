"""Figures of routes, with made-up errors."""

import numpy as np
import pytest

from lcpjax.experiments.coordinates.figures import draw_learned_routes
from lcpjax.experiments.coordinates.route_figures import draw_route_errors
from tests.drawn_figures import texts_of

GAMMA = np.repeat([0.1, 1.0], 50)


def errors_of(scale, **more):
    spread = scale * np.linspace(0.5, 2.0, len(GAMMA))
    return {
        "rmsd_aligned": spread,
        "rank_two_fraction": 1.0 - 0.1 * spread,
        "triangle_violations": 0.01 * spread,
    } | more


def angles_of(degrees):
    return {"missing_angle": np.full(len(GAMMA), degrees), "is_mirrored": np.arange(len(GAMMA)) % 2 == 0}


SHAPES = {("true distances", "Gram"): errors_of(0.0), ("seed_conv", "Gram"): errors_of(1.0)}
WAYS = SHAPES | {("true distances", "tumbled"): angles_of(3.0), ("best", "in the box"): angles_of(0.0)}


def test_errors_of_zero_are_drawn_in_a_strip_that_names_its_limit_and_inside_the_axes():
    figure, _ = draw_route_errors(WAYS, SHAPES, GAMMA)
    rmsd = figure.axes[0]
    (zero, _) = (line.get_xdata()[0] for line in rmsd.lines if line.get_marker() == "o")
    left, right = rmsd.get_xlim()
    assert left < zero < 1e-6 < 2.0 < right
    assert r"$<10^{-6}$" in [text.get_text() for text in rmsd.get_xticklabels()]


def test_a_panel_may_have_nothing_but_zeros():
    """As of models that have hardly been trained: no triangle is violated."""
    zeros = {name: of_each | {"triangle_violations": np.zeros(len(GAMMA))} for name, of_each in SHAPES.items()}
    figure, _ = draw_route_errors(WAYS | zeros, zeros, GAMMA)
    panel = figure.axes[2]
    left, right = panel.get_xlim()
    assert all(left < line.get_xdata()[0] < right for line in panel.lines if line.get_marker() == "o")


def test_every_route_has_a_line_and_its_quantiles_unclipped():
    figure, quantiles = draw_route_errors(WAYS, SHAPES, GAMMA)
    assert {"true distances: Gram", "seed conv: Gram", "true distances: tumbled", "best: in the box"} <= set(
        texts_of(figure)
    )
    for way, of_each in WAYS.items():
        for name in set(of_each) & {"rmsd_aligned", "triangle_violations", "missing_angle"}:
            column = [row[f"{name}: {', '.join(way)}"] for row in quantiles]
            assert column == pytest.approx(np.quantile(of_each[name], np.linspace(0.0, 1.0, 51)).tolist())


def test_learned_routes_have_a_scale_and_all_particles_within_the_panels():
    truth = np.random.default_rng(0).uniform(0.0, [10.0, 4.0], (5, 30, 2))
    losses = ("coordinates", "distances")
    predicted = {("convolutional", loss): truth - truth.mean(axis=(0, 1)) for loss in losses}
    figure, data = draw_learned_routes(truth, predicted, 2, 10.0)
    assert r"3 $\sigma$" in texts_of(figure)
    for panel in figure.axes:
        (left, right), (low, high) = panel.get_xlim(), panel.get_ylim()
        for positions in data.values():
            assert (positions > [left, low]).all()
            assert (positions < [right, high]).all()
        # The upper part of the box, in which nothing is, is not shown.
        assert high - low < 8.0
