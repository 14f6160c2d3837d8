"""The curves of a sweep, with made-up rows."""

import math

import pytest

from lcpjax.report.figures.convergence import NOT_CONVERGED
from lcpjax.report.figures.sweep_curve import draw_sweep_curve, over_seeds
from tests.drawn_figures import labels_of, open_points

LINEAR = [{"latent_dim": 40, "mse": 2.4, "rmsd": math.nan}]


def rows_of(**verdicts):
    """Two seeds at each lambda; ``verdicts`` by the name of a lambda and a seed."""
    rows = []
    for weight in (1e-3, 1e-1):
        for seed in (0, 1):
            row = {"kl_weight": weight, "seed": seed, "mse_test": 3.0 + seed, "rmsd_of_mean": 2.7, "kl_nats": 50.0}
            rows.append(row | ({"is_converged": verdicts[f"{weight:g}_{seed}"]} if verdicts else {}))
    return rows


VERDICTS = {"0.001_0": True, "0.001_1": False, "0.1_0": True, "0.1_1": True}


def test_a_point_is_open_where_one_of_its_seeds_has_not_converged_and_the_legend_says_so():
    figure, shown = draw_sweep_curve(rows_of(**VERDICTS), "kl_weight", LINEAR, 4.0)
    assert [row["is_converged"] for row in shown] == [False, True]
    assert [open_points(panel) for panel in figure.axes] == [[(1e-3, 3.5)], [(1e-3, 2.7)], [(1e-3, 50.0)]]
    assert NOT_CONVERGED in labels_of(figure)


@pytest.mark.parametrize("rows", [rows_of(), rows_of(**dict.fromkeys(VERDICTS, True))])
def test_without_an_unconverged_model_no_point_is_open(rows):
    figure, _ = draw_sweep_curve(rows, "kl_weight", LINEAR, 4.0)
    assert [open_points(panel) for panel in figure.axes] == [[], [], []]
    assert NOT_CONVERGED not in labels_of(figure)


def test_rows_without_a_verdict_give_means_without_one():
    assert "is_converged" not in over_seeds(rows_of(), "kl_weight")[0]


def test_references_of_no_latent_and_of_linear_pca_lie_within_the_panels():
    figure, _ = draw_sweep_curve(rows_of(), "kl_weight", LINEAR, 4.0, mean_rmsd=2.85)
    error, deviation, _ = figure.axes
    for panel, values in ((error, (2.4, 4.0)), (deviation, (2.85,))):
        low, high = panel.get_ylim()
        assert all(low < value < high for value in values)
    assert {"mean of the training set", "linear PCA, 40 components"} <= labels_of(figure)
