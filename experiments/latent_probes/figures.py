"""Decoded traversals along single latents."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lcpjax.pipeline.latent_codes import Codes, GroundTruth
from lcpjax.pipeline.model_zoo import first_of_each
from lcpjax.report import RunFolder
from lcpjax.report.figures.configurations import draw_box
from lcpjax.report.figures.style import legend_below, ordered_colours, panels, styled

from .traversals import RELEVANCE, STEPS, ZERO, LatentPath, paths

_LABELS = {
    "far_pair_energy": r"pair energy ($\epsilon$)",
    "smallest_distance": r"smallest distance ($\sigma$)",
    "radius_of_gyration": r"radius of gyration ($\sigma$)",
    "mean_height": r"mean height ($\sigma$)",
}
# Below so many epsilon energies are drawn to scale, above by powers of ten.
_TO_SCALE = 50.0
_ENERGY_TICKS = {-50.0: "-50", 0.0: "0", 50.0: "50", 1e4: "$10^4$", 1e8: "$10^8$", 1e12: "$10^{12}$"}


@styled
def draw_traversals(
    traversals: Sequence[LatentPath], box_side: float, *, is_in_box: bool
) -> tuple[Figure, dict[str, np.ndarray]]:
    """A row for each latent and centre, a column for each step: configurations; and the data shown.

    Without a frame: the decoded matrix of the centre, and the differences of the others from it, blue for nearer.
    """
    figure, axes = panels(len(traversals), len(STEPS), 1.15, 1.2)
    colours = dict.fromkeys(each.centre for each in traversals)
    shades = dict(zip(colours, ordered_colours(len(colours)), strict=True))
    middle, farthest = int(np.argmin(np.abs(STEPS))), _farthest(traversals)
    for row, each in enumerate(traversals):
        for column, panel in enumerate(axes[row]):
            if is_in_box:
                draw_box(panel, each.result.positions[column], box_side, shades[each.centre])
                panel.set(xlim=farthest[0], ylim=farthest[1])
            else:
                panel.set(xticks=[], yticks=[])
        if not is_in_box:
            _draw_matrices(figure, axes[row], each.result.outputs, middle)
        axes[row][0].set_ylabel(f"{each.centre}\nlatent {each.latent}", fontsize=7)
    for panel, step in zip(axes[0], STEPS, strict=True):
        difference = "" if is_in_box else " - centre"
        panel.set_title(f"{step:+.0f} sd{difference}" if step else "centre", fontsize=8)
    values = [each.result.positions if is_in_box else each.result.outputs for each in traversals]
    names = (f"{each.centre}, latent {each.latent}" for each in traversals)
    return figure, {"steps": STEPS} | dict(zip(names, values, strict=True))


def _farthest(traversals: Sequence[LatentPath]) -> list[tuple[float, float]]:
    """Limits along x and y that contain all particles."""
    everywhere = np.concatenate([each.result.positions.reshape(-1, 2) for each in traversals])
    return [(float(low) - 0.8, float(high) + 0.8) for low, high in zip(*_edges(everywhere), strict=True)]


def _edges(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return np.minimum(points.min(axis=0), 0.0), points.max(axis=0)


def _draw_matrices(figure: Figure, axes: Sequence[Axes], outputs: np.ndarray, middle: int) -> None:
    """A row with its two scales: of the centre's matrix, and of the differences from it."""
    differences = outputs - outputs[middle]
    largest = max(float(np.abs(differences).max()), 1e-6)
    for column, panel in enumerate(axes):
        if column == middle:
            shown = panel.imshow(outputs[middle], cmap="viridis", vmin=0.0)
        else:
            change = panel.imshow(differences[column], cmap="RdBu_r", vmin=-largest, vmax=largest)
    for image, label in ((shown, r"$d$ ($\sigma$)"), (change, r"change ($\sigma$)")):
        bar = figure.colorbar(image, ax=list(axes), pad=0.01, aspect=12, fraction=0.03)
        bar.set_label(label, fontsize=7)
        bar.ax.tick_params(labelsize=6)


@styled
def draw_traversal_readouts(rows: Sequence[Mapping[str, Any]]) -> tuple[Figure, list[dict[str, Any]]]:
    """Observables along the most relevant latents, a row for each variant, around zero and codes; and the data shown.

    Args:
        rows: variant, centre, rank, step and the observables, of one model of each variant.
    """
    variants = list(dict.fromkeys(row["variant"] for row in rows))
    centres = list(dict.fromkeys(row["centre"] for row in rows))
    figure, axes = panels(len(variants), len(_LABELS), 2.9, 2.3)
    colours = dict(zip(centres, ["0.35", *ordered_colours(len(centres) - 1)], strict=True))
    for line, variant in zip(axes, variants, strict=True):
        own = [row for row in rows if row["variant"] == variant]
        for panel, (name, label) in zip(line, _LABELS.items(), strict=True):
            _draw_paths(panel, own, name, colours)
            panel.set_ylabel(label, fontsize=8)
            panel.set_xticks([-3, 0, 3])
            if name == "far_pair_energy":
                panel.set_yscale("symlog", linthresh=_TO_SCALE, linscale=1.5)
                panel.set_yticks(list(_ENERGY_TICKS), list(_ENERGY_TICKS.values()))
                panel.set_ylim(-1.3 * _TO_SCALE, 1e13)
        line[0].set_title(variant, fontsize=10, loc="left")
    for panel in axes[-1]:
        panel.set_xlabel("step (standard deviations)")
    legend_below(figure, axes[0][:1], columns=len(centres))
    return figure, [dict(row) for row in rows]


def _draw_paths(axes: Axes, rows: Sequence[Mapping[str, Any]], name: str, colours: Mapping[str, Any]) -> None:
    if not np.isfinite([row[name] for row in rows]).all():
        axes.text(0.5, 0.5, "not known without a frame", ha="center", va="center", transform=axes.transAxes, fontsize=8)
        axes.set(yticks=[])
        return
    for centre, colour in colours.items():
        for rank in sorted({row["rank"] for row in rows}):
            path = [row for row in rows if row["centre"] == centre and row["rank"] == rank]
            label = centre if rank == 0 else None
            axes.plot([row["step"] for row in path], [row[name] for row in path], color=colour, alpha=0.8, label=label)


def draw_paths(
    ground_truth: GroundTruth, codes: Sequence[Codes], rows: Sequence[dict[str, Any]], run_folder: RunFolder
) -> None:
    """Decoded steps around zero and around a code of the largest gamma, by each variant's first model; and readouts."""
    firsts, shown_centres = first_of_each(codes), (ZERO, f"gamma {ground_truth.gammas[-1]:.3g}")
    for each in firsts:
        shown = [path for path in paths(ground_truth, each) if path.centre in shown_centres]
        drawn = draw_traversals(shown, each.model.system.box_side, is_in_box=each.model.knows_frame)
        run_folder.save_figure(f"traversals_{each.name}", *drawn)
    first = {each.name: each.model.setting.seed for each in firsts}
    of_first = [row for row in rows if row["ranking"] == RELEVANCE and row["seed"] == first[row["variant"]]]
    run_folder.save_figure("traversal_readouts", *draw_traversal_readouts(of_first))
