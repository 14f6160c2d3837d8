"""The rate-distortion plane, with made-up rows."""

import numpy as np

from lcpjax.report.figures.convergence import NOT_CONVERGED
from lcpjax.report.figures.rate_distortion import draw_rate_distortion
from tests.drawn_figures import labels_of, open_points, texts_of

CODES = {"height": np.linspace(6.0, 0.1, 60), "template": np.linspace(1.0, 0.1, 60)}
ENTROPY, NUM_PARTICLES = 22.4, 30
BEST = {"variant": "best", "seed": 0, "kl_nats": 353.0, "rmsd_of_sample": 0.0014}


def row_of(variant, rate, deviation, **more):
    numbers = {"kl_nats": rate, "rmsd_of_sample": deviation, "above_shannon_nats": 40.0}
    return {"variant": variant, "kl_weight": 1e-3, "latent_dim": 40, "seed": 0} | numbers | more


ROWS = [row_of("coordinates-height", 100.0, 0.4), row_of("coordinates-height-learned-variance", 35.0, 1.1)]


def draw(rows, references=()):
    return draw_rate_distortion(rows, CODES, ENTROPY, NUM_PARTICLES, references)


def test_every_model_reference_and_curve_is_in_the_data_and_the_models_are_named_in_words():
    figure, shown = draw(ROWS, [BEST])
    models = [(row["variant"], row["kl_nats"], row["rmsd_of_sample"]) for row in [*ROWS, BEST]]
    assert [(row["variant"], row["kl_nats"], row["rmsd_of_sample"]) for row in shown[:3]] == models
    curves = {row["variant"] for row in shown[3:]}
    assert curves == {"Shannon's lower bound", "best linear code, height order", "best linear code, template order"}
    assert labels_of(figure) == curves | {"height order", "height order, learned variance"}
    assert "best: 353 nats, 0.0014 $\\sigma$" in texts_of(figure)


def test_every_point_lies_within_the_axes_a_reference_far_from_the_models_too():
    figure, _ = draw(ROWS, [BEST])
    (plane,) = figure.axes
    (left, right), (low, high) = plane.get_xlim(), plane.get_ylim()
    for row in [*ROWS, BEST]:
        assert left < row["kl_nats"] < right
        assert low < row["rmsd_of_sample"] < high


def test_a_reference_on_the_bound_is_drawn_on_the_bound():
    # 353 nats at RMSD 0.0014 of a fluid of 22.4 nats: the bound is h - N ln(pi e RMSD^2) = 352.5 nats.
    _, shown = draw(ROWS, [BEST])
    bound = [row for row in shown if row["variant"] == "Shannon's lower bound"]
    rates, deviations = (np.array([row[name] for row in bound]) for name in ("kl_nats", "rmsd_of_sample"))
    exact = ENTROPY - NUM_PARTICLES * np.log(np.pi * np.e * 0.0014**2)
    # ln RMSD is drawn by straight lines between 100 points.
    np.testing.assert_allclose(np.interp(np.log(0.0014), np.log(deviations), rates), exact, atol=0.1)
    assert abs(exact - 353.0) < 1.0


def test_unconverged_models_are_open_also_when_the_rows_were_read_from_a_table():
    rows = [row_of("coordinates-height", 100.0, 0.4, is_converged=False), *ROWS[1:]]
    rows.append(row_of("coordinates-template", 60.0, 0.5, is_converged="False"))
    figure, shown = draw(rows)
    assert open_points(figure.axes[0]) == [(100.0, 0.4), (60.0, 0.5)]
    assert NOT_CONVERGED in labels_of(figure)
    assert [row["is_converged"] for row in shown[:3]] == [False, "", "False"]
    assert open_points(draw(ROWS)[0].axes[0]) == []
