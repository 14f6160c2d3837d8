"""Figures of burn-in and of the fluid's structure."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lcpjax.report.figures.style import ordered_colours, panels, styled
from lcpjax.report.quantities import axis_label

Rows = Sequence[Mapping[str, Any]]

# In epsilon a particle above equilibrium; overlapping starts cost up to 1e30.
_ENERGY_RANGE = 1.2


@styled
def draw_burn_in(rows: Rows, num_sweeps: int) -> tuple[Figure, list[dict[str, Any]]]:
    """Pair energy a particle, mean height and acceptance against sweeps, a row for each box; and the data shown.

    Args:
        rows: one for each box, gamma and snapshot.
        num_sweeps: S, marked like S / 2, where tuning ends.
    """
    sides = _values(rows, "box_side")
    figure, axes = panels(len(sides), 3, 3.1, 2.6)
    shown = (
        ("pair_energy_per_particle", "pair_energy_standard_error", axis_label("pair_energy_per_particle")),
        ("mean_height", "mean_height_standard_error", axis_label("mean_height")),
        ("acceptance", None, axis_label("acceptance")),
    )
    for line, side in zip(axes, sides, strict=True):
        for each, (quantity, error, label) in zip(line, shown, strict=True):
            _draw_curves(each, [row for row in rows if row["box_side"] == side], ("sweeps", quantity, error))
            for sweeps, dash, what in ((num_sweeps / 2, ":", "tuning ends"), (num_sweeps, "--", "checked")):
                each.axvline(sweeps, color="0.6", linestyle=dash, linewidth=1.0, label=what)
            each.set(xscale="log", ylabel=label)
        lowest = min(row["pair_energy_per_particle"] for row in rows if row["box_side"] == side)
        line[0].set_ylim(lowest - 0.05 * _ENERGY_RANGE, lowest + _ENERGY_RANGE)
        line[0].set_title(rf"$L = {side:g}\,\sigma$", loc="left")
        line[2].set_ylim(bottom=0.0)
    for each in axes[-1]:
        each.set_xlabel(axis_label("sweeps"))
    _one_legend(figure, axes[0][0])
    return figure, [dict(row) for row in rows]


@styled
def draw_height_profiles(rows: Rows) -> tuple[Figure, list[dict[str, Any]]]:
    """n(y), a panel for each box, the ideal gas's barometric distribution dotted; and the data shown."""
    sides = _values(rows, "box_side")
    figure, axes = panels(1, len(sides), 4.0, 3.2)
    for each, side in zip(axes[0], sides, strict=True):
        own = [row for row in rows if row["box_side"] == side]
        _draw_curves(each, own, ("height", "density", "standard_error"))
        _draw_curves(each, own, ("height", "ideal_density", None), line=":")
        each.set(xlabel=r"height $y$ ($\sigma$)", xlim=(0, side), ylim=(0, None))
        each.set_title(rf"$L = {side:g}\,\sigma$", loc="left")
    axes[0][0].plot([], [], ":", color="0.3", label="ideal gas")
    axes[0][0].set_ylabel(r"$n(y)$ ($1/\sigma$)")
    _same_height(axes[0])
    _one_legend(figure, axes[0][0])
    return figure, [dict(row) for row in rows]


@styled
def draw_pair_correlations(rows: Rows) -> tuple[Figure, list[dict[str, Any]]]:
    """g(r), a panel for each box; and the data shown."""
    sides = _values(rows, "box_side")
    figure, axes = panels(1, len(sides), 4.0, 3.2)
    for each, side in zip(axes[0], sides, strict=True):
        own = [row for row in rows if row["box_side"] == side]
        each.axhline(1.0, color="0.6", linewidth=1.0)
        _draw_curves(each, own, ("distance", "pair_correlation", "standard_error"))
        each.set(xlabel=r"distance $r$ ($\sigma$)", xlim=(0, side / 2), ylim=(0, None))
        each.set_title(rf"$L = {side:g}\,\sigma$", loc="left")
    axes[0][0].set_ylabel("$g(r)$")
    _same_height(axes[0])
    _one_legend(figure, axes[0][0])
    return figure, [dict(row) for row in rows]


def _draw_curves(axes: Axes, rows: Rows, columns: tuple[str, str, str | None], line: str = "-") -> None:
    """A line for each gamma, in a band of one standard error."""
    across, quantity, error = columns
    gammas = _values(rows, "gamma")
    for gamma, colour in zip(gammas, ordered_colours(len(gammas)), strict=True):
        own = [row for row in rows if row["gamma"] == gamma]
        x, y = (np.array([row[name] for row in own], np.float64) for name in (across, quantity))
        y[~np.isfinite(y)] = np.nan
        label = rf"$\gamma = {gamma:g}$" if line == "-" else None
        axes.plot(x, y, line, color=colour, linewidth=1.4 if line == "-" else 1.1, label=label)
        if error is not None:
            spread = np.array([row[error] for row in own], np.float64)
            spread[~np.isfinite(spread)] = np.nan
            axes.fill_between(x, y - spread, y + spread, color=colour, alpha=0.3, linewidth=0)


def _values(rows: Rows, column: str) -> list[float]:
    """Each value once; boxes in their order, gammas rising."""
    values = list(dict.fromkeys(row[column] for row in rows))
    return sorted(values) if column == "gamma" else values


def _same_height(line: Sequence[Axes]) -> None:
    highest = max(axes.get_ylim()[1] for axes in line)
    for axes in line:
        axes.set_ylim(top=highest)


def _one_legend(figure: Figure, axes: Axes) -> None:
    handles, labels = axes.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=len(labels))
