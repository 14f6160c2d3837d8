"""Learning curves, with made-up records."""

import math

import numpy as np

from lcpjax.report.figures.convergence import NOT_CONVERGED
from lcpjax.report.figures.learning_curves import draw_learning_curves
from tests.drawn_figures import labels_of, open_points


def records_of(model, kl_weight, **losses):
    return [
        {
            "model": model,
            "kl_weight": kl_weight,
            "latent_dim": 40,
            "epoch": epoch,
            "training/mse_sigma2": 3.0 - epoch,
            "training/validation_mse_sigma2": 2.9 - epoch,
            "training/validation_kl_nats": 50.0 + epoch,
        }
        | {f"training/{name}": value - epoch for name, value in losses.items()}
        for epoch in range(3)
    ]


RECORDS = records_of("small", 1e-3) + records_of("large", 1.0)


def test_only_the_curve_of_a_model_that_has_not_converged_ends_in_an_open_circle():
    figure, _ = draw_learning_curves(RECORDS, converged={"small": True, "large": False})
    assert [open_points(panel) for panel in figure.axes] == [[(3, 2.9 - 2)], [(3, 52.0)]]
    assert NOT_CONVERGED in labels_of(figure)
    unmarked, _ = draw_learning_curves(RECORDS)
    assert [open_points(panel) for panel in unmarked.axes] == [[], []]


def test_a_model_with_a_learned_variance_shows_its_loss_above_the_entropy():
    records = records_of("best", 1.0, loss_nats=26.0, validation_loss_nats=25.0)
    figure, shown = draw_learning_curves(records, entropy=22.5)
    trained, validated = (line for line in figure.axes[0].lines if len(line.get_xdata()) == 3)
    np.testing.assert_allclose(trained.get_ydata(), [3.5, 2.5, 1.5])
    np.testing.assert_allclose(validated.get_ydata(), [2.5, 1.5, 0.5])
    assert figure.axes[0].get_ylabel() == "loss (nats above the entropy)"
    assert [row["training/validation_loss_nats"] for row in shown] == [25.0, 24.0, 23.0]
    assert not any(math.isnan(row["training/mse_sigma2"]) for row in shown)
    assert draw_learning_curves(records)[0].axes[0].get_ylabel() == "loss (nats)"


def test_a_model_of_a_fixed_variance_shows_its_mse():
    figure, _ = draw_learning_curves(records_of("seed_conv", 1e-3, loss_sigma2=4.0), entropy=22.5)
    assert figure.axes[0].get_ylabel() == r"MSE ($\sigma^2$)"


def test_epochs_are_whole_numbers():
    figure, _ = draw_learning_curves([record for record in RECORDS if record["epoch"] < 2])
    for panel in figure.axes[:2]:
        ticks = panel.xaxis.get_major_locator().tick_values(1.0, 2.0)
        np.testing.assert_array_equal(ticks, np.round(ticks))
