"""The figures of missing data."""

from collections.abc import Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from lcpjax.evaluation.imputation import rigid_moves
from lcpjax.reconstruction import align, embed_distances, symmetrised
from lcpjax.report import RunFolder
from lcpjax.report.figures.style import distinct_colours, legend_below, panels, styled
from lcpjax.report.quantities import axis_label
from lcpjax.system import System

from .masks import AskedFamily
from .methods import COMPLETION, EXACT, IMPORTANCE, PASS, Imputed

# Ends of the colours of residuals, in sigma; larger ones have the last colour.
_RESIDUAL = 3.0
_INTERVALS = {"coverage": "coverage of 90 %", "width": axis_label("width"), "crps": axis_label("crps")}


@styled
def draw_before_after(
    asked: Sequence[AskedFamily], imputed: Mapping[str, Sequence[Imputed]]
) -> tuple[Figure, dict[str, np.ndarray]]:
    """A row for each family of masks, of the first configuration, by each variant's first seed; and the data shown.

    Its matrix, the observed entries, and for each method that applies (completed, of one pass, a draw) what it differs
    by from the truth where distances are missing, with the root mean square.
    """
    filled = [_filled(imputed[each.name]) for each in asked]
    names = list(dict.fromkeys(name for each in filled for name in each))
    figure, axes = panels(len(asked), 2 + len(names), 1.6, 1.85)
    data: dict[str, np.ndarray] = {}
    truths = [np.asarray(each.test.distances)[0] for each in asked]
    largest = max(float(truth.max()) for truth in truths)
    for row, (each, truth, own, line) in enumerate(zip(asked, truths, filled, axes, strict=True)):
        observed = np.where(each.test.missing[0], np.nan, truth)
        for panel, (name, matrix) in zip(line, {"truth": truth, "observed": observed}.items(), strict=False):
            panel.set_facecolor("black")
            panel.imshow(matrix, vmin=0.0, vmax=largest, interpolation="nearest")
            data[f"{each.name}, {name}"] = matrix
        for panel, name in zip(line[2:], names, strict=True):
            if name not in own:
                note = "determined\nby the others" if each.test.is_rigid[0] else "underdetermined"
                panel.text(0.5, 0.5, note, transform=panel.transAxes, ha="center", va="center", fontsize=7, color="0.4")
                panel.spines[:].set_visible(False)
                continue
            residual = np.where(each.test.missing[0], own[name] - truth, np.nan)
            panel.set_facecolor("0.9")
            panel.imshow(residual, vmin=-_RESIDUAL, vmax=_RESIDUAL, cmap="RdBu_r", interpolation="nearest")
            panel.set_xlabel(f"{np.sqrt(np.nanmean(residual**2)):.2g} $\\sigma$", fontsize=7)
            data[f"{each.name}, {name}"] = own[name]
        for panel, name in zip(line, ["truth", "observed", *names], strict=True):
            panel.set(xticks=[], yticks=[])
            if row == 0:
                panel.set_title(name.replace(": ", ":\n"), fontsize=8)
        line[0].set_ylabel(each.name, fontsize=8)
    _draw_colour_bars(figure, axes)
    return figure, data


def _draw_colour_bars(figure: Figure, axes: Sequence[Sequence[Axes]]) -> None:
    everywhere = [panel for line in axes for panel in line]
    residuals = [panel.images[0] for line in axes for panel in line[2:] if panel.images]
    shown = [(axes[0][0].images[0], axis_label("distance"), "neither")]
    shown += [(image, r"imputed - true ($\sigma$)", "both") for image in residuals[:1]]
    for image, label, extend in shown:
        figure.colorbar(image, ax=everywhere, shrink=0.3, pad=0.01, label=label, extend=extend)


@styled
def draw_intervals(rows: Sequence[Mapping[str, Any]]) -> tuple[Figure, list[dict[str, Any]]]:
    """Coverage, width and score of every method with intervals, a column for each underdetermined family.

    Bars are 95 %: of coverage the Wilson interval, of the score two standard errors, both over configurations.
    """
    shown = [row for row in rows if np.isfinite(row["coverage"]) and row["rigid_fraction"] < 1]
    masks = list(dict.fromkeys(row["masks"] for row in shown))
    names = list(dict.fromkeys((row["variant"], row["method"]) for row in shown))
    figure, axes = panels(3, len(masks), 1.7, 0.8 + 0.2 * len(names))
    labels = [f"{variant}, {method}".replace("_", " ").replace("physics, ", "") for variant, method in names]
    for column, mask in enumerate(masks):
        own = [row for row in shown if row["masks"] == mask]
        for panel, (key, label) in zip((line[column] for line in axes), _INTERVALS.items(), strict=True):
            _draw_methods(panel, own, key, names)
            if key == "coverage":
                panel.axvline(0.9, color="black", linewidth=0.8, zorder=0)
                panel.set(xlim=(0.0, 1.05), xticks=[0, 0.5, 0.9], xticklabels=["0", "0.5", "0.9"])
            else:
                largest = max(row[key] for row in own)
                panel.set_xlim(-0.04 * largest, 1.15 * largest)
            if panel is axes[0][column]:
                panel.set_title(mask.replace(", ", ",\n"), fontsize=8)
            panel.set(xlabel=label, ylim=(len(names) - 0.4, -0.6))
            panel.set_yticks(range(len(names)) if column == 0 else [], labels if column == 0 else [], fontsize=7)
    return figure, [dict(row) for row in shown]


