"""The figure of codes, with made-up ones."""

import numpy as np

from lcpjax.experiments.latent_clusters.figures import LatentCloud, draw_latent_clouds
from tests.drawn_figures import texts_of

GAMMA = np.repeat([0.1, 0.4, 0.7, 1.0], 20)


def test_gamma_rises_along_every_axis_whatever_the_sign_that_the_axes_came_with():
    points = np.random.default_rng(0).normal(size=(80, 3)) + np.outer(GAMMA, [5.0, 5.0, 5.0])
    fractions = np.array([0.1, 0.065, 0.05])
    clouds = [
        LatentCloud(name, points * sign, fractions, points[:, :2] * sign, fractions[:2], 40, seed=7)
        for name, sign in (("given", 1.0), ("turned", -1.0))
    ]
    figure, data = draw_latent_clouds(clouds, GAMMA)
    np.testing.assert_array_equal(data["given"], data["turned"])
    assert (np.cov(data["turned"].T, GAMMA)[-1, :3] > 0).all()
    assert "given, $d = 40$, seed 7\ntwo axes 16.5 %, $2/d$ 5.0 %" in texts_of(figure)
