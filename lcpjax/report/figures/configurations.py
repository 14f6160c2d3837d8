"""Sampled configurations, a column for each gamma."""

from typing import Any, TypeAlias

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PatchCollection
from matplotlib.figure import Figure
from matplotlib.patches import Circle

from lcpjax.report.figures.style import ordered_colours, panels, styled

Colour: TypeAlias = tuple[float, ...] | str


@styled
def draw_configurations(
    positions: np.ndarray, gamma: np.ndarray, box_side: float, num_examples: int
) -> tuple[Figure, dict[str, np.ndarray]]:
    """The first configurations of each gamma, particles as discs of diameter sigma, and the data shown.

    Args:
        positions: (configurations, particles, 2), in sigma.
        gamma: (configurations,).
    """
    gammas = np.unique(gamma)
    figure, axes = panels(num_examples, len(gammas), 2.1, 2.2)
    shown = []
    for column, (value, colour) in enumerate(zip(gammas, ordered_colours(len(gammas)), strict=True)):
        examples = positions[gamma == value][:num_examples]
        shown.append(examples)
        for row, example in enumerate(examples):
            draw_box(axes[row][column], example, box_side, colour)
        for row in range(len(examples), num_examples):
            axes[row][column].set_axis_off()
        axes[0][column].set_title(rf"$\gamma = {value:.3g}$")
    data = {f"positions_gamma_{value:.6g}": examples for value, examples in zip(gammas, shown, strict=True)}
    return figure, data


def draw_box(axes: Axes, positions: np.ndarray, box_side: float, colour: Colour) -> None:
    """One configuration in its box."""
    draw_discs(axes, positions, facecolor=colour, edgecolor="white", linewidth=0.5)
    # Centres may touch the walls, so discs reach half a diameter beyond them.
    axes.plot([0, box_side, box_side, 0, 0], [0, 0, box_side, box_side, 0], color="0.3", linewidth=0.8)
    axes.set(xlim=(-0.6, box_side + 0.6), ylim=(-0.6, box_side + 0.6))
    without_frame(axes)


def draw_discs(axes: Axes, positions: np.ndarray, **options: Any) -> None:
    """Particles as discs of diameter sigma.

    Args:
        positions: (particles, 2), in sigma.
        options: of the patches.
    """
    axes.add_collection(PatchCollection([Circle((x, y), 0.5) for x, y in positions], **options))


def without_frame(axes: Axes) -> None:
    """Equal units on both axes, and neither ticks nor spines."""
    axes.set(aspect="equal", xticks=[], yticks=[])
    for spine in axes.spines.values():
        spine.set_visible(False)
