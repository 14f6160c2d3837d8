"""Networks against linear codes, with made-up rows."""

import numpy as np

from lcpjax.experiments.representations.figures import draw_representations
from lcpjax.report.figures.convergence import NOT_CONVERGED
from tests.drawn_figures import labels_of


def test_networks_that_have_not_converged_are_open():
    numbers = {"ordering": "height", "distance_mse_mean": 2.0, "distance_mse_sd": 0.1, "linear_distance_mse": 2.4}
    rows = [{"network": name, **numbers, "is_converged": name == "trained"} for name in ("trained", "unfinished")]
    figure, _ = draw_representations(rows, {"height": np.linspace(2.0, 0.1, 435)}, 40)
    _, plane = figure.axes
    faces = [bars.lines[0].get_markerfacecolor() for bars in plane.containers]
    assert [face == "white" for face in faces] == [False, True]
    assert NOT_CONVERGED in labels_of(figure)
