"""Figure of a comparison."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.figure import Figure

from lcpjax.report.figures.style import distinct_colours, panels, styled
from lcpjax.report.quantities import axis_label

_MOST_RATIO = 30.0


@styled
def draw_comparison(rows: Sequence[Mapping[str, Any]], metrics: Sequence[str]) -> tuple[Figure, list[dict[str, Any]]]:
    """A panel for each metric, a row for each run; and the data shown.

    Args:
        rows: name ``run``, each metric and its error as ``METRIC ±``, number of unconverged models.
    """
    (colour,) = distinct_colours(1)
    figure, axes = panels(1, len(metrics), 3.4, 0.9 + 0.3 * len(rows))
    for column, (panel, metric) in enumerate(zip(axes[0], metrics, strict=True)):
        values = [row[metric] for row in rows]
        for place, row in enumerate(rows):
            converged = not row.get("training/num_unconverged_models", 0)
            error = row[f"{metric} ±"]
            panel.errorbar(
                row[metric],
                place,
                xerr=None if math.isnan(error) else error,
                fmt="o",
                color=colour,
                markersize=5,
                markerfacecolor=colour if converged else "white",
            )
        if min(values) > 0 and max(values) > _MOST_RATIO * min(values):
            panel.set_xscale("log")
        panel.set(xlabel=axis_label(metric), ylim=(len(rows) - 0.5, -0.5))
        panel.set_yticks(range(len(rows)), [row["run"] for row in rows] if column == 0 else [])
        panel.grid(axis="y", color="0.9")
    return figure, [dict(row) for row in rows]
