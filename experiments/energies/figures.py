"""Energies of reconstructions and of the fluid: histograms, distance against error, and the cost of repair."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from lcpjax.report.figures.style import distinct_colours, legend_below, panels, styled
from lcpjax.report.quantities import axis_label

_RAW, _CUT = "raw", r"cut at 1 $\sigma$"
_NOTE: dict[str, Any] = {"ha": "right", "va": "top", "fontsize": 8, "color": "0.25"}


@styled
def draw_energy_histograms(
    fluid: Mapping[str, np.ndarray], models: Mapping[str, Mapping[str, np.ndarray]], highest: float
) -> tuple[Figure, dict[str, np.ndarray]]:
    """Pair energies of the fluid and of reconstructions, a column for each model; and the data shown.

    The upper row is the study's, with the potential cut at 1 sigma; the lower one has nothing cut. All panels of a row
    have the same axes and bins, of all configurations; how many of a model lie beyond is written in words.

    Args:
        fluid: energies in epsilon under the keys "raw" and "cut".
        models: the same for each model.
        highest: end of the axis of raw energies, in epsilon.
    """
    figure, axes = panels(2, len(models), 2.5, 2.4)
    for row, (kind, title) in enumerate((("cut", _CUT), ("raw", _RAW))):
        edges = _edges(fluid[kind], [each[kind] for each in models.values()], highest if kind == "raw" else np.inf)
        fractions = {name: _fractions(each[kind], edges) for name, each in models.items()}
        of_fluid = _fractions(fluid[kind], edges)
        top = 1.35 * max(of_fluid.max(), *(each.max() for each in fractions.values()))
        for panel, (name, values) in zip(axes[row], fractions.items(), strict=True):
            panel.stairs(100 * of_fluid, edges, fill=True, color="0.75", label="fluid")
            panel.stairs(100 * values, edges, color="#D55E00", linewidth=1.3, label="reconstructed")
            panel.set(title=f"{name.replace('_', ' ')}, {title}", ylim=(0, 100 * top), xlim=(edges[0], edges[-1]))
            panel.text(0.97, 0.96, _beyond(models[name][kind], edges), transform=panel.transAxes, **_NOTE)
            panel.tick_params(labelleft=panel is axes[row][0])
        axes[row][0].set_ylabel(f"% of configurations\nin {edges[1] - edges[0]:.2g} $\\epsilon$")
    for panel in axes[1]:
        panel.set_xlabel(axis_label("pair_energy"))
    legend_below(figure, axes[0][:1], columns=2)
    data = {f"{name}, {kind}": values for name, of_kind in models.items() for kind, values in of_kind.items()}
    return figure, {f"fluid, {kind}": values for kind, values in fluid.items()} | data


def _edges(fluid: np.ndarray, models: Sequence[np.ndarray], highest: float) -> np.ndarray:
    """Edges of bins that hold the fluid and as much of every model as lies within three of its widths."""
    width = float(np.ptp(fluid))
    low = max(min(fluid.min(), *(each.min() for each in models)), fluid.min() - width)
    high = min(max(fluid.max(), *(each.max() for each in models)), fluid.max() + width)
    margin = 0.08 * width
    return np.linspace(low - margin, highest if np.isfinite(highest) else high + margin, 50)


def _fractions(values: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Of all values, also of those beyond the edges."""
    return np.histogram(values, bins=edges)[0] / values.size


def _beyond(values: np.ndarray, edges: np.ndarray) -> str:
    """What lies beyond an axis, in words."""
    shares = ((values > edges[-1], f"above {edges[-1]:.0f}"), (values < edges[0], f"below {edges[0]:.0f}"))
    return "\n".join(f"{100 * np.mean(mask):.3g} % {where}" for mask, where in shares if mask.any())


