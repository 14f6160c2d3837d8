"""Decoded traversals along single latents."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lcpjax.evaluation.reconstruction.energies import HIGHEST
from lcpjax.pipeline.latent_codes import Codes, GroundTruth
from lcpjax.pipeline.model_zoo import first_of_each
from lcpjax.report import RunFolder
from lcpjax.report.figures.configurations import draw_box, draw_discs
from lcpjax.report.figures.style import distinct_colours, legend_below, panels, styled
from lcpjax.report.quantities import axis_label

from .traversals import NUM_LATENTS, RELEVANCE, STEPS, ZERO, LatentPath, paths

_LABELS = {
    "mean_height": f"change of {axis_label('mean_height')}",
    "radius_of_gyration": r"change of $R_g$ ($\sigma$)",
    "smallest_distance": axis_label("smallest_distance"),
    "pair_energy": axis_label("pair_energy"),
}
_CHANGES = ("mean_height", "radius_of_gyration")
# Of each path: the centre is the one in the middle.
_SHOWN_STEPS, _MIDDLE = (0, 2, 3, 4, 6), 3
_NUM_SHOWN = 3


@styled
def draw_traversals(
    traversals: Sequence[LatentPath], box_side: float, *, is_in_box: bool
) -> tuple[Figure, dict[str, np.ndarray]]:
    """A row for each latent and centre, a column for each of five steps: configurations; and the data of all steps.

    The centre's particles are drawn as circles in every column. Without a frame: the decoded matrix of the centre, and
    the differences of the others from it, blue for nearer.
    """
    figure, axes = panels(len(traversals), len(_SHOWN_STEPS), 1.5, 1.5)
    colours = dict.fromkeys(each.centre for each in traversals)
    shades = dict(zip(colours, distinct_colours(len(colours)), strict=True))
    farthest = _farthest(traversals)
    for line, each in zip(axes, traversals, strict=True):
        if is_in_box:
            for panel, step in zip(line, _SHOWN_STEPS, strict=True):
                draw_box(panel, each.result.positions[step], box_side, shades[each.centre])
                draw_discs(panel, each.result.positions[_MIDDLE], facecolor="none", edgecolor="0.3", linewidth=0.5)
                panel.set(xlim=farthest[0], ylim=farthest[1])
        else:
            _draw_matrices(figure, line, each.result.outputs)
        line[0].set_ylabel(f"{each.centre}:\nlatent {each.latent}", fontsize=8)
    for panel, step in zip(axes[0], STEPS[list(_SHOWN_STEPS)], strict=True):
        difference = "" if is_in_box else " - centre"
        panel.set_title(f"{step:+.0f} sd{difference}" if step else "centre", fontsize=9)
    values = [each.result.positions if is_in_box else each.result.outputs for each in traversals]
    names = (f"{each.centre}, latent {each.latent}" for each in traversals)
    return figure, {"steps": STEPS} | dict(zip(names, values, strict=True))


def _farthest(traversals: Sequence[LatentPath]) -> list[tuple[float, float]]:
    """Limits along x and y that contain all particles."""
    everywhere = np.concatenate([each.result.positions.reshape(-1, 2) for each in traversals])
    return [(float(low) - 0.8, float(high) + 0.8) for low, high in zip(*_edges(everywhere), strict=True)]


def _edges(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return np.minimum(points.min(axis=0), 0.0), points.max(axis=0)


def _draw_matrices(figure: Figure, axes: Sequence[Axes], outputs: np.ndarray) -> None:
    """A row with its two scales: of the centre's matrix, and of the differences from it."""
    differences = outputs - outputs[_MIDDLE]
    largest = max(float(np.abs(differences[list(_SHOWN_STEPS)]).max()), 1e-6)
    for step, panel in zip(_SHOWN_STEPS, axes, strict=True):
        if step == _MIDDLE:
            shown = panel.imshow(outputs[_MIDDLE], cmap="viridis", vmin=0.0)
        else:
            change = panel.imshow(differences[step], cmap="RdBu_r", vmin=-largest, vmax=largest)
        panel.set(xticks=[], yticks=[])
    for image, label in ((shown, r"$d$ ($\sigma$)"), (change, r"change ($\sigma$)")):
        bar = figure.colorbar(image, ax=list(axes), pad=0.01, aspect=12, fraction=0.03)
        bar.set_label(label, fontsize=8)
        bar.ax.tick_params(labelsize=7)


