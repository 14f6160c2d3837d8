"""The study's curves: reconstruction error and rate against lambda, or against the number of latents."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lcpjax.report.figures.convergence import converged_column, draw_points, has_converged, label_open_points
from lcpjax.report.figures.style import distinct_colours, legend_below, panels, styled
from lcpjax.report.quantities import axis_label

_LABELS = {"kl_weight": r"$\lambda$ (KL weight)", "latent_dim": "number of latents"}
_QUANTITIES = {name: axis_label(name) for name in ("mse_test", "rmsd_of_mean", "kl_nats")}
_PCA: dict[str, Any] = {"color": "0.25", "linestyle": "--", "linewidth": 1.1}


@styled
def draw_sweep_curve(
    rows: Sequence[Mapping[str, Any]],
    by: str,
    linear_rows: Sequence[Mapping[str, Any]],
    mean_mse: float,
    mean_rmsd: float = math.nan,
) -> tuple[Figure, list[dict[str, Any]]]:
    """Test MSE, RMSD and KL against the swept key, mean and standard deviation over seeds, and the data shown.

    A point is open where a seed of its models has not converged (``is_converged``).

    Args:
        rows: a measured row for each model.
        by: the swept key, ``kl_weight`` or ``latent_dim``.
        linear_rows: linear PCA on the same data, a row for each number of latents.
        mean_mse: of the mean over the training set, which needs no latent at all.
        mean_rmsd: of the same, in sigma; nan: not drawn.
    """
    shown = over_seeds(rows, by)
    figure, axes = panels(1, 3, 3.7, 3.4)
    for panel, (quantity, label) in zip(axes[0], _QUANTITIES.items(), strict=True):
        _draw(panel, shown, by, quantity)
        panel.set(xlabel=_LABELS[by], ylabel=label)
    error, deviation, rate = axes[0]
    _draw_linear(error, shown, by, linear_rows, "mse")
    _draw_linear(deviation, shown, by, linear_rows, "rmsd")
    for panel, value in ((error, mean_mse), (deviation, mean_rmsd)):
        if math.isfinite(value):
            panel.axhline(value, color="0.25", linestyle=":", linewidth=1.3, label="mean of the training set")
    # A rate is never negative, and 0 is a collapsed posterior.
    rate.set_ylim(bottom=min(0.0, *(row["kl_nats_mean"] for row in shown)) - 0.02 * rate.get_ylim()[1])
    label_open_points(error, shown)
    legend_below(figure, axes[0], columns=4)
    return figure, shown


def over_seeds(
    rows: Sequence[Mapping[str, Any]], by: str, quantities: Iterable[str] = _QUANTITIES
) -> list[dict[str, Any]]:
    """Mean and sample standard deviation over the seeds that did not fail, a row for each swept value.

    With ``is_converged``, whether all of them have, where the models' rows have that column.
    """
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
        shown.append(averages | converged_column(own))
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
    (colour,) = distinct_colours(1)
    axes.errorbar(x, y, yerr=spread, fmt="-", capsize=3, color=colour)
    draw_points(axes, shown, by, f"{quantity}_mean", "o", colour)
    most = max((row["num_seeds"] for row in shown), default=1)
    label = f"mean and sd of {most} seeds" if most > 1 else "one seed"
    if any(has_converged(row) for row in shown):
        axes.plot([], [], "o-", color=colour, label=label)
    else:
        axes.plot([], [], "-", color=colour, label=label)


def _draw_linear(
    axes: Axes, shown: list[dict[str, Any]], by: str, linear_rows: Sequence[Mapping[str, Any]], error: str
) -> None:
    """Linear PCA: a line across where all models have one number of latents, else a curve."""
    rows = [row for row in linear_rows if math.isfinite(row.get(error, math.nan))]
    if by == "latent_dim":
        if rows:
            values = [row[error] for row in rows]
            axes.plot([row["latent_dim"] for row in rows], values, "s", label="linear PCA", markersize=4, **_PCA)
        return
    for row in rows:
        axes.axhline(row[error], label=f"linear PCA, {row['latent_dim']} components", **_PCA)
