"""Figures and file of generated configurations."""

from collections.abc import Mapping, Sequence
from typing import Any

import jax
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lcpjax.evaluation.reconstruction.energies import pair_energies
from lcpjax.evaluation.samples.structure import height_profile, pair_correlation
from lcpjax.report import RunFolder
from lcpjax.report.figures.style import distinct_colours, label_decades, legend_below, ordered_colours, panels, styled
from lcpjax.report.quantities import axis_label
from lcpjax.sampler.diagnostics import LARGEST_Z

from .generated import Generated, from_priors, of_gamma
from .reference_fluid import EquilibriumFluid

_MEASURES = {
    "correlation_distance": "$g(r)$: relative $L_1$",
    "profile_distance": "$n(y)$: relative $L_1$",
    "smallest_distance_wasserstein": r"$W_1$(smallest distance) / sd",
    "pair_energy_wasserstein": r"$W_1(U)$ / sd",
    "sum_of_heights_wasserstein": r"$W_1(\sum y)$ / sd",
}
_LEAST, _FARTHEST = 1e-3, 1e4


@styled
def draw_generated(rows: Sequence[Mapping[str, Any]]) -> tuple[Figure, list[dict[str, Any]]]:
    """Distances from equilibrium, a panel for each measure, a line for each source and gamma; and the data shown.

    Means and range over seeds. Full symbols are raw, open ones after Metropolis sweeps; crosses are what the source was
    fitted to. Grey bands are distances between chains of the fluid, the lighter one for as few as the test set has.

    Args:
        rows: variant, seed, source, gamma, sweeps, fitted_to, number and the measures; other chains are of seed -1.
    """
    floor, others = ([row for row in rows if (row["seed"] < 0) == is_floor] for is_floor in (True, False))
    names = list(dict.fromkeys((row["variant"], row["source"]) for row in others))
    gammas = sorted({row["gamma"] for row in rows})
    figure, axes = panels(1, len(_MEASURES), 2.6, 1.2 + 0.42 * len(names))
    for column, (panel, (measure, label)) in enumerate(zip(axes[0], _MEASURES.items(), strict=True)):
        _draw_floors(panel, floor, measure)
        for height, name in enumerate(names):
            own = [row for row in others if (row["variant"], row["source"]) == name]
            _draw_source(panel, own, measure, height, gammas)
        is_clipped = any(row[measure] < _LEAST for row in others)
        panel.set(xscale="log", xlabel=label + (f"\n(below {_LEAST:g} at the left edge)" if is_clipped else ""))
        label_decades(panel)
        panel.set_yticks(
            range(len(names)), [f"{variant}: {source}" for variant, source in names] if column == 0 else []
        )
        panel.set_ylim(len(names) - 0.5, -0.5)
        for border in range(1, len(names)):
            panel.axhline(border - 0.5, color="0.85", linewidth=0.6, zorder=0)
    for gamma, colour in zip(gammas, ordered_colours(len(gammas)), strict=True):
        axes[0][0].plot([], [], "o", color=colour, label=rf"$\gamma = {gamma:.3g}$")
    _explain_symbols(axes[0][0], others)
    legend_below(figure, axes[0][:1], columns=len(gammas) + 2)
    return figure, [dict(row) for row in rows]


def _explain_symbols(axes: Axes, rows: Sequence[Mapping[str, Any]]) -> None:
    if later := sorted({row["sweeps"] for row in rows} - {0}):
        sweeps = " and ".join(f"{sweeps:g}" for sweeps in later)
        axes.plot([], [], "o", color="0.35", markerfacecolor="none", label=f"after {sweeps} sweeps")
    if any(row["fitted_to"] for row in rows):
        axes.plot([], [], "X", color="0.35", label="fitted to this observable: no evidence")


def _draw_floors(axes: Axes, floor: Sequence[Mapping[str, Any]], measure: str) -> None:
    """The band of the fewest is drawn first, below the other."""
    for number, colour in zip(sorted({row["number"] for row in floor}), ("0.92", "0.75"), strict=False):
        band = [row[measure] for row in floor if row["number"] == number]
        axes.axvspan(min(band), max(band), color=colour, linewidth=0, label=f"{number:g} other configurations")


