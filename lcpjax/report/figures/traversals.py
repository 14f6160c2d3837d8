"""What is decoded along single latents."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lcpjax.report.figures.configurations import draw_box
from lcpjax.report.figures.style import legend_below, ordered_colours, panels, styled

_LABELS = {
    "pair_energy": r"pair energy ($\epsilon$)",
    "mean_height": r"mean height ($\sigma$)",
    "radius_of_gyration": r"radius of gyration ($\sigma$)",
}


class Traversal(NamedTuple):
    """One latent changed around one centre."""

    centre: str
    latent: int
    outputs: np.ndarray
    """(steps, ...), in the representation."""
    positions: np.ndarray
    """(steps, particles, 2), in sigma."""


@styled
def draw_traversals(
    traversals: Sequence[Traversal], steps: np.ndarray, box_side: float, *, is_in_box: bool
) -> tuple[Figure, dict[str, np.ndarray]]:
    """A row for each latent and centre, a column for each step: configurations; and the data shown.

    Without a frame: the decoded matrix of the centre, and what the others differ from it by, blue for nearer.

    Args:
        steps: in standard deviations.
        is_in_box: whether positions are those in the box.
    """
    figure, axes = panels(len(traversals), len(steps), 1.15, 1.2)
    colours = dict.fromkeys(each.centre for each in traversals)
    shades = dict(zip(colours, ordered_colours(len(colours)), strict=True))
    for row, each in enumerate(traversals):
        for column, panel in enumerate(axes[row]):
            if is_in_box:
                draw_box(panel, each.positions[column], box_side, shades[each.centre])
            else:
                _draw_matrix(panel, each.outputs, column, int(np.argmin(np.abs(steps))))
        axes[row][0].set_ylabel(f"{each.centre}\nlatent {each.latent}", fontsize=7)
    for panel, step in zip(axes[0], steps, strict=True):
        panel.set_title(f"{step:+.0f} sd" if step else "centre", fontsize=8)
    values = [each.positions if is_in_box else each.outputs for each in traversals]
    names = (f"{each.centre}, latent {each.latent}" for each in traversals)
    return figure, {"steps": steps} | dict(zip(names, values, strict=True))


def _draw_matrix(axes: Axes, outputs: np.ndarray, column: int, centre: int) -> None:
    axes.set(xticks=[], yticks=[])
    if column == centre:
        axes.imshow(outputs[centre], cmap="viridis", vmin=0.0)
        return
    largest = max(float(np.abs(outputs - outputs[centre]).max()), 1e-6)
    axes.imshow(outputs[column] - outputs[centre], cmap="RdBu_r", vmin=-largest, vmax=largest)


@styled
def draw_traversal_readouts(rows: Sequence[Mapping[str, Any]]) -> tuple[Figure, list[dict[str, Any]]]:
    """Observables along the most relevant latents, a row for each case, around zero and around codes; the data shown.

    Args:
        rows: case, seed, centre, rank, step and the observables; of each case those of the first model are drawn.
    """
    cases = list(dict.fromkeys(row["case"] for row in rows))
    centres = list(dict.fromkeys(row["centre"] for row in rows))
    figure, axes = panels(len(cases), len(_LABELS), 3.2, 2.5)
    colours = dict(zip(centres, ["0.35", *ordered_colours(len(centres) - 1)], strict=True))
    for line, case in zip(axes, cases, strict=True):
        of_case = [row for row in rows if row["case"] == case]
        own = [row for row in of_case if row["seed"] == of_case[0]["seed"]]
        for panel, (name, label) in zip(line, _LABELS.items(), strict=True):
            _draw_paths(panel, own, name, colours)
            panel.set_title(case, fontsize=9)
            panel.set_ylabel(label, fontsize=8)
    for panel in axes[-1]:
        panel.set_xlabel("step (standard deviations)")
    legend_below(figure, axes[0][:1], columns=len(centres))
    return figure, [dict(row) for row in rows]


def _draw_paths(axes: Axes, rows: Sequence[Mapping[str, Any]], name: str, colours: Mapping[str, Any]) -> None:
    if not np.isfinite([row[name] for row in rows]).all():
        axes.text(0.5, 0.5, "not known without a frame", ha="center", va="center", transform=axes.transAxes, fontsize=8)
        axes.set(xticks=[], yticks=[])
        return
    for centre, colour in colours.items():
        for rank in sorted({row["rank"] for row in rows}):
            path = [row for row in rows if row["centre"] == centre and row["rank"] == rank]
            label = centre if rank == 0 else None
            axes.plot([row["step"] for row in path], [row[name] for row in path], color=colour, alpha=0.8, label=label)
