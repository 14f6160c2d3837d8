"""Figures of anomaly detection: latent maps, histograms of errors and changes of matrices, as the study has them."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from lcpjax.array_types import Configurations2D
from lcpjax.evaluation.anomalies.scores import RECONSTRUCTION
from lcpjax.evaluation.latents.latent_axes import principal_axes
from lcpjax.report import RunFolder
from lcpjax.report.figures.style import legend_below, ordered_colours, panels, styled
from lcpjax.report.quantities import axis_label
from lcpjax.trained_model import TrainedModel

from .detection_figure import draw_detection
from .particles import changes
from .scores import FittedDetector, Scores, first_seeds
from .sets import AnomalousSet, Sets

_ANOMALOUS = (0.835, 0.369, 0.0, 1.0)
_MOST_POINTS = 1000


def draw_anomalies(
    chosen: Sequence[Mapping[str, Any]],
    detectors: Sequence[FittedDetector],
    scores: Sequence[Scores],
    sets: Sets,
    run_folder: RunFolder,
) -> None:
    """All figures: scores chosen beforehand on every set, of all seeds; the others of each variant's first seed.

    Maps and errors of displaced sets: the study's kind at the smallest step alone, since others look the same.
    """
    shown = _shown(sets.anomalous)
    first = first_seeds(detectors)
    names = [each.name for each in shown]
    run_folder.save_figure(
        "detection",
        *draw_detection(chosen),
        caption=(
            "How well anomalous configurations are told from normal ones, a line for each set: AUROC, and the "
            "fraction of the margin between chance (dotted) and the exact likelihood ratio (bar), which no score "
            "can beat but by chance. The diamond is the plain energy; scores were chosen before the test sets "
            "were seen. Bars are one standard error of the test set."
        ),
    )
    run_folder.save_figure(
        "latent_maps",
        *draw_latent_maps(first, shown, sets.normal_gamma[:_MOST_POINTS]),
        caption=(
            "Codes of each anomalous set over the normal ones (grey), along the two first principal axes, a row "
            "for each model. Where they lie on the grey, the codes do not tell them."
        ),
    )
    ids = [(each.model.name, each.model.setting.seed, RECONSTRUCTION) for each in first]
    errors = {(one.variant, one.seed, one.score): one for one in scores}
    run_folder.save_figure(
        "errors",
        *draw_errors([errors[each] for each in ids], names),
        caption=(
            "Histograms of the reconstruction error, the study's figure: each anomalous set over the normal data."
            " An anomaly is noticed only where its histogram lies to the right; the first and last bins hold what"
            " lies beyond them."
        ),
    )
    shifts = {
        each.model.name: shift
        for each in first
        if each.model.representation.holds_distances and (shift := _shift(each.model, sets.normal, sets.anomalous))
    }
    if shifts:
        run_folder.save_figure(
            "shifts",
            *draw_shifts(shifts),
            caption=(
                "Change of a distance matrix when particles are displaced (marked), and the change of its "
                "reconstruction. A model that saw the displacement would show the same rows."
            ),
        )


def _shown(every: Sequence[AnomalousSet]) -> list[AnomalousSet]:
    steps = [each.displacement.largest_step for each in every if each.displacement]
    return [
        each
        for each in every
        if each.displacement is None
        or (not each.displacement.stays_inside and each.displacement.largest_step == min(steps))
    ]


@styled
def draw_latent_maps(
    detectors: Sequence[FittedDetector], sets: Sequence[AnomalousSet], normal_gamma: np.ndarray
) -> tuple[Figure, dict[str, np.ndarray]]:
    """Codes of every set over the normal ones (grey), along their two first axes, by gamma; and the data shown.

    Both axes are in units of the codes; panels of a model share them.
    """
    figure, axes = panels(len(detectors), len(sets), 1.3, 1.5)
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
            if row == 0:
                panel.set_title(_broken(name), fontsize=9)
            data[f"{title}, {name}"] = points
        shown = np.concatenate([normal, *(data[f"{title}, {name}"] for name in gamma_of)])
        _share_axes(axes[row], shown)
        axes[row][0].set_ylabel(f"{title}\nsecond axis".replace("_", " "), fontsize=9)
    for panel in axes[-1]:
        panel.set_xlabel("first axis", fontsize=9)
    legend_below(figure, axes[0][:1], columns=5, markerscale=3)
    return figure, data


def _share_axes(row: Sequence[Axes], points: np.ndarray) -> None:
    """The same limits around all points for a row of panels, with few ticks; heights at the first alone."""
    low, high = points.min(axis=0), points.max(axis=0)
    low, high = low - 0.05 * (high - low), high + 0.05 * (high - low)
    for column, panel in enumerate(row):
        panel.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]))
        panel.xaxis.set_major_locator(MaxNLocator(2, min_n_ticks=2))
        panel.yaxis.set_major_locator(MaxNLocator(3, min_n_ticks=2))
        panel.tick_params(labelsize=8, labelleft=column == 0)


def _broken(name: str) -> str:
    """A set's name broken into lines as wide as a panel."""
    return name.replace(", ", ",\n").replace("_", " ")


