"""Figures of anomaly detection: the study's, and the AUROC of each score relative to the exact ratio."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.figure import Figure

from lcpjax.evaluation.anomalies.scores import RECONSTRUCTION
from lcpjax.evaluation.latents.latent_axes import principal_axes
from lcpjax.report import RunFolder
from lcpjax.report.figures.style import distinct_colours, legend_below, ordered_colours, panels, styled
from lcpjax.trained_model import TrainedModel

from .particles import changes
from .scores import Detecting, Scores
from .sets import AnomalousSet, Sets

_ANOMALOUS = (0.835, 0.369, 0.0, 1.0)


class MapOfSet(NamedTuple):
    """The codes of one model along its first two principal axes."""

    title: str
    normal: np.ndarray
    """(codes, 2)."""
    normal_gamma: np.ndarray
    points: Mapping[str, np.ndarray]
    """By name of set, (codes, 2)."""
    gamma: Mapping[str, np.ndarray]
    """By name of set; nan: none."""


class ErrorsOfSet(NamedTuple):
    """Mean squared errors of one model."""

    title: str
    normal: np.ndarray
    of_sets: Mapping[str, np.ndarray]


class Shift(NamedTuple):
    """One configuration with displaced particles, as distance matrices in sigma."""

    title: str
    given: np.ndarray
    reconstructed: np.ndarray
    of_input: np.ndarray
    """What the displacement changed."""
    of_output: np.ndarray
    """What it changed in the reconstruction."""
    displaced: np.ndarray
    """Indices of rows."""


@styled
def draw_detection(rows: Sequence[Mapping[str, Any]]) -> tuple[Figure, list[dict[str, Any]]]:
    """AUROC of every score, a panel for each set, with the exact ratio's as a line; seeds apart; and the data shown.

    Args:
        rows: set, variant, seed, score, auroc, auroc_low, auroc_high, oracle_auroc.
    """
    sets = list(dict.fromkeys(row["set"] for row in rows))
    shown = [row for row in rows if row["score"] != "exact_ratio"]
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
def draw_latent_maps(maps: Sequence[MapOfSet]) -> tuple[Figure, dict[str, np.ndarray]]:
    """Codes of every set over the normal ones (grey), along their axes, coloured by gamma; and the data shown."""
    names = list(maps[0].points)
    figure, axes = panels(len(maps), len(names), 1.35, 1.45)
    gammas = np.unique(np.concatenate([each[np.isfinite(each)] for each in maps[0].gamma.values()]))
    kinds = [(gamma, rf"$\gamma = {gamma:.3g}$", colour) for gamma, colour in _with_colours(gammas)]
    kinds.append((np.nan, "no gravity", _ANOMALOUS))
    data: dict[str, np.ndarray] = {}
    for row, each in enumerate(maps):
        data |= {f"{each.title}, normal": each.normal, f"{each.title}, normal gamma": each.normal_gamma}
        for panel, name in zip(axes[row], names, strict=True):
            panel.plot(each.normal[:, 0], each.normal[:, 1], ".", color="0.8", markersize=3, label="test set")
            for gamma, label, colour in kinds:
                own = np.isnan(each.gamma[name]) if np.isnan(gamma) else each.gamma[name] == gamma
                points = each.points[name][own]
                panel.plot(points[:, 0], points[:, 1], ".", color=colour, markersize=3, label=label)
            panel.set(xticks=[], yticks=[])
            if row == 0:
                panel.set_title(_broken(name), fontsize=8)
            if row == len(maps) - 1:
                panel.set_xlabel("first axis", fontsize=8)
            data[f"{each.title}, {name}"] = each.points[name]
        axes[row][0].set_ylabel(f"{each.title}\nsecond axis".replace("_", " "), fontsize=8)
    legend_below(figure, axes[0][:1], columns=len(kinds) + 1, markerscale=3)
    return figure, data


def _with_colours(gammas: np.ndarray) -> list[tuple[float, tuple[float, float, float, float]]]:
    return list(zip(gammas.tolist(), ordered_colours(len(gammas)), strict=True))


def _broken(name: str) -> str:
    """A set's name broken into lines as wide as a panel."""
    return name.replace(", ", ",\n").replace("_", " ")


@styled
def draw_errors(errors: Sequence[ErrorsOfSet]) -> tuple[Figure, dict[str, np.ndarray]]:
    """Histograms of the mean squared error, the study's figure: each set over the normal data; and the data shown."""
    names = list(errors[0].of_sets)
    figure, axes = panels(len(errors), len(names), 1.35, 1.4)
    data: dict[str, np.ndarray] = {}
    for row, each in enumerate(errors):
        data[f"{each.title}, normal"] = each.normal
        every = np.concatenate([each.normal, *each.of_sets.values()])
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
            data[f"{each.title}, {name}"] = each.of_sets[name]
        axes[row][0].set_ylabel(f"{each.title}\nfraction".replace("_", " "), fontsize=8)
    legend_below(figure, axes[0][:1], columns=2)
    return figure, data


def _power_of_ten(value: float) -> str:
    """Tick label with one digit."""
    if 0.01 <= value < 100:
        return f"{value:g}"
    digit, exponent = f"{value:.0e}".split("e")
    return rf"${digit}\cdot10^{{{int(exponent)}}}$"


