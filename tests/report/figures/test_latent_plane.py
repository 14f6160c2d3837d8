"""The plane of codes, with made-up ones."""

import numpy as np

from lcpjax.report.figures.latent_plane import draw_latent_plane
from tests.drawn_figures import labels_of, texts_of


def test_axes_are_turned_so_that_gamma_rises_along_each_and_say_their_share():
    gamma = np.repeat([0.1, 1.0], 50)
    rising = np.stack([gamma, -gamma], axis=1)
    figure, shown = draw_latent_plane(rising, np.array([0.125, 0.05]), gamma)
    np.testing.assert_array_equal(shown["points"], rising * [1, -1])
    texts = texts_of(figure)
    assert "axis 1 (12.5 %)" in texts
    assert "axis 2 (5.0 %)" in texts
    assert labels_of(figure) == {r"$\gamma = 0.1$", r"$\gamma = 1$"}
