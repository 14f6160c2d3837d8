"""Figures of anomaly detection: the study's, and the AUROC of each score relative to the exact ratio."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from lcpjax.array_types import Configurations2D
from lcpjax.evaluation.anomalies.scores import RECONSTRUCTION
from lcpjax.evaluation.latents.latent_axes import principal_axes
from lcpjax.report import RunFolder
from lcpjax.report.figures.style import distinct_colours, legend_below, ordered_colours, panels, styled
from lcpjax.trained_model import TrainedModel

from .particles import changes
from .scores import ORACLE, FittedDetector, Scores
from .sets import AnomalousSet, Sets

_ANOMALOUS = (0.835, 0.369, 0.0, 1.0)
_MOST_POINTS = 1000


def draw_anomalies(
    rows: Sequence[Mapping[str, Any]],
    detectors: Sequence[FittedDetector],
    scores: Sequence[Scores],
    sets: Sets,
    run_folder: RunFolder,
) -> None:
    """All figures, of each variant's first seed; AUROC of all seeds.

    Displaced sets: the study's kind at the smallest step, then those that stay in the box: the others
    are in the tables.
    """
    shown = _shown(sets.anomalous)
    first = list({each.model.name: each for each in reversed(detectors)}.values())[::-1]
    names = [each.name for each in shown]
    run_folder.save_figure("detection", *draw_detection([row for row in rows if row["set"] in names]))
    run_folder.save_figure("latent_maps", *draw_latent_maps(first, shown, sets.normal_gamma[:_MOST_POINTS]))
    ids = [(each.model.name, each.model.setting.seed, RECONSTRUCTION) for each in first]
    errors = {(one.variant, one.seed, one.score): one for one in scores}
    run_folder.save_figure("errors", *draw_errors([errors[each] for each in ids], names))
    shifts = {
        each.model.name: shift
        for each in first
        if each.model.representation.holds_distances and (shift := _shift(each.model, sets.normal, shown))
    }
    if shifts:
        run_folder.save_figure("shifts", *draw_shifts(shifts))


def _shown(every: Sequence[AnomalousSet]) -> list[AnomalousSet]:
    steps = [each.displacement.largest_step for each in every if each.displacement]
    return [
        each
        for each in every
        if each.displacement is None or each.displacement.stays_inside or each.displacement.largest_step == min(steps)
    ]


@styled
def draw_detection(rows: Sequence[Mapping[str, Any]]) -> tuple[Figure, list[dict[str, Any]]]:
    """AUROC of every score, a panel for each set, with the exact ratio's as a line; seeds apart; and the data shown.

    Args:
        rows: set, variant, seed, score, auroc, auroc_low, auroc_high, oracle_auroc.
    """
    sets = list(dict.fromkeys(row["set"] for row in rows))
    shown = [row for row in rows if row["score"] != ORACLE]
    names = list(dict.fromkeys((row["variant"], row["score"]) for row in shown))
    # Scores of a model's input have the model's colour, and hollow points.
    variants = list(dict.fromkeys(variant.split(":")[0] for variant, _ in names))
    colours = dict(zip(variants, distinct_colours(len(variants)), strict=True))
    figure, axes = panels(1, len(sets), 1.25, 1.2 + 0.16 * len(names))
    for column, (panel, name) in enumerate(zip(axes[0], sets, strict=True)):
        own = [row for row in shown if row["set"] == name]
        for row in own:
            height, colour = names.index((row["variant"], row["score"])), colours[row["variant"].split(":")[0]]
            face = "white" if ":" in row["variant"] else colour
            panel.plot((row["auroc_low"], row["auroc_high"]), (height, height), color=colour, linewidth=0.9)
            panel.plot(row["auroc"], height, "o", color=colour, markerfacecolor=face, markersize=3)
        for first in range(1, len(names)):
            if names[first][0] != names[first - 1][0]:
                panel.axhline(first - 0.5, color="0.85", linewidth=0.6)
        panel.axvline(own[0]["oracle_auroc"], color="black", linewidth=1.1, label="exact ratio")
        panel.axvline(0.5, color="0.35", linestyle=":", linewidth=1.1, label="by chance")
        panel.set_title(_broken(name), fontsize=8)
        panel.set(xlim=(-0.03, 1.03), xticks=[0.0, 0.5, 1.0], xlabel="AUROC", ylim=(len(names) - 0.4, -0.6))
        panel.set_xticklabels(["0", "0.5", "1"])
        labels = [f"{variant}, {score}".replace("_", " ") for variant, score in names] if column == 0 else []
        panel.set_yticks(range(len(names)) if column == 0 else [], labels, fontsize=7)
    legend_below(figure, axes[0][:1], columns=2)
    return figure, [dict(row) for row in rows]


@styled
def draw_latent_maps(
    detectors: Sequence[FittedDetector], sets: Sequence[AnomalousSet], normal_gamma: np.ndarray
) -> tuple[Figure, dict[str, np.ndarray]]:
    """Codes of every set over the normal ones (grey), along their two first axes, by gamma; and the data shown."""
    figure, axes = panels(len(detectors), len(sets), 1.35, 1.45)
    gamma_of = {each.name: each.gamma[:_MOST_POINTS] for each in sets}
    gammas = np.unique(np.concatenate([each[np.isfinite(each)] for each in gamma_of.values()]))
    colours = ordered_colours(len(gammas))
    kinds = [(gamma, rf"$\gamma = {gamma:.3g}$", colour) for gamma, colour in zip(gammas, colours, strict=True)]
    kinds.append((np.nan, "no gravity", _ANOMALOUS))
    data: dict[str, np.ndarray] = {}
    for row, each in enumerate(detectors):
        title, principal = each.model.name, principal_axes(each.codes)
        normal = principal.coordinates(each.normal_codes, 2)[:_MOST_POINTS]
        data |= {f"{title}, normal": normal, f"{title}, normal gamma": normal_gamma}
        for panel, (name, gamma_of_set) in zip(axes[row], gamma_of.items(), strict=True):
            points = principal.coordinates(each.codes_of_sets[name], 2)[:_MOST_POINTS]
            panel.plot(normal[:, 0], normal[:, 1], ".", color="0.8", markersize=3, label="test set")
            for gamma, label, colour in kinds:
                own = np.isnan(gamma_of_set) if np.isnan(gamma) else gamma_of_set == gamma
                panel.plot(points[own, 0], points[own, 1], ".", color=colour, markersize=3, label=label)
            panel.set(xticks=[], yticks=[])
            if row == 0:
                panel.set_title(_broken(name), fontsize=8)
            if row == len(detectors) - 1:
                panel.set_xlabel("first axis", fontsize=8)
            data[f"{title}, {name}"] = points
        axes[row][0].set_ylabel(f"{title}\nsecond axis".replace("_", " "), fontsize=8)
    legend_below(figure, axes[0][:1], columns=len(kinds) + 1, markerscale=3)
    return figure, data


def _broken(name: str) -> str:
    """A set's name broken into lines as wide as a panel."""
    return name.replace(", ", ",\n").replace("_", " ")