@styled
def draw_errors(errors: Sequence[Scores], names: Sequence[str]) -> tuple[Figure, dict[str, np.ndarray]]:
    """Histograms of the mean squared error, the study's figure: each set over the normal data; and the data shown.

    The first and last bins hold what lies beyond them.
    """
    figure, axes = panels(len(errors), len(names), 1.3, 1.5)
    data: dict[str, np.ndarray] = {}
    for row, each in enumerate(errors):
        data[f"{each.variant}, normal"] = each.normal
        every = np.concatenate([each.normal, *(each.of_sets[name] for name in names)])
        low, high = np.quantile(every[every > 0], (0.002, 0.998))
        edges = np.geomspace(low, high, 40)
        ticks, most = _log_ticks(low, high), 0.0
        for column, (panel, name) in enumerate(zip(axes[row], names, strict=True)):
            for values, colour, is_normal in ((each.normal, "0.6", True), (each.of_sets[name], _ANOMALOUS, False)):
                counts = np.histogram(np.clip(values, low, high * (1 - 1e-6)), bins=edges)[0] / len(values)
                label = "test set" if is_normal else "the set"
                panel.stairs(counts, edges, fill=is_normal, color=colour, alpha=0.6 if is_normal else 1.0, label=label)
                most = max(most, float(counts.max()))
            panel.set(xscale="log")
            panel.set_xticks(ticks, [_power_of_ten(tick) for tick in ticks], fontsize=8)
            panel.set_xticks([], minor=True)
            panel.yaxis.set_major_locator(MaxNLocator(3, min_n_ticks=2))
            panel.tick_params(axis="y", labelsize=8, labelleft=column == 0)
            if row == 0:
                panel.set_title(_broken(name), fontsize=9)
            data[f"{each.variant}, {name}"] = each.of_sets[name]
        for panel in axes[row]:
            panel.set_ylim(0.0, 1.08 * most)
        axes[row][0].set_ylabel(f"{each.variant}\nfraction a bin".replace("_", " "), fontsize=9)
    for panel in axes[-1]:
        panel.set_xlabel(axis_label("mse"), fontsize=9)
    legend_below(figure, axes[0][:1], columns=2)
    return figure, data


def _log_ticks(low: float, high: float) -> list[float]:
    """Two or three powers of ten between two others, or else the first and last round value.

    >>> _log_ticks(0.5, 300.0)
    [1.0, 10.0, 100.0]
    >>> _log_ticks(2.1, 6.0)
    [3.0, 5.0]
    """
    exponents = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for digits in ((1,), (1, 3), (1, 2, 3, 5), range(1, 10)):
        values = [float(f"{digit}e{exponent}") for exponent in exponents for digit in digits]
        inside = [each for each in values if low < each < high]
        if len(inside) >= 2:
            return inside[:: math.ceil(len(inside) / 3)] if digits == (1,) else [inside[0], inside[-1]]
    return [float(f"{math.sqrt(low * high):.2g}")]


def _power_of_ten(value: float) -> str:
    """Tick label with one digit."""
    if 0.01 <= value < 1000:
        return f"{value:g}"
    digit, exponent = f"{value:.0e}".split("e")
    return (rf"${digit}\cdot" if digit != "1" else "$") + rf"10^{{{int(exponent)}}}$"


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
