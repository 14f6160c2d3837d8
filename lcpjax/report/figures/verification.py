"""Measured against exact values: every check of the sampler in standard errors."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.special import ndtri

from lcpjax.report.figures.style import distinct_colours, styled
from lcpjax.report.quantities import axis_label
from lcpjax.sampler.verification import LARGEST_Z


@styled
def draw_verification(rows: Sequence[Mapping[str, Any]]) -> tuple[Figure, list[dict[str, Any]]]:
    """Each check's deviation, a line for each quantity, next to their distribution; and the data shown.

    Args:
        rows: of tables/verification.csv.
    """
    shown = [dict(row) for row in rows]
    quantities = list(dict.fromkeys(_quantity(row) for row in rows))
    orders = list(dict.fromkeys(row["order"] for row in rows))
    figure = Figure(figsize=(9.6, 0.8 + 0.36 * len(quantities)))
    each, together = figure.subplots(1, 2, width_ratios=[2.4, 1.0])
    _draw_each(each, shown, quantities, dict(zip(orders, distinct_colours(len(orders)), strict=True)))
    _draw_together(together, shown)
    return figure, shown


def _quantity(row: Mapping[str, Any]) -> str:
    number = row["system"].split()[0].replace("=", " = ")
    return f"{number}: {row['name']}" + ("" if row["kind"] == "independent" else f", {row['kind']}")


def _draw_each(
    axes: Axes, rows: Sequence[Mapping[str, Any]], quantities: Sequence[str], colours: Mapping[str, Any]
) -> None:
    """A line for each quantity with its checks side by side, error bars of one standard error."""
    heights = {quantity: len(quantities) - 1 - index for index, quantity in enumerate(quantities)}
    members = {name: [row for row in rows if _quantity(row) == name] for name in quantities}
    _mark_limits(axes.axvline)
    for order, colour in colours.items():
        points = [
            (row["z"], heights[name] + 0.6 * (0.5 - (place + 0.5) / len(same)))
            for name, same in members.items()
            for place, row in enumerate(same)
            if row["order"] == order
        ]
        x, y = np.array(points).T
        axes.errorbar(x, y, xerr=1.0, fmt="o", markersize=2.6, linewidth=0.6, color=colour, label=order)
    axes.set_yticks(list(heights.values()), quantities, fontsize=8)
    axes.set(xlabel="deviation from the exact value (standard errors)", ylim=(-0.6, len(quantities) - 0.4))
    axes.legend(loc="lower center", bbox_to_anchor=(0.3, 1.0), ncols=len(colours), fontsize=8)


def _draw_together(axes: Axes, rows: Sequence[Mapping[str, Any]]) -> None:
    """All deviates in order, against those of standard normal numbers."""
    deviates = np.sort([row["z"] for row in rows])
    expected = ndtri((np.arange(deviates.size) + 0.5) / deviates.size)
    _mark_limits(axes.axhline)
    axes.plot(expected, expected, color="0.6", linewidth=1.0)
    axes.plot(expected, deviates, ".", markersize=4, color=distinct_colours(1)[0])
    axes.set(xlabel="normal quantile", ylabel=axis_label("deviation"))


def _mark_limits(line: Any) -> None:
    for value, dash in ((-LARGEST_Z, "--"), (0.0, "-"), (LARGEST_Z, "--")):
        line(value, color="0.6", linestyle=dash, linewidth=1.0)