@styled
def draw_errors(errors: Sequence[Scores], names: Sequence[str]) -> tuple[Figure, dict[str, np.ndarray]]:
    """Histograms of the mean squared error, the study's figure: each set over the normal data; and the data shown."""
    figure, axes = panels(len(errors), len(names), 1.35, 1.4)
    data: dict[str, np.ndarray] = {}
    for row, each in enumerate(errors):
        data[f"{each.variant}, normal"] = each.normal
        every = np.concatenate([each.normal, *(each.of_sets[name] for name in names)])
        low, high = np.quantile(every[every > 0], (0.002, 0.998))
        edges = np.geomspace(low, high, 40)
        ticks = [float(f"{edges[place]:.1g}") for place in (7, 33)]
        for panel, name in zip(axes[row], names, strict=True):
            for values, colour, is_normal in ((each.normal, "0.6", True), (each.of_sets[name], _ANOMALOUS, False)):
                counts = np.histogram(np.clip(values, low, high * (1 - 1e-6)), bins=edges)[0] / len(values)
                label = "test set" if is_normal else "the set"
                panel.stairs(counts, edges, fill=is_normal, color=colour, alpha=0.6 if is_normal else 1.0, label=label)
            panel.set(xscale="log", yticks=[])
            panel.set_xticks(ticks, [_power_of_ten(tick) for tick in ticks], fontsize=8)
            panel.set_xticks([], minor=True)
            if row == 0:
                panel.set_title(_broken(name), fontsize=8)
            if row == len(errors) - 1:
                panel.set_xlabel(r"MSE ($\sigma^2$)", fontsize=8)
            data[f"{each.variant}, {name}"] = each.of_sets[name]
        axes[row][0].set_ylabel(f"{each.variant}\nfraction".replace("_", " "), fontsize=8)
    legend_below(figure, axes[0][:1], columns=2)
    return figure, data