def _draw_methods(axes: Axes, rows: Sequence[Mapping[str, Any]], key: str, names: Sequence[tuple[str, str]]) -> None:
    """A line for each method, its seeds one below the other."""
    variants = list(dict.fromkeys(variant for variant, _ in names))
    colours = dict(zip(variants, distinct_colours(len(variants)), strict=True))
    for height, name in enumerate(names):
        own = [row for row in rows if (row["variant"], row["method"]) == name]
        for number, row in enumerate(own):
            below, above = _bar(row, key)
            y = height + 0.2 * (number - 0.5 * (len(own) - 1))
            colour = colours[name[0]]
            axes.errorbar(row[key], y, xerr=[[below], [above]], fmt="o", color=colour, markersize=3, elinewidth=0.8)


def _bar(row: Mapping[str, Any], key: str) -> tuple[float, float]:
    """Lengths of the bar below and above a value; 0 of what has no error."""
    if key == "coverage":
        return max(row[key] - row["coverage_low"], 0.0), max(row["coverage_high"] - row[key], 0.0)
    error = 2.0 * row["crps_error"] if key == "crps" and np.isfinite(row["crps_error"]) else 0.0
    return error, error


@styled
def draw_solved(rows: Sequence[Mapping[str, Any]]) -> tuple[Figure, list[dict[str, Any]]]:
    """Fraction of configurations fully recovered, by start of the search, with intervals of 95 %.

    Masks that every start solves are left out. Returns the data shown, all of it.
    """
    hard = {row["masks"] for row in rows if row["solved_fraction"] < 1}
    shown = [row for row in rows if row["masks"] in hard] or list(rows)
    masks = list(dict.fromkeys(row["masks"] for row in shown))
    starts = list(dict.fromkeys(row["start"] for row in rows))
    figure, axes = panels(1, 1, 6.4, 1.0 + 0.5 * len(masks))
    panel, colours = axes[0][0], dict(zip(starts, distinct_colours(len(starts)), strict=True))
    markers = dict(zip(starts, ("o", "s", "^", "D", "v", "P", "X")[: len(starts)], strict=True))
    for row in shown:
        height = masks.index(row["masks"]) + 0.12 * (starts.index(row["start"]) - 0.5 * (len(starts) - 1))
        label = row["start"].replace("_", " ")
        panel.errorbar(
            row["solved_fraction"],
            height,
            xerr=[[row["solved_fraction"] - row["solved_low"]], [row["solved_high"] - row["solved_fraction"]]],
            fmt=markers[row["start"]],
            color=colours[row["start"]],
            markersize=4,
            label=label,
        )
    panel.set(xlim=(-0.03, 1.03), ylim=(len(masks) - 0.4, -0.6), xlabel="fraction solved to 1e-6 $\\sigma$")
    panel.set_yticks(range(len(masks)), masks)
    legend_below(figure, [panel], columns=3)
    return figure, [dict(row) for row in rows]