@styled
def draw_shifts(shifts: Sequence[Shift]) -> tuple[Figure, dict[str, np.ndarray]]:
    """Change of a distance matrix and of its reconstruction by a displacement, a row for each model; the data shown.

    Ticks mark the displaced particles.
    """
    figure, axes = panels(len(shifts), 4, 2.5, 2.5)
    titles = ("displaced", "reconstructed", "change of the input", "change of the\nreconstruction")
    data: dict[str, np.ndarray] = {}
    for row, each in enumerate(shifts):
        largest = float(max(each.given.max(), each.reconstructed.max()))
        largest_change = float(max(np.abs(each.of_input).max(), np.abs(each.of_output).max()))
        for panel, matrix, title in zip(axes[row], each[1:5], titles, strict=True):
            is_change = "change" in title
            limit = largest_change if is_change else largest
            low, colours = (-limit, "RdBu_r") if is_change else (0.0, "viridis")
            image = panel.imshow(matrix, cmap=colours, vmin=low, vmax=limit, interpolation="nearest")
            figure.colorbar(image, ax=panel, shrink=0.75, label=r"$\sigma$")
            panel.set_title(title, fontsize=9)
            panel.set_xticks(each.displaced, [""] * len(each.displaced))
            panel.set_yticks(each.displaced, [""] * len(each.displaced))
            panel.set_xlabel("ticks: displaced particles", fontsize=7)
        axes[row][0].set_ylabel(each.title.replace("_", " "))
        names = ("displaced", "reconstructed", "change of input", "change of reconstruction", "rows")
        data |= {f"{each.title}, {name}": values for name, values in zip(names, each[1:], strict=True)}
    return figure, data


_MOST_POINTS = 1000


def draw_anomalies(
    rows: Sequence[Mapping[str, Any]],
    detecting: Sequence[Detecting],
    scores: Sequence[Scores],
    sets: Sets,
    run_folder: RunFolder,
) -> None:
    """All figures, of each variant's first seed; AUROC of all seeds.

    Displaced sets: the study's kind at the smallest step, then those that stay in the box: the others
    are in the tables.
    """
    shown = _shown(sets.anomalous)
    sets = sets._replace(anomalous=[each for each in sets.anomalous if each.name in shown])
    first = [
        each._replace(codes_of_sets={name: each.codes_of_sets[name] for name in shown})
        for each in _first_of_each_variant(detecting)
    ]
    run_folder.save_figure("detection", *draw_detection([row for row in rows if row["set"] in shown]))
    run_folder.save_figure("latent_maps", *draw_latent_maps([_map(each, sets) for each in first]))
    run_folder.save_figure("errors", *draw_errors(_errors(first, scores)))
    shifts = [_shift(each.model, sets) for each in first if each.model.representation.holds_distances]
    if any(shifts):
        run_folder.save_figure("shifts", *draw_shifts([each for each in shifts if each is not None]))


def _shown(every: Sequence[AnomalousSet]) -> list[str]:
    steps = [each.displacement.largest_step for each in every if each.displacement]
    return [
        each.name
        for each in every
        if each.displacement is None or each.displacement.stays_inside or each.displacement.largest_step == min(steps)
    ]


def _first_of_each_variant(detecting: Sequence[Detecting]) -> list[Detecting]:
    return list({each.model.name: each for each in reversed(detecting)}.values())[::-1]


def _map(detecting: Detecting, sets: Sets) -> MapOfSet:
    axes = principal_axes(detecting.codes)
    some = slice(None, _MOST_POINTS)
    points = {name: axes.coordinates(codes, 2)[some] for name, codes in detecting.codes_of_sets.items()}
    gamma = {each.name: each.gamma[some] for each in sets.anomalous}
    normal = axes.coordinates(detecting.normal_codes, 2)[some]
    return MapOfSet(detecting.model.name, normal, sets.normal_gamma[some], points, gamma)


def _errors(detecting: Sequence[Detecting], scores: Sequence[Scores]) -> list[ErrorsOfSet]:
    errors = []
    for each in detecting:
        ids = each.model.name, each.model.setting.seed, RECONSTRUCTION
        own = next(one for one in scores if (one.variant, one.seed, one.score) == ids)
        of_sets = {name: own.of_sets[name] for name in each.codes_of_sets}
        errors.append(ErrorsOfSet(each.model.name, own.normal, of_sets))
    return errors


def _shift(model: TrainedModel, sets: Sets) -> Shift | None:
    """The first configuration whose order a displacement of the smallest step left as it was."""
    for each in sets.anomalous:
        if each.is_displaced is None:
            continue
        kept, of_input, of_output, displaced = changes(model, sets.normal, each)
        if not kept.any():
            continue
        index = int(np.flatnonzero(kept)[0])
        one = each.positions[index : index + 1]
        samples, outputs = model.reconstruct(model.representation.order(one))
        matrices = [np.asarray(model.representation.distances(part))[0] for part in (samples, outputs)]
        return Shift(model.name, *matrices, of_input[0], of_output[0], np.flatnonzero(displaced[0]))
    return None
