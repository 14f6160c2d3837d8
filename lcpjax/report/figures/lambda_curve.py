"""The study's curve: reconstruction error against lambda."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lcpjax.report.figures.style import ordered_colours, panels, styled


@styled
def draw_lambda_curve(
    rows: Sequence[Mapping[str, Any]], linear_mse: float, mean_mse: float
) -> tuple[Figure, list[dict[str, Any]]]:
    """Test MSE and KL against lambda, mean and standard deviation over seeds, and the data shown.

    Args:
        rows: a row of tables/lambda_sweep.csv for each model.
        linear_mse: of linear PCA with as many components, on the same data.
        mean_mse: of the mean over the training part, which needs no latent at all.
    """
    shown = _over_seeds(rows)
    figure, axes = panels(1, 2, 4.2, 3.4)
    error, rate = axes[0]
    _draw(error, shown, "mse")
    error.axhline(linear_mse, color="0.25", linestyle="--", linewidth=1.1)
    error.axhline(mean_mse, color="0.25", linestyle=":", linewidth=1.1)
    dims = rows[0]["latent_dim"]
    named = (
        (linear_mse, f"linear PCA, {dims} components", "top"),
        (mean_mse, "mean of the training part", "bottom"),
    )
    for value, name, side in named:
        error.annotate(name, (0.03, value), xycoords=("axes fraction", "data"), va=side, fontsize=8, color="0.25")
    error.set(xlabel=r"$\lambda$ (KL weight)", ylabel=r"test MSE ($\sigma^2$)")
    error.set_ylim(0, 1.15 * max(mean_mse, max(row["mse_mean"] for row in shown)))
    _draw(rate, shown, "kl")
    rate.set(xlabel=r"$\lambda$ (KL weight)", ylabel="KL on the test part (nats)")
    rate.set_ylim(bottom=0)
    return figure, shown


def _draw(axes: Axes, shown: list[dict[str, Any]], quantity: str) -> None:
    x = [row["kl_weight"] for row in shown]
    y, spread = [row[f"{quantity}_mean"] for row in shown], [row[f"{quantity}_sd"] for row in shown]
    positive = [value for value in x if value > 0]
    # A plain autoencoder, lambda = 0, has its place left of the logarithmic ones.
    if len(positive) == len(x):
        axes.set_xscale("log")
    else:
        axes.set_xscale("symlog", linthresh=min(positive, default=1.0))
    axes.errorbar(x, y, yerr=spread, fmt="o-", capsize=3, color=ordered_colours(3)[1])


def _over_seeds(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Mean and sample standard deviation over the seeds that did not fail, a row for each lambda."""
    shown = []
    for kl_weight in sorted({row["kl_weight"] for row in rows}):
        mse = np.array([row["mse_test"] for row in rows if row["kl_weight"] == kl_weight])
        kl = np.array([row["kl_nats"] for row in rows if row["kl_weight"] == kl_weight])
        mse, kl = mse[np.isfinite(mse)], kl[np.isfinite(mse)]
        if not mse.size:
            continue
        # One seed has no spread that anybody knows.
        spread = [float(values.std(ddof=1)) if mse.size > 1 else float("nan") for values in (mse, kl)]
        shown.append(
            {
                "kl_weight": kl_weight,
                "num_seeds": mse.size,
                "mse_mean": float(mse.mean()),
                "mse_sd": spread[0],
                "kl_mean": float(kl.mean()),
                "kl_sd": spread[1],
            }
        )
    return shown