@styled
def draw_configurations(
    shown: Sequence[tuple[AskedFamily, Imputed]], box_side: float
) -> tuple[Figure, dict[str, np.ndarray]]:
    """Draws of the exact posterior given the observed distances, aligned to the known points; and the data shown."""
    columns = min(len(shown), 4)
    figure, axes = panels(-(-len(shown) // columns), columns, 2.3, 2.7)
    # The hidden spines of equal axes leave no room for titles otherwise.
    figure.set_layout_engine("constrained", h_pad=0.12)
    data: dict[str, np.ndarray] = {}
    places = [panel for line in axes for panel in line]
    for panel in places[len(shown) :]:
        panel.set_axis_off()
    for panel, (asked, imputed) in zip(places, shown, strict=False):
        truth = np.asarray(asked.test.positions)[0]
        draws, is_known = _aligned_draws(asked, imputed, truth)
        panel.plot(*draws[:, ~is_known].reshape(-1, 2).T, ".", color="#D55E00", markersize=4, alpha=0.35, label="drawn")
        panel.plot(*truth[is_known].T, "o", color="0.6", markersize=4, label="known")
        panel.plot(*truth[~is_known].T, "o", color="black", fillstyle="none", markersize=5, label="true")
        # A lost piece may be drawn outside the box, which is not known.
        panel.set(aspect="equal", xlim=(-0.5, box_side + 0.5), ylim=(-0.5, box_side + 0.5), xticks=[], yticks=[])
        panel.add_patch(Rectangle((0, 0), box_side, box_side, fill=False, edgecolor="0.5", linewidth=0.8))
        panel.spines[:].set_visible(False)
        panel.set_title(asked.name, fontsize=8)
        data |= {f"{asked.name}, truth": truth, f"{asked.name}, draws": draws}
    legend_below(figure, axes[0][:1], columns=3)
    return figure, data


_MOST_DRAWS = 64


def draw_missing_data(
    system: System,
    asked: Sequence[AskedFamily],
    imputed: Mapping[str, Sequence[Imputed]],
    completed: Sequence[Mapping[str, Any]],
    rows: Sequence[Mapping[str, Any]],
    run_folder: RunFolder,
) -> None:
    """All figures: of single configurations the first one's, by each variant's first seed; the rest of all seeds."""
    # With links less is lost than without.
    shown = [each for each in asked if not each.family.num_links] or asked
    run_folder.save_figure(
        "before_after",
        *draw_before_after(shown, imputed),
        caption=(
            "One test configuration, a row for each mask: its matrix, the observed distances, and how far each "
            "method's missing ones are from the truth, with the root mean square below. Rigid masks have one "
            "exact completion; where nothing is shown the method does not apply."
        ),
    )
    if completed:
        run_folder.save_figure(
            "solved",
            *draw_solved(completed),
            caption=(
                "Fraction of configurations whose missing distances were all recovered, by the start of the search, "
                "with intervals of 95 %. These masks leave the configuration rigid, so that 1 is possible exactly; "
                "masks that every start solves are left out."
            ),
        )
    if any(np.isfinite(row["coverage"]) and row["rigid_fraction"] < 1 for row in rows):
        run_folder.save_figure(
            "intervals",
            *draw_intervals(rows),
            caption=(
                "Where distances are not determined by the others: coverage of intervals that should hold 90 % (black"
                " line), their width, and the CRPS, which no forecast can have lower on average than the exact "
                "posterior. Bars are 95 %, over configurations."
            ),
        )
    pairs = [(each, one) for each in asked for one in imputed[each.name]]
    if exact := [pair for pair in pairs if pair[1].method == EXACT and np.isfinite(pair[1].point[0]).all()]:
        run_folder.save_figure(
            "underdetermined",
            *draw_configurations(exact, system.box_side),
            caption=(
                "Draws of the exact posterior of the lost particles given the observed distances, aligned to the "
                "particles that are known: all that can be known of where they are."
            ),
        )


def _filled(imputed: Sequence[Imputed]) -> dict[str, np.ndarray]:
    """The first configuration's matrices, by each variant's first seed: completed, of one pass, and single draws."""
    filled: dict[str, np.ndarray] = {}
    for one in imputed:
        name = one.variant.replace("_", " ")
        if one.method == COMPLETION:
            filled[one.method] = one.point[0]
        elif one.method == PASS:
            filled.setdefault(f"{name}: one pass", one.point[0])
        elif one.method == IMPORTANCE and one.draws is not None:
            filled.setdefault(f"{name}: a draw", one.draws[0, 0])
        elif one.method == EXACT and one.draws is not None:
            filled["exact posterior: a draw"] = one.draws[0, 0]
    return filled


def _aligned_draws(asked: AskedFamily, imputed: Imputed, truth: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Draws as points, aligned to the true places of the largest known piece; and which particles that piece has."""
    assert imputed.draws is not None  # The exact posterior always has draws.
    moves = rigid_moves(np.asarray(asked.test.observed)[0])
    groups = np.where(moves.is_loose, -1, moves.group)
    largest = max(np.unique(groups[groups >= 0]), key=lambda group: np.sum(groups == group))
    known = groups == largest
    points = np.asarray(embed_distances(symmetrised(jnp.asarray(imputed.draws[0, :_MOST_DRAWS]))).positions)
    return np.stack([_aligned_to(each, truth, known) for each in points]), known


def _aligned_to(points: np.ndarray, truth: np.ndarray, known: np.ndarray) -> np.ndarray:
    """All points moved by the rigid motion, a mirror allowed, that brings the known ones to their places."""
    moved = np.asarray(jax.device_get(align(jnp.asarray(points[known]), jnp.asarray(truth[known]))[0]))
    before, after = points[known].mean(axis=0), moved.mean(axis=0)
    matrix, *_ = np.linalg.lstsq(points[known] - before, moved - after, rcond=None)
    return (points - before) @ matrix + after
