"""Distributions of the errors of routes to coordinates over configurations."""

from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lcpjax.report.figures.style import distinct_colours, legend_below, ordered_colours, panels, styled

Ways: TypeAlias = Mapping[tuple[str, str], Mapping[str, np.ndarray]]
"""By variant and route, errors by name, of every configuration."""

_LABELS = {
    "rmsd_aligned": r"RMSD after alignment ($\sigma$)",
    "missing_angle": "missing angle (degrees)",
    "one_less_rank_two_fraction": "1 - fraction of the two largest eigenvalues",
    "triangle_violations": "fraction of violated triangles",
}
# A logarithmic axis has no 0; below these is rounding, or less than one triangle.
_FLOORS = {"rmsd_aligned": 1e-6, "missing_angle": 1e-3, "one_less_rank_two_fraction": 1e-7, "triangle_violations": 1e-4}


@styled
def draw_route_errors(ways: Ways, shapes: Ways, gamma: np.ndarray) -> tuple[Figure, list[dict[str, Any]]]:
    """Cumulative distributions of the errors, of the first route's angles by gamma too; and their quantiles.

    Args:
        ways: all of them; rmsd_aligned, rank_two_fraction, triangle_violations and, where known, missing_angle
            (degrees) and is_mirrored.
        shapes: those that differ in more than the pose.
    """
    figure, axes = panels(2, 3, 4.2, 3.4)
    styles = _styles(ways)
    shown = [
        _draw_ways(axes[0][0], _errors(shapes, "rmsd_aligned"), "rmsd_aligned", styles),
        _draw_ways(axes[0][1], _errors(ways, "missing_angle"), "missing_angle", styles),
        _draw_by_gamma(axes[0][2], ways, gamma),
        _draw_ways(axes[1][0], _one_less_rank_two(shapes), "one_less_rank_two_fraction", styles),
        _draw_ways(axes[1][1], _errors(shapes, "triangle_violations"), "triangle_violations", styles),
    ]
    _draw_mirrored(axes[1][2], _errors(ways, "is_mirrored"))
    for panel in [*axes[0], *axes[1][:2]]:
        panel.set(ylim=(0, 1.02), ylabel="fraction of configurations below")
    axes[0][2].legend(fontsize=8)
    legend_below(figure, axes[0][:2], columns=3)
    return figure, _quantiles({name: values for each in shown for name, values in each.items()})


def _errors(ways: Ways, name: str) -> dict[tuple[str, str], np.ndarray]:
    return {way: of_each[name] for way, of_each in ways.items() if name in of_each}


def _one_less_rank_two(ways: Ways) -> dict[tuple[str, str], np.ndarray]:
    return {way: 1.0 - values for way, values in _errors(ways, "rank_two_fraction").items()}


def _styles(ways: Ways) -> dict[tuple[str, str], dict[str, Any]]:
    """A colour for each variant, a line style for each of its routes, the same in every panel."""
    variants = list(dict.fromkeys(variant for variant, _ in ways))
    colours, drawn, styles = (
        dict(zip(variants, distinct_colours(len(variants)), strict=True)),
        dict.fromkeys(variants, 0),
        {},
    )
    for variant, way in ways:
        styles[variant, way] = {"color": colours[variant], "linestyle": ("-", "--", ":", "-.")[drawn[variant] % 4]}
        drawn[variant] += 1
    return styles


def _draw_ways(
    axes: Axes, errors: Mapping[tuple[str, str], np.ndarray], name: str, styles: Mapping[tuple[str, str], Any]
) -> dict[str, np.ndarray]:
    for (variant, way), values in errors.items():
        _draw_cumulative(axes, values, f"{variant}, {way}", _FLOORS[name], **styles[variant, way])
    axes.set_xlabel(_LABELS[name])
    return {f"{name}: {variant}, {way}": values for (variant, way), values in errors.items()}


def _draw_by_gamma(axes: Axes, ways: Ways, gamma: np.ndarray) -> dict[str, np.ndarray]:
    (variant, way), degrees = next(iter(_errors(ways, "missing_angle").items()))
    of_gammas = {value: degrees[gamma == value] for value in np.unique(gamma)}
    for (value, values), colour in zip(of_gammas.items(), ordered_colours(len(of_gammas)), strict=True):
        _draw_cumulative(axes, values, rf"$\gamma = {value:.3g}$", _FLOORS["missing_angle"], color=colour)
    axes.set(xlabel=_LABELS["missing_angle"], title=f"{variant}, {way}")
    return {f"missing_angle: {variant}, {way}, gamma {value:.6g}": values for value, values in of_gammas.items()}


def _draw_cumulative(axes: Axes, values: np.ndarray, label: str, floor: float, **style: Any) -> None:
    rising = np.sort(np.maximum(values, floor))
    axes.step(rising, np.arange(1, rising.size + 1) / rising.size, where="post", label=label, **style)
    axes.set_xscale("log")


def _draw_mirrored(axes: Axes, is_mirrored: Mapping[tuple[str, str], np.ndarray]) -> None:
    names = [f"{variant}, {way}" for variant, way in is_mirrored]
    fractions = [float(np.mean(values)) for values in is_mirrored.values()]
    axes.barh(names, fractions, color="0.6")
    axes.axvline(0.5, color="0.25", linestyle=":", linewidth=1.1)
    axes.set(xlim=(0, 1), xlabel="fraction reconstructed as the mirror image")
    axes.tick_params(axis="y", labelsize=7)
    axes.invert_yaxis()


def _quantiles(values: Mapping[str, np.ndarray]) -> list[dict[str, Any]]:
    fractions = np.linspace(0.0, 1.0, 51)
    columns = {name: np.quantile(each, fractions) for name, each in values.items()}
    return [
        {"fraction": float(fraction), **{name: float(column[index]) for name, column in columns.items()}}
        for index, fraction in enumerate(fractions)
    ]
