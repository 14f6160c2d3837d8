"""How the errors of shapes and angles are distributed."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lcpjax.report.figures.style import distinct_colours, ordered_colours, panels, styled


@styled
def draw_route_errors(
    shapes: Mapping[str, np.ndarray], angles: Mapping[str, np.ndarray], gamma: np.ndarray
) -> tuple[Figure, list[dict[str, Any]]]:
    """Cumulative distributions of RMSDs, of missing angles, and of the tumbler's by gamma; and the quantiles shown.

    Args:
        shapes: by way, the RMSD of each configuration after alignment, in sigma.
        angles: by way, the angle missing of each, in degrees; of the first one gamma by gamma too.
        gamma: of each configuration.
    """
    figure, axes = panels(1, 3, 4.2, 4.6)
    of_shapes, of_angles, of_gammas = axes[0]
    _draw_ways(of_shapes, shapes)
    _draw_ways(of_angles, angles)
    first = next(iter(angles))
    values_of_gamma = {value: angles[first][gamma == value] for value in np.unique(gamma)}
    for (value, values), colour in zip(values_of_gamma.items(), ordered_colours(len(values_of_gamma)), strict=True):
        _draw_cumulative(of_gammas, values, rf"$\gamma = {value:.3g}$", color=colour)
    of_shapes.set(xlabel=r"RMSD after alignment ($\sigma$)", ylabel="share below", title="shape")
    of_angles.set(xlabel="missing angle (degrees)", title="orientation")
    of_gammas.set(xlabel="missing angle (degrees)", title=first)
    for panel in axes[0]:
        panel.set_ylim(0, 1.02)
        panel.legend(fontsize=7.5, loc="upper center", bbox_to_anchor=(0.5, -0.16), ncols=2, columnspacing=1.0)
    shown = {f"rmsd: {name}": values for name, values in shapes.items()}
    shown |= {f"angle: {name}": values for name, values in angles.items()}
    return figure, _quantiles(shown)


def _draw_ways(axes: Axes, ways: Mapping[str, np.ndarray]) -> None:
    """A colour for each case, a line for each of its ways."""
    cases = list(dict.fromkeys(name.split(", ")[0] for name in ways))
    colours, drawn = dict(zip(cases, distinct_colours(len(cases)), strict=True)), dict.fromkeys(cases, 0)
    for name, values in ways.items():
        case = name.split(", ")[0]
        _draw_cumulative(axes, values, name, color=colours[case], linestyle=("-", "--", ":")[drawn[case] % 3])
        drawn[case] += 1


def _draw_cumulative(axes: Axes, values: np.ndarray, label: str, **style: Any) -> None:
    # A logarithmic axis has no 0; and below this nobody sees a difference.
    rising = np.sort(np.maximum(values, 1e-3))
    axes.step(rising, np.arange(1, rising.size + 1) / rising.size, where="post", label=label, **style)
    axes.set_xscale("log")


def _quantiles(values: Mapping[str, np.ndarray]) -> list[dict[str, Any]]:
    shares = np.linspace(0.0, 1.0, 51)
    columns = {name: np.quantile(each, shares) for name, each in values.items()}
    return [
        {"share": float(share), **{name: float(column[index]) for name, column in columns.items()}}
        for index, share in enumerate(shares)
    ]