def _power_of_ten(value: float) -> str:
    """Tick label with one digit."""
    if 0.01 <= value < 100:
        return f"{value:g}"
    digit, exponent = f"{value:.0e}".split("e")
    return rf"${digit}\cdot10^{{{int(exponent)}}}$"


@styled
def draw_shifts(shifts: Mapping[str, Sequence[np.ndarray]]) -> tuple[Figure, dict[str, np.ndarray]]:
    """Change of a distance matrix and of its reconstruction by a displacement, a row for each model; the data shown.

    Ticks mark the displaced particles.

    Args:
        shifts: by name of model, what ``_shift`` gives.
    """
    figure, axes = panels(len(shifts), 4, 2.5, 2.5)
    titles = ("displaced", "reconstructed", "change of the input", "change of the\nreconstruction")
    data: dict[str, np.ndarray] = {}
    for line, (model, (*matrices, displaced)) in zip(axes, shifts.items(), strict=True):
        largest, largest_change = (
            float(max(np.abs(each).max() for each in pair)) for pair in (matrices[:2], matrices[2:])
        )
        for panel, matrix, title in zip(line, matrices, titles, strict=True):
            is_change = "change" in title
            limit = largest_change if is_change else largest
            low, colours = (-limit, "RdBu_r") if is_change else (0.0, "viridis")
            image = panel.imshow(matrix, cmap=colours, vmin=low, vmax=limit, interpolation="nearest")
            figure.colorbar(image, ax=panel, shrink=0.75, label=r"$\sigma$")
            panel.set_title(title, fontsize=9)
            panel.set_xticks(displaced, [""] * len(displaced))
            panel.set_yticks(displaced, [""] * len(displaced))
            panel.set_xlabel("ticks: displaced particles", fontsize=7)
        line[0].set_ylabel(model.replace("_", " "))
        names = ("displaced", "reconstructed", "change of input", "change of reconstruction", "rows")
        data |= {f"{model}, {name}": values for name, values in zip(names, (*matrices, displaced), strict=True)}
    return figure, data


def _shift(model: TrainedModel, normal: Configurations2D, sets: Sequence[AnomalousSet]) -> list[np.ndarray] | None:
    """The first configuration whose order a displacement of the smallest step left as it was.

    Distance matrices in sigma: displaced, its reconstruction, what the displacement changed in either; and the rows of
    the displaced particles.
    """
    for each in sets:
        if each.is_displaced is None:
            continue
        kept, of_input, of_output, displaced = changes(model, normal, each)
        if not kept.any():
            continue
        index = int(np.flatnonzero(kept)[0])
        given = model.reconstruct(model.representation.order(each.positions[index : index + 1]))
        matrices = [np.asarray(model.representation.distances(samples))[0] for samples in given]
        return [*matrices, of_input[0], of_output[0], np.flatnonzero(displaced[0])]
    return None
