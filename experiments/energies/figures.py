"""Energies of reconstructions and of the fluid: histograms, distance against error, and the cost of repair."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lcpjax.report.figures.style import distinct_colours, legend_below, panels, styled

_RAW, _CUT = "raw", "cut at 1 sigma"


@styled
def draw_energy_histograms(
    fluid: Mapping[str, np.ndarray], models: Mapping[str, Mapping[str, np.ndarray]], highest: float
) -> tuple[Figure, dict[str, np.ndarray]]:
    """Pair energies of the fluid and of reconstructions, a column for each model; and the data shown.

    The upper row is the study's, with the potential cut at 1 sigma; the lower one has nothing cut. Energies above
    ``highest`` are in the last bin.

    Args:
        fluid: energies in epsilon under the keys "raw" and "cut".
        models: the same for each model.
        highest: in epsilon.
    """
    figure, axes = panels(2, len(models), 2.9, 2.4)
    lowest = min(each.min() for each in fluid.values())
    for column, (name, energies) in enumerate(models.items()):
        for row, (kind, title) in enumerate((("cut", _CUT), ("raw", _RAW))):
            top = highest if kind == "raw" else float(max(fluid[kind].max(), 0.0) + 5.0)
            edges = np.linspace(lowest - 5.0, top, 60)
            panel = axes[row][column]
            _draw_histogram(panel, fluid[kind], edges, "fluid", "0.6")
            _draw_histogram(panel, energies[kind], edges, name, "#D55E00")
            panel.set(title=f"{name}, {title}", yticks=[])
        axes[1][column].set_xlabel(r"pair energy ($\epsilon$)")
    axes[0][0].legend(["fluid", "reconstructed"], fontsize=8)
    data = {f"{name}, {kind}": values for name, of_kind in models.items() for kind, values in of_kind.items()}
    return figure, {f"fluid, {kind}": values for kind, values in fluid.items()} | data


def _draw_histogram(axes: Axes, values: np.ndarray, edges: np.ndarray, label: str, colour: str) -> None:
    density, _ = np.histogram(np.clip(values, edges[0], edges[-1] - 1e-6), bins=edges, density=True)
    is_fluid = label == "fluid"
    axes.stairs(density, edges, fill=is_fluid, color=colour, alpha=0.6 if is_fluid else 1.0, linewidth=1.3, label=label)


@styled
def draw_energy_against_error(
    rows: Sequence[Mapping[str, Any]], gaussian: Sequence[Mapping[str, float]], floor: float
) -> tuple[Figure, list[dict[str, Any]]]:
    """W1 of raw energies against the RMSD, with independent Gaussian errors for comparison; and the data shown.

    Args:
        rows: case, decoded (mean, sample), rmsd in sigma, wasserstein in epsilon.
        gaussian: rmsd and wasserstein of Gaussian errors.
        floor: W1 between halves of the fluid's energies, in epsilon.
    """
    figure, axes = panels(1, 1, 6.8, 4.6)
    panel = axes[0][0]
    panel.plot(*_columns(gaussian), color="0.35", linestyle="--", label="independent Gaussian error")
    panel.axhline(floor, color="0.35", linestyle=":", label="halves of the fluid")
    cases = list(dict.fromkeys(row["case"] for row in rows))
    for case, colour in zip(cases, distinct_colours(len(cases)), strict=True):
        for decoded, marker in (("mean", "o"), ("sample", "^")):
            own = [row for row in rows if row["case"] == case and row["decoded"] == decoded]
            x, y = _columns(own)
            panel.plot(x, y, marker, color=colour, label=f"{case}, {decoded}", markersize=5, linestyle="none")
    panel.set(xscale="log", yscale="log", xlabel=r"RMSD ($\sigma$)", ylabel=r"$W_1$ of raw energies ($\epsilon$)")
    legend_below(figure, [panel], columns=3)
    kept = ("case", "decoded", "rmsd", "wasserstein")
    shown = [{name: row[name] for name in kept} for row in rows]
    return figure, shown + [{"case": "independent Gaussian error", "decoded": "", **row} for row in gaussian]


def _columns(rows: Sequence[Mapping[str, Any]]) -> tuple[list[float], list[float]]:
    return [row["rmsd"] for row in rows], [row["wasserstein"] for row in rows]


@styled
def draw_repair(rows: Sequence[Mapping[str, Any]], fluid_median: float) -> tuple[Figure, list[dict[str, Any]]]:
    """The median energy after repair, and the RMSD to the truth, against the displacement it cost; the data shown.

    Open symbols are of models without a frame, whose output was aligned to the truth first.

    Args:
        rows: case, method, displacement and rmsd in sigma, median in epsilon, aligned_to_truth; least repair first.
        fluid_median: in epsilon.
    """
    figure, axes = panels(1, 2, 4.4, 4.2)
    cases, methods = (list(dict.fromkeys(row[name] for row in rows)) for name in ("case", "method"))
    for case, colour in zip(cases, distinct_colours(len(cases)), strict=True):
        for method, line in zip(methods, ("-", "--", ":"), strict=False):
            own = [row for row in rows if row["case"] == case and row["method"] == method]
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
                panel.plot(moved, values, label=f"{case}, {method}", **style)
    axes[0][0].axhline(fluid_median, color="0.35", linestyle=":", linewidth=1.1)
    axes[0][0].set(ylabel=r"median pair energy, clipped at 100 ($\epsilon$)")
    axes[0][1].set(ylabel=r"RMSD to the true configuration ($\sigma$)", yscale="log")
    for panel in axes[0]:
        panel.set(xlabel=r"displacement by the repair ($\sigma$)", xscale="log")
    legend_below(figure, axes[0][:1], columns=3)
    return figure, [dict(row) for row in rows]