@styled
def draw_energy_against_error(
    rows: Sequence[Mapping[str, Any]], gaussian: Sequence[Mapping[str, float]], floor: float
) -> tuple[Figure, list[dict[str, Any]]]:
    """W1 of raw energies against the RMSD, with independent Gaussian errors for comparison; and the data shown.

    Args:
        rows: variant, decoded (mean, sample), rmsd in sigma, wasserstein in epsilon.
        gaussian: rmsd and wasserstein of Gaussian errors.
        floor: W1 between halves of the fluid's energies, in epsilon.
    """
    figure, axes = panels(1, 1, 7.4, 4.2)
    panel = axes[0][0]
    panel.plot(*_columns(gaussian), color="0.35", linestyle="--", label="independent Gaussian error")
    panel.axhline(floor, color="0.35", linestyle=":", label="halves of the fluid")
    variants = list(dict.fromkeys(row["variant"] for row in rows))
    # The mean's larger and open, so that the sample's can be seen within.
    kinds: dict[str, tuple[str, dict[str, Any]]] = {
        "mean": ("from the latent mean", {"marker": "o", "markersize": 8, "markerfacecolor": "none"}),
        "sample": ("from a posterior sample", {"marker": "^", "markersize": 5}),
    }
    for decoded, (label, style) in kinds.items():
        for variant, colour in zip(variants, distinct_colours(len(variants)), strict=True):
            own = [row for row in rows if row["variant"] == variant and row["decoded"] == decoded]
            panel.plot(*_columns(own), color=colour, linestyle="none", **style)
        panel.plot([], [], color="0.35", linestyle="none", label=label, **style)
    for variant, colour in zip(variants, distinct_colours(len(variants)), strict=True):
        panel.plot([], [], "s", color=colour, label=variant.replace("_", " "))
    panel.set(
        xscale="log",
        yscale="log",
        xlabel=axis_label("rmsd"),
        ylabel=r"$W_1$ of raw energies, clipped at 100 ($\epsilon$)",
    )
    panel.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    kept = ("variant", "decoded", "rmsd", "wasserstein")
    shown = [{name: row[name] for name in kept} for row in rows]
    return figure, shown + [{"variant": "independent Gaussian error", "decoded": "", **row} for row in gaussian]


def _columns(rows: Sequence[Mapping[str, Any]]) -> tuple[list[float], list[float]]:
    return [row["rmsd"] for row in rows], [row["wasserstein"] for row in rows]


@styled
def draw_repair(rows: Sequence[Mapping[str, Any]], fluid_median: float) -> tuple[Figure, list[dict[str, Any]]]:
    """The median energy after repair, and the RMSD to the truth, against the displacement it cost; the data shown.

    Open symbols are of models without a frame, whose output was aligned to the truth first.

    Args:
        rows: variant, method, displacement and rmsd in sigma, median in epsilon, aligned_to_truth; least repair first.
        fluid_median: in epsilon.
    """
    figure, axes = panels(1, 2, 4.4, 4.2)
    variants, methods = (list(dict.fromkeys(row[name] for row in rows)) for name in ("variant", "method"))
    for variant, colour in zip(variants, distinct_colours(len(variants)), strict=True):
        for method, line in zip(methods, ("-", "--", ":"), strict=False):
            own = [row for row in rows if row["variant"] == variant and row["method"] == method]
            moved, face = [row["displacement"] for row in own], "none" if own[0]["aligned_to_truth"] else colour
            for panel, quantity in zip(axes[0], ("median", "rmsd"), strict=True):
                values = [row[quantity] for row in own]
                style: dict[str, Any] = {
                    "color": colour,
                    "linestyle": line,
                    "marker": "o",
                    "markersize": 4,
                    "markerfacecolor": face,
                }
                panel.plot(moved, values, label=f"{variant}, {method}", **style)
    axes[0][0].axhline(fluid_median, color="0.35", linestyle=":", linewidth=1.1)
    axes[0][0].set(ylabel=r"median pair energy, clipped at 100 ($\epsilon$)")
    axes[0][1].set(ylabel=r"RMSD to the true configuration ($\sigma$)", yscale="log")
    for panel in axes[0]:
        panel.set(xlabel=r"displacement by the repair ($\sigma$)", xscale="log")
    legend_below(figure, axes[0][:1], columns=3)
    return figure, [dict(row) for row in rows]
