"""Figures of energies, with made-up ones."""

import numpy as np

from lcpjax.experiments.energies.figures import draw_energy_against_error, draw_energy_histograms
from tests.drawn_figures import labels_of, texts_of

FLUID = {kind: np.linspace(-45.0, -20.0, 100) for kind in ("raw", "cut")}
MODELS = {
    "seed_conv": {"raw": np.full(100, 1e6), "cut": np.linspace(-90.0, -50.0, 100)},
    "neighbours": {"raw": np.where(np.arange(100) < 25, np.inf, -30.0), "cut": FLUID["cut"]},
    "best": FLUID,
}


def test_what_lies_beyond_an_axis_is_said_in_words_and_not_drawn_in_a_bin():
    figure, _ = draw_energy_histograms(FLUID, MODELS, 100.0)
    texts = set(texts_of(figure))
    assert {"100 % above 100", "25 % above 100", "45 % below -72"} <= texts
    heights = [np.max(patch.get_data().values) for patch in figure.axes[3].patches]
    assert heights[1] == 0.0


def test_the_fluid_is_drawn_alike_beside_every_model():
    figure, data = draw_energy_histograms(FLUID, MODELS, 100.0)
    for row in (figure.axes[:3], figure.axes[3:]):
        assert len({(panel.get_xlim(), panel.get_ylim()) for panel in row}) == 1
        first, *others = (panel.patches[0].get_data().values for panel in row)
        assert all((each == first).all() for each in others)
    assert set(data) == {f"{name}, {kind}" for name in ("fluid", *MODELS) for kind in ("raw", "cut")}


def test_a_legend_names_each_variant_and_each_way_of_decoding_once():
    rows = [
        {"variant": variant, "decoded": decoded, "rmsd": 0.1, "wasserstein": 40.0}
        for variant in ("seed_conv", "best")
        for decoded in ("mean", "sample")
    ]
    gaussian = [{"rmsd": 0.1, "wasserstein": 30.0}]
    figure, shown = draw_energy_against_error(rows, gaussian, 0.6)
    assert labels_of(figure) == {
        "independent Gaussian error",
        "halves of the fluid",
        "from the latent mean",
        "from a posterior sample",
        "seed conv",
        "best",
    }
    assert shown[:4] == rows