def _draw_source(
    axes: Axes, rows: Sequence[Mapping[str, Any]], measure: str, height: int, gammas: Sequence[float]
) -> None:
    """A line for each gamma, one below the other."""
    for number, (gamma, colour) in enumerate(zip(gammas, ordered_colours(len(gammas)), strict=True)):
        y = height + 0.7 * ((number + 0.5) / len(gammas) - 0.5)
        for sweeps in sorted({row["sweeps"] for row in rows}):
            own = [row for row in rows if (row["gamma"], row["sweeps"]) == (gamma, sweeps)]
            values = [max(row[measure], _LEAST) for row in own]
            is_fitted = any(measure.startswith(name) for row in own for name in row["fitted_to"].split())
            axes.plot([min(values), max(values)], [y, y], "-", color=colour, linewidth=1.0)
            axes.plot(
                float(np.mean(values)),
                y,
                "X" if is_fitted else "o",
                color=colour,
                markerfacecolor=colour if sweeps == 0 else "white",
                markersize=4,
            )


@styled
def draw_warm_start(rows: Sequence[Mapping[str, Any]]) -> tuple[Figure, list[dict[str, Any]]]:
    """The largest deviation from an exact result against sweeps; and the data shown.

    A row of panels for each kind of moves, a column for each gamma, a line for each model. Deviations above 10^4, and
    particles outside the box, are triangles at the upper edge, without a line.

    Args:
        rows: variant, seed, source, moves, gamma, sweeps, deviation in standard errors.
    """
    gammas = sorted({row["gamma"] for row in rows})
    starts = list(dict.fromkeys((row["variant"], row["source"]) for row in rows))
    kinds = list(dict.fromkeys(row["moves"] for row in rows))
    figure, axes = panels(len(kinds), len(gammas), 2.9, 2.9)
    last = max(row["sweeps"] for row in rows)
    for line, (kind, row_of_panels) in enumerate(zip(kinds, axes, strict=True)):
        for panel, gamma in zip(row_of_panels, gammas, strict=True):
            own = [row for row in rows if (row["moves"], row["gamma"]) == (kind, gamma)]
            for number, (start, colour) in enumerate(zip(starts, distinct_colours(len(starts)), strict=True)):
                _draw_start(panel, own, start, colour, 0.85 - 0.7 * number / len(starts))
            panel.axhline(LARGEST_Z, color="0.35", linestyle=":", linewidth=1.1, label=f"{LARGEST_Z:g} standard errors")
            panel.set_xscale("symlog", linthresh=1, linscale=0.5)
            panel.set(xlim=(-0.4, 2.0 * last), yscale="log", ylim=(0.5, 4.0 * _FARTHEST))
            panel.set_xticks([0, 1, 10, 100, 1000], ["0", "1", "10", "100", "1,000"])
            panel.set_yticks([1, 10, 100, 1000, _FARTHEST], ["1", "10", "100", "1,000", "10,000"])
            panel.axhspan(_FARTHEST, 4.0 * _FARTHEST, color="0.94", linewidth=0, zorder=0)
            if line == 0:
                panel.set_title(rf"$\gamma = {gamma:.3g}$")
            panel.set_xlabel(f"sweeps of {kind} moves")
        for panel in row_of_panels[1:]:
            panel.set_yticklabels([])
        row_of_panels[0].set_ylabel(axis_label("deviation"))
    axes[0][0].plot([], [], "^", color="0.35", label="above 10,000, or outside the box")
    legend_below(figure, axes[0][:1], columns=3)
    return figure, [dict(row) for row in rows]


def _draw_start(
    axes: Axes, rows: Sequence[Mapping[str, Any]], start: tuple[str, str], colour: str, level: float
) -> None:
    """Args: level: where in the band at the upper edge its triangles are, of its height."""
    variant, source = start
    of_start = [row for row in rows if (row["variant"], row["source"]) == start]
    for number, seed in enumerate(sorted({row["seed"] for row in of_start})):
        own = [row for row in of_start if row["seed"] == seed]
        label = (f"{variant}: {source}" if variant != source else variant) if number == 0 else None
        beyond = [row["sweeps"] for row in own if not row["deviation"] <= _FARTHEST]
        within = [row for row in own if row["deviation"] <= _FARTHEST]
        x, y = [row["sweeps"] for row in within], [row["deviation"] for row in within]
        axes.plot(x, y, "o-", color=colour, label=label, markersize=3, linewidth=1.0, alpha=0.85)
        axes.plot(beyond, [_FARTHEST * 4.0**level] * len(beyond), "^", color=colour, markersize=3.5, alpha=0.85)


