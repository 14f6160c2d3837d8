"""The readouts along latents, with made-up paths."""

import math

import numpy as np

from lcpjax.experiments.latent_probes.figures import draw_traversal_readouts
from lcpjax.experiments.latent_probes.traversals import STEPS
from tests.drawn_figures import labels_of, texts_of


def rows_of(variant, slope, height=2.0, energy=100.0):
    return [
        {
            "variant": variant,
            "centre": centre,
            "rank": rank,
            "step": step,
            "pair_energy": energy,
            "mean_height": height + slope * (rank + 1) * step,
            "radius_of_gyration": 3.0,
            "smallest_distance": 0.5,
        }
        for centre in ("zero", "gamma 0.1", "gamma 0.4", "gamma 1")
        for rank in range(5)
        for step in STEPS
    ]


ROWS = rows_of("sigma_vae", 0.5, energy=-30.0) + rows_of("seed_conv", 0.5, height=math.nan)


def test_each_latent_has_one_line_with_a_name_and_a_clipped_energy_is_written_as_such():
    figure, shown = draw_traversal_readouts(ROWS)
    assert labels_of(figure) == {"around zero: range", "latent 1 by relevance", *(f"latent {n}" for n in range(2, 6))}
    assert [len(panel.lines) for panel in figure.axes] == [5, 5, 5, 6, 0, 5, 5, 6]
    assert r"$\geq$100" in texts_of(figure)
    assert shown == ROWS


def test_heights_are_changes_from_the_centre_on_one_scale_and_said_to_be_unknown_without_a_frame():
    figure, _ = draw_traversal_readouts(ROWS + rows_of("anchored", 0.01))
    heights = figure.axes[0].lines[1].get_ydata()
    np.testing.assert_allclose(heights, STEPS)
    assert figure.axes[0].get_ylim() == figure.axes[8].get_ylim()
    assert "no frame:\nno height" in texts_of(figure)
