"""Distributions of the errors of routes to coordinates over configurations."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lcpjax.report.figures.style import distinct_colours, ordered_colours, panels, styled
from lcpjax.report.quantities import axis_label

Ways: TypeAlias = Mapping[tuple[str, str], Mapping[str, np.ndarray]]
"""By variant and route, errors by name, of every configuration."""


class _Axis(NamedTuple):
    label: str
    floor: float
    """A logarithmic axis has no 0; what is below is rounding, or less than one triangle, and drawn in a strip."""
    unit: str = ""


_AXES = {
    "rmsd_aligned": _Axis(axis_label("rmsd_aligned"), 1e-6),
    "missing_angle": _Axis(axis_label("missing_angle"), 1e-3),
    "one_less_rank_two_fraction": _Axis("1 - fraction of the two\nlargest eigenvalues", 1e-7),
    "triangle_violations": _Axis(axis_label("triangle_violations"), 1e-4),
}
_WITHIN = (5.0, 25.0, 50.0, 75.0, 95.0)
_Errors: TypeAlias = Mapping[tuple[str, str], np.ndarray]


@styled
def draw_route_errors(ways: Ways, shapes: Ways, gamma: np.ndarray) -> tuple[Figure, list[dict[str, Any]]]:
    """Intervals that hold 50 % and 90 % of configurations, of the first route's angles by gamma too; and quantiles.

    What lies below the floor of a logarithmic axis is in a grey strip at its left, named there.

    Args:
        ways: all of them; rmsd_aligned, rank_two_fraction, triangle_violations and, where known, missing_angle
            (degrees) and is_mirrored.
        shapes: those that differ in more than the pose.
    """
    angles = _errors(ways, "missing_angle")
    figure, axes = panels(2, 3, 4.0, 1.2 + 0.21 * max(len(shapes), len(angles)))
    colours = _colours(ways)
    shown = [
        _draw_ways(axes[0][0], _errors(shapes, "rmsd_aligned"), "rmsd_aligned", colours),
        _draw_ways(axes[0][1], _one_less_rank_two(shapes), "one_less_rank_two_fraction", colours),
        _draw_ways(axes[0][2], _errors(shapes, "triangle_violations"), "triangle_violations", colours),
        _draw_ways(axes[1][0], angles, "missing_angle", colours),
        _draw_by_gamma(axes[1][2], angles, gamma),
    ]
    _draw_mirrored(axes[1][1], _errors(ways, "is_mirrored"), colours)
    for panel in (*axes[0][1:], axes[1][1]):
        panel.set_yticklabels([])
    axes[0][0].set_title("shape", loc="left", weight="bold")
    axes[1][0].set_title("pose", loc="left", weight="bold")
    return figure, _quantiles({name: values for each in shown for name, values in each.items()})


def _errors(ways: Ways, name: str) -> dict[tuple[str, str], np.ndarray]:
    return {way: of_each[name] for way, of_each in ways.items() if name in of_each}


def _one_less_rank_two(ways: Ways) -> dict[tuple[str, str], np.ndarray]:
    return {way: 1.0 - values for way, values in _errors(ways, "rank_two_fraction").items()}


def _colours(ways: Ways) -> dict[str, str]:
    """A colour for each variant, the same in every panel."""
    variants = list(dict.fromkeys(variant for variant, _ in ways))
    return dict(zip(variants, distinct_colours(len(variants)), strict=True))


def _draw_ways(axes: Axes, errors: _Errors, name: str, colours: Mapping[str, str]) -> dict[str, np.ndarray]:
    _draw_intervals(axes, list(errors.values()), [colours[variant] for variant, _ in errors], _AXES[name])
    _name_lines(axes, [_words(*way) for way in errors])
    return {f"{name}: {variant}, {way}": values for (variant, way), values in errors.items()}


def _draw_by_gamma(axes: Axes, angles: _Errors, gamma: np.ndarray) -> dict[str, np.ndarray]:
    (variant, way), degrees = next(iter(angles.items()))
    of_gammas = {value: degrees[gamma == value] for value in np.unique(gamma)}
    _draw_intervals(axes, list(of_gammas.values()), ordered_colours(len(of_gammas)), _AXES["missing_angle"])
    _name_lines(axes, [rf"$\gamma = {value:.3g}$" for value in of_gammas])
    axes.set_title(_words(variant, way), fontsize=9)
    return {f"missing_angle: {variant}, {way}, gamma {value:.6g}": values for value, values in of_gammas.items()}


def _words(variant: str, way: str) -> str:
    return f"{variant.replace('_', ' ')}: {way}"


def _name_lines(axes: Axes, names: Sequence[str]) -> None:
    axes.set_yticks(range(len(names)), names, fontsize=8)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)


def _draw_intervals(axes: Axes, samples: Sequence[np.ndarray], colours: Sequence[Any], axis: _Axis) -> None:
    """A line for each sample: the median, and thick and thin the intervals of 50 % and 90 %."""
    quantiles = np.array([np.percentile(values, _WITHIN) for values in samples])
    # Every value below the floor is drawn in the middle of the strip.
    strip = axis.floor / 10**0.5
    drawn = np.where(quantiles < axis.floor, strip, quantiles)
    for line, ((low, left, middle, right, high), colour) in enumerate(zip(drawn, colours, strict=True)):
        axes.plot([low, high], [line, line], color=colour, linewidth=1.2, solid_capstyle="butt")
        axes.plot([left, right], [line, line], color=colour, linewidth=4.5, solid_capstyle="butt", alpha=0.6)
        axes.plot([middle], [line], "o", color=colour, markersize=5, markeredgecolor="white", markeredgewidth=0.6)
    axes.axvspan(axis.floor / 10, axis.floor, color="0.93", linewidth=0)
    # All of them may lie below the floor.
    highest = 3.0 * max(drawn.max(), axis.floor)
    axes.set(xscale="log", xlabel=axis.label, xlim=(axis.floor / 10, highest))
    power, last = round(np.log10(axis.floor)), int(np.floor(np.log10(highest)))
    powers = range(last, power, -1 - (last - power) // 5)
    axes.set_xticks([strip, *(10.0**each for each in powers)])
    axes.set_xticklabels([rf"$<10^{{{power}}}$", *(rf"$10^{{{each}}}$" for each in powers)])
    axes.minorticks_off()
    axes.grid(axis="x", color="0.9", linewidth=0.6)
    axes.set_axisbelow(True)


def _draw_mirrored(axes: Axes, is_mirrored: _Errors, colours: Mapping[str, str]) -> None:
    for line, ((variant, _), values) in enumerate(is_mirrored.items()):
        fraction = float(np.mean(values))
        axes.plot([0.0, fraction], [line, line], color=colours[variant], linewidth=1.2)
        axes.plot([fraction], [line], "o", color=colours[variant], clip_on=False)
    axes.axvline(0.5, color="0.25", linestyle=":", linewidth=1.1)
    axes.annotate("by chance", (0.51, -0.45), fontsize=8, color="0.25", va="center")
    _name_lines(axes, [_words(*way) for way in is_mirrored])
    axes.set(xlim=(0, 1), xlabel="fraction reconstructed as the mirror image")


def _quantiles(values: Mapping[str, np.ndarray]) -> list[dict[str, Any]]:
    fractions = np.linspace(0.0, 1.0, 51)
    columns = {name: np.quantile(each, fractions) for name, each in values.items()}
    return [
        {"fraction": float(fraction), **{name: float(column[index]) for name, column in columns.items()}}
        for index, fraction in enumerate(fractions)
    ]