@styled
def draw_structures(curves: Sequence[Mapping[str, Any]], title: str) -> tuple[Figure, list[dict[str, Any]]]:
    """Energies, n(y) and g(r) of generated configurations over those of the fluid, a column each gamma; the data shown.

    Args:
        curves: gamma, quantity (pair_energy, profile, correlation), x, fluid, generated.
    """
    gammas = sorted({row["gamma"] for row in curves})
    labels = {
        "pair_energy": axis_label("pair_energy"),
        "profile": r"$y$ ($\sigma$)",
        "correlation": r"$r$ ($\sigma$)",
    }
    sides = {"pair_energy": "density", "profile": r"$n(y)$ ($1/\sigma$)", "correlation": "$g(r)$"}
    figure, axes = panels(len(labels), len(gammas), 2.7, 2.1)
    for column, gamma in enumerate(gammas):
        for row, quantity in enumerate(labels):
            own = [point for point in curves if point["gamma"] == gamma and point["quantity"] == quantity]
            x = [point["x"] for point in own]
            panel = axes[row][column]
            panel.fill_between(x, [point["fluid"] for point in own], color="0.8", label="equilibrium", step="mid")
            panel.step(x, [point["generated"] for point in own], color="#D55E00", where="mid", label=title)
            panel.set(xlabel=labels[quantity], ylim=(0, None))
            if column == 0:
                panel.set_ylabel(sides[quantity])
        axes[0][column].set_title(rf"$\gamma = {gamma:.3g}$")
    legend_below(figure, axes[0][:1], columns=2)
    return figure, [dict(point) for point in curves]


def histogram(values: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """The density of values in bins; values beyond count in the last ones."""
    return np.histogram(np.clip(values, edges[0], edges[-1] - 1e-6), bins=edges, density=True)[0]


_FEWEST = 4
_LONGEST, _NUM_BINS = 4.0, 80


def keep_generated(fluid: EquilibriumFluid, generated: Sequence[Generated], run_folder: RunFolder) -> None:
    """Write generated.npz, and a figure of it: from the last prior of the last variant's first model.

    Positions in sigma and gamma of each, as decoded; and the words variant, source and seed.
    """
    candidates = from_priors(generated)
    of_variant = [each for each in candidates if each.model.name == candidates[-1].model.name]
    first_seed = min(each.model.setting.seed for each in of_variant)
    chosen = [each for each in of_variant if each.model.setting.seed == first_seed][-1]
    arrays = {"positions": chosen.positions, "gamma": fluid.ground_truth.gammas[chosen.gamma_index], **chosen.ids}
    run_folder.save_arrays("generated", **{name: np.asarray(values) for name, values in arrays.items()})
    curves = [
        point for index, value in enumerate(fluid.gammas) for point in _curves(fluid, of_gamma(chosen, index), value)
    ]
    run_folder.save_figure(
        "structures",
        *draw_structures(curves, f"{chosen.model.name}: {chosen.source}"),
        caption=(
            "Generated configurations (lines) over the fluid itself (grey), with no Metropolis move made: pair "
            "energies, height profile n(y) and pair correlation g(r), one column for each gamma. Perfect samples "
            "would lie on the grey."
        ),
    )


def _curves(fluid: EquilibriumFluid, positions: jax.Array, gamma: float) -> list[dict[str, Any]]:
    if len(positions) < _FEWEST:
        return []
    system, others = fluid.system, fluid.positions[gamma]
    energies, true = (np.asarray(pair_energies(each, system)) for each in (positions, others))
    edges = np.linspace(float(true.min()) - 2.0, float(true.max()) + 6.0, 50)
    profiles = [height_profile(each, system.box_side) for each in (others, positions)]
    correlations = [pair_correlation(each, _LONGEST, _NUM_BINS) for each in (others, positions)]
    curves = {
        "pair_energy": (edges, histogram(true, edges), histogram(energies, edges)),
        "profile": (profiles[0].edges, profiles[0].density, profiles[1].density),
        "correlation": (correlations[0].edges, *(np.nan_to_num(each.ratio) for each in correlations)),
    }
    return [
        {"gamma": gamma, "quantity": name, "x": float(x), "fluid": float(a), "generated": float(b)}
        for name, (borders, fluid_values, own) in curves.items()
        for x, a, b in zip(0.5 * (borders[1:] + borders[:-1]), fluid_values, own, strict=True)
    ]