@styled
def draw_traversal_readouts(rows: Sequence[Mapping[str, Any]]) -> tuple[Figure, list[dict[str, Any]]]:
    """Observables along the most relevant latents, a row for each variant; and the data shown.

    A line for each latent, the median over codes of all gammas, and a grey band for the range of all of them around
    zero. Height and radius of gyration are changes from the centre; energies are clipped, and the clip is drawn. A
    column has one scale.

    Args:
        rows: variant, centre, rank, step and the observables, of one model of each variant.
    """
    variants = list(dict.fromkeys(row["variant"] for row in rows))
    figure, axes = panels(len(variants), len(_LABELS), 2.6, 2.0)
    for line, variant in zip(axes, variants, strict=True):
        own = [row for row in rows if row["variant"] == variant]
        for panel, (name, label) in zip(line, _LABELS.items(), strict=True):
            panel.set_title(label, fontsize=9) if line is axes[0] else None
            if np.isfinite([row[name] for row in own]).all():
                _draw_observable(panel, own, name)
            else:
                panel.set(xticks=[], yticks=[], frame_on=False)
                panel.text(0.5, 0.5, "no frame:\nno height", ha="center", va="center", fontsize=8, color="0.35")
        line[0].set_ylabel(variant.replace("_", " "), weight="bold")
    for column in zip(*axes, strict=True):
        drawn = [panel for panel in column if panel.lines]
        limits = np.array([panel.get_ylim() for panel in drawn] or [(0.0, 1.0)])
        for panel in drawn:
            panel.set_ylim(limits[:, 0].min(), limits[:, 1].max())
    for panel in axes[-1]:
        panel.set_xlabel("step (standard deviations)")
    legend_below(figure, [panel for line in axes for panel in line], columns=NUM_LATENTS + 1)
    return figure, [dict(row) for row in rows]


def _draw_observable(axes: Axes, rows: Sequence[Mapping[str, Any]], name: str) -> None:
    ranks, centres = ([*dict.fromkeys(row[key] for row in rows)] for key in ("rank", "centre"))
    paths_of = np.array([[_path(rows, name, rank, centre) for rank in ranks] for centre in centres])
    around_zero, around_codes = (
        paths_of[[(centre == ZERO) == is_zero for centre in centres]] for is_zero in (True, False)
    )
    low, high = around_zero.min(axis=(0, 1)), around_zero.max(axis=(0, 1))
    axes.fill_between(STEPS, low, high, color="0.85", linewidth=0, label="around zero: range")
    for rank, path, colour in zip(ranks, np.median(around_codes, axis=0), distinct_colours(len(ranks)), strict=True):
        axes.plot(STEPS, path, color=colour, label=f"latent {rank + 1}" + (" by relevance" if rank == 0 else ""))
    axes.set_xticks([-3, 0, 3])
    if name == "pair_energy":
        axes.axhline(HIGHEST, color="0.35", linestyle=":", linewidth=1.1)
        axes.set_ylim(-60.0, 1.18 * HIGHEST)
        axes.set_yticks([-50, 0, 50, HIGHEST], ["-50", "0", "50", rf"$\geq${HIGHEST:g}"])


def _path(rows: Sequence[Mapping[str, Any]], name: str, rank: int, centre: str) -> np.ndarray:
    """The observable, or its change, at every step."""
    values = np.array([row[name] for row in rows if row["rank"] == rank and row["centre"] == centre])
    return values - values[_MIDDLE] if name in _CHANGES else values


def draw_paths(
    ground_truth: GroundTruth, codes: Sequence[Codes], rows: Sequence[dict[str, Any]], run_folder: RunFolder
) -> None:
    """Decoded steps around zero and around a code of the largest gamma, by each variant's first model; and readouts."""
    firsts, shown_centres = first_of_each(codes), (ZERO, f"gamma {ground_truth.gammas[-1]:.3g}")
    for each in firsts:
        shown = [path for path in paths(ground_truth, each) if path.centre in shown_centres and path.rank < _NUM_SHOWN]
        drawn = draw_traversals(shown, each.model.system.box_side, is_in_box=each.model.knows_frame)
        run_folder.save_figure(
            f"traversals_{each.name}",
            *drawn,
            caption=(
                "What changes when one latent is moved by three standard deviations to either side, around zero and "
                "around the code of a configuration. Circles are the centre's particles; for models that know no "
                "frame, changes of the distance matrix are shown, blue for nearer."
            ),
        )
    first = {each.name: each.model.setting.seed for each in firsts}
    of_first = [row for row in rows if row["ranking"] == RELEVANCE and row["seed"] == first[row["variant"]]]
    run_folder.save_figure(
        "traversal_readouts",
        *draw_traversal_readouts(of_first),
        caption=(
            "Observables of what is decoded along the most relevant latents, the median over codes of all gammas;"
            " the grey band is the range around zero. Heights and radii are changes from the centre; energies are"
            " clipped at the dotted line."
        ),
    )
