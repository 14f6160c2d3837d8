"""The study's curves: reconstruction error and rate against lambda, or against the number of latents."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lcpjax.report.figures.style import ordered_colours, panels, styled

_LABELS = {"kl_weight": r"$\lambda$ (KL weight)", "latent_dim": "number of latents"}
_QUANTITIES = {
    "mse_test": r"test MSE ($\sigma^2$)",
    "rmsd_of_mean": r"RMSD, latent mean ($\sigma$)",
    "kl_nats": "KL on the test set (nats)",
}


@styled
def draw_sweep_curve(
    rows: Sequence[Mapping[str, Any]], by: str, linear_rows: Sequence[Mapping[str, Any]], mean_mse: float
) -> tuple[Figure, list[dict[str, Any]]]:
    """Test MSE, RMSD and KL against the swept key, mean and standard deviation over seeds, and the data shown.

    Args:
        rows: a measured row for each model.
        by: the swept key, ``kl_weight`` or ``latent_dim``.
        linear_rows: linear PCA on the same data, a row for each number of latents.
        mean_mse: of the mean over the training set, which needs no latent at all.
    """
    shown = over_seeds(rows, by)
    figure, axes = panels(1, 3, 3.7, 3.4)
    for panel, (quantity, label) in zip(axes[0], _QUANTITIES.items(), strict=True):
        _draw(panel, shown, by, quantity)
        panel.set(xlabel=_LABELS[by], ylabel=label)
        highest = np.nanmax([row[f"{quantity}_mean"] + np.nan_to_num(row[f"{quantity}_sd"]) for row in shown])
        panel.set_ylim(0, 1.15 * highest if highest > 0 else None)
    error = axes[0][0]
    _draw_linear(error, shown, by, linear_rows)
    error.axhline(mean_mse, color="0.25", linestyle=":", linewidth=1.1)
    error.annotate(
        "mean of the training set",
        (0.97, mean_mse),
        xycoords=("axes fraction", "data"),
        va="bottom",
        ha="right",
        fontsize=8,
        color="0.25",
    )
    errors = [mean_mse, *(row["mse_test_mean"] for row in shown), *(row["mse"] for row in linear_rows)]
    error.set_ylim(0, 1.15 * max(errors))
    return figure, shown


def over_seeds(
    rows: Sequence[Mapping[str, Any]], by: str, quantities: Iterable[str] = _QUANTITIES
) -> list[dict[str, Any]]:
    """Mean and sample standard deviation over the seeds that did not fail, a row for each swept value."""
    shown = []
    for value in sorted({row[by] for row in rows}):
        own = [row for row in rows if row[by] == value and np.isfinite(row["mse_test"])]
        if not own:
            continue
        averages: dict[str, Any] = {by: value, "num_seeds": len(own)}
        for quantity in quantities:
            values = np.array([row[quantity] for row in own])
            averages[f"{quantity}_mean"] = float(values.mean())
            # One seed has no spread that anybody knows.
            averages[f"{quantity}_sd"] = float(values.std(ddof=1)) if len(own) > 1 else float("nan")
        shown.append(averages)
    return shown


def _draw(axes: Axes, shown: list[dict[str, Any]], by: str, quantity: str) -> None:
    x = [row[by] for row in shown]
    y, spread = [row[f"{quantity}_mean"] for row in shown], [row[f"{quantity}_sd"] for row in shown]
    if by == "kl_weight":
        positive = [value for value in x if value > 0]
        # A plain autoencoder, lambda = 0, has its place left of the logarithmic ones.
        if len(positive) == len(x):
            axes.set_xscale("log")
        else:
            axes.set_xscale("symlog", linthresh=min(positive, default=1.0))
    axes.errorbar(x, y, yerr=spread, fmt="o-", capsize=3, color=ordered_colours(3)[1])


def _draw_linear(axes: Axes, shown: list[dict[str, Any]], by: str, linear_rows: Sequence[Mapping[str, Any]]) -> None:
    """Linear PCA: a line across where all models have one number of latents, else a curve."""
    if by == "latent_dim":
        dims, errors = [row["latent_dim"] for row in linear_rows], [row["mse"] for row in linear_rows]
        axes.plot(dims, errors, "s--", color="0.25", linewidth=1.1, label="linear PCA")
        axes.legend(loc="upper right")
        return
    (row,) = linear_rows
    axes.axhline(row["mse"], color="0.25", linestyle="--", linewidth=1.1)
    name = f"linear PCA, {row['latent_dim']} components"
    axes.annotate(name, (0.03, row["mse"]), xycoords=("axes fraction", "data"), va="top", fontsize=8, color="0.25")
