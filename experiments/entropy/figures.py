"""Figure of ln Z by every route."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from lcpjax.report.figures.style import panels, styled

from .routes import ALONG


@styled
def draw_routes(rows: Sequence[Mapping[str, Any]]) -> tuple[Figure, list[dict[str, Any]]]:
    """Difference of each route's ln Z from the reference, a panel for each gamma; and the data shown.

    Bars are one standard error of the difference, the band is that of the reference alone.

    Args:
        rows: of ``route_rows``.
    """
    gammas = sorted({row["gamma"] for row in rows})
    names = list(dict.fromkeys((row["route"], row["nodes"]) for row in rows if row["route"] != ALONG))
    figure, axes = panels(1, len(gammas), 2.4, 1.0 + 0.35 * len(names))
    # One scale for all panels: how far a route is off is to be compared between gammas.
    farthest = 1.1 * max(abs(row["difference"]) + row["difference_error"] for row in rows if row["route"] != ALONG)
    for column, (panel, gamma) in enumerate(zip(axes[0], gammas, strict=True)):
        own = {(row["route"], row["nodes"]): row for row in rows if row["gamma"] == gamma}
        reference = next(row for row in own.values() if row["route"] == ALONG)["standard_error"]
        panel.axvspan(-reference, reference, color="0.85", linewidth=0)
        panel.axvline(0.0, color="0.5", linewidth=0.8)
        for place, name in enumerate(names):
            row = own[name]
            panel.errorbar(
                row["difference"], place, xerr=row["difference_error"], fmt="o", color="#0072B2", markersize=4
            )
        panel.set(xlabel=r"$\Delta \ln Z$ (nats)", title=rf"$\gamma = {gamma:.3g}$")
        panel.set_xlim(-farthest, farthest)
        panel.xaxis.set_major_locator(MaxNLocator(3, symmetric=True))
        panel.set_yticks(range(len(names)), [_label(*name) for name in names] if column == 0 else [])
        panel.set_ylim(len(names) - 0.4, -0.6)
    return figure, [dict(row) for row in rows]


def _label(route: str, nodes: float) -> str:
    return route.replace(", ", ",\n") if math.isnan(nodes) else f"{route}, {nodes:g} nodes"
