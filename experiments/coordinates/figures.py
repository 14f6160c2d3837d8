"""Example configurations and their reconstructions by each route, side by side."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lcpjax.dataset import Dataset
from lcpjax.pipeline.run import Run
from lcpjax.reconstruction import symmetrised
from lcpjax.report.figures.configurations import draw_discs, without_frame
from lcpjax.report.figures.style import ordered_colours, panels, styled

from .routes import GRAM, IN_THE_BOX, POINTS, TRUE_DISTANCES, TUMBLED, Route

_SHOWN = (GRAM, POINTS, TUMBLED, IN_THE_BOX)
_TRUE = "true"
# Length of the scale bar, in sigma.
_SCALE = 3.0


class CoordinatePanel(NamedTuple):
    """One column: a quantity of every configuration."""

    title: str
    values: np.ndarray
    """(configurations, particles, 2), positions in sigma, or (configurations, particles, particles), distances."""
    knows_place: bool = False
    """Whether the positions are those in the box: the true ones are drawn over them."""
    has_floor: bool = False
    """Whether they lie on y = 0."""
    is_matrix: bool = False
    """Whether these are distances."""


def draw_coordinate_examples(run: Run, dataset: Dataset, routes: Sequence[Route]) -> None:
    """A test configuration of each gamma: true, decoded matrix, coordinates by every route, first seed."""
    gamma = np.asarray(dataset.test.gamma)
    _, shown = np.unique(gamma, return_index=True)
    first = {(route.variant, route.name): route for route in reversed(routes) if route.variant != TRUE_DISTANCES}
    columns = [column for route in reversed(first.values()) for column in _columns(route, shown)]
    truth = np.asarray(routes[0].truth)[shown]
    run.folder.save_figure(
        "coordinates",
        *draw_coordinates(truth, gamma[shown], run.config.system.box_side, columns),
        caption=(
            "A test configuration of each gamma, and what each route makes of its reconstruction. True positions "
            "are drawn beneath where the route knows the place in the box."
        ),
    )


def _columns(route: Route, shown: np.ndarray) -> list[CoordinatePanel]:
    if route.name not in _SHOWN:
        return []
    name, positions = route.variant.replace("_", " "), np.asarray(route.positions)[shown]
    column = CoordinatePanel(f"{name}:\n{route.name}", positions, route.knows_place, route.name == TUMBLED)
    if route.name != GRAM:
        return [column]
    # Distances without coordinates are shown as they are.
    matrix = np.asarray(symmetrised(route.distances))[shown]
    return [CoordinatePanel(f"{name}:\ndistances", matrix, is_matrix=True), column]


@styled
def draw_coordinates(
    truth: np.ndarray, gamma: np.ndarray, box_side: float, columns: Sequence[CoordinatePanel]
) -> tuple[Figure, dict[str, np.ndarray]]:
    """A row for each configuration: the true one, then its reconstruction by each route, and the data shown.

    Args:
        truth: (configurations, particles, 2), in sigma.
        gamma: (configurations,).
    """
    figure, axes = panels(len(truth), 1 + len(columns), 1.9, 2.0)
    for row, colour in enumerate(ordered_colours(len(truth))):
        _draw_in_box(axes[row][0], truth[row], truth[row], box_side, colour)
        axes[row][0].set_ylabel(rf"$\gamma = {gamma[row]:.3g}$")
        for panel, column in zip(axes[row][1:], columns, strict=True):
            if column.is_matrix:
                panel.imshow(column.values[row], cmap="viridis", vmin=0.0)
                panel.set(xticks=[], yticks=[])
            elif column.knows_place:
                _draw_in_box(panel, column.values[row], truth[row], box_side, colour)
            else:
                _draw_anywhere(panel, column.values[row], box_side, colour)
                if column.has_floor:
                    panel.axhline(-0.5, color="0.3", linewidth=0.8)
    for panel, title in zip(axes[0], ["true", *(column.title for column in columns)], strict=True):
        panel.set_title(title, fontsize=9)
    return figure, {"true": truth, "gamma": gamma} | {column.title: column.values for column in columns}


def _draw_in_box(
    axes: Axes, positions: np.ndarray, truth: np.ndarray, box_side: float, colour: tuple[float, ...]
) -> None:
    draw_discs(axes, positions, facecolor=colour, edgecolor="white", linewidth=0.4)
    draw_discs(axes, truth, facecolor="none", edgecolor="0.35", linewidth=0.5)
    axes.plot([0, box_side, box_side, 0, 0], [0, 0, box_side, box_side, 0], color="0.3", linewidth=0.8)
    axes.set(xlim=(-1, box_side + 1), ylim=(-1, box_side + 1))
    without_frame(axes)


def _draw_anywhere(axes: Axes, positions: np.ndarray, box_side: float, colour: tuple[float, ...]) -> None:
    draw_discs(axes, positions, facecolor=colour, edgecolor="white", linewidth=0.4)
    middle = 0.5 * (positions.min(axis=0) + positions.max(axis=0))
    reach = max(0.5 * float(np.ptp(positions, axis=0).max()), 0.5 * box_side) + 1.0
    axes.set(xlim=(middle[0] - reach, middle[0] + reach), ylim=(middle[1] - reach, middle[1] + reach))
    without_frame(axes)


@styled
def draw_learned_routes(
    truth: np.ndarray, predicted: Mapping[tuple[str, str], np.ndarray], index: int, box_side: float
) -> tuple[Figure, dict[str, np.ndarray]]:
    """One configuration and the output of each network by each loss, and the data shown.

    The walls are drawn where positions are those in the box, which no other loss determines.

    Args:
        truth: (configurations, particles, 2), in sigma.
        predicted: by network and loss, the same, around the origin.
        index: of the configuration.
        box_side: in sigma.
    """
    networks = list(dict.fromkeys(network for network, _ in predicted))
    losses = list(dict.fromkeys(loss for _, loss in predicted))
    origin = truth.mean(axis=(0, 1))
    centred = truth[index] - origin
    shown = {way: positions[index] for way, positions in predicted.items()}
    # Walls too, but not the empty upper part of the box.
    walls = np.array([-origin, (box_side - origin[0], 0.0)])
    everywhere = np.concatenate([centred, walls, *shown.values()])
    low, high = everywhere.min(axis=0) - 1.2, everywhere.max(axis=0) + 0.8
    width = 2.3
    figure, axes = panels(len(networks), 1 + len(losses), width, 0.25 + width * float(np.divide(*(high - low)[::-1])))
    for line, network in zip(axes, networks, strict=True):
        for panel, loss in zip(line, [_TRUE, *losses], strict=True):
            positions, colour = (centred, "0.4") if loss == _TRUE else (shown[network, loss], "#0072B2")
            draw_discs(panel, positions, facecolor=colour, edgecolor="white", linewidth=0.4, alpha=0.8)
            if loss in (_TRUE, "coordinates"):
                left, right, floor = -origin[0], box_side - origin[0], -origin[1]
                panel.plot([left, left, right, right], [high[1], floor, floor, high[1]], color="0.3", linewidth=0.8)
            panel.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]))
            without_frame(panel)
        line[0].set_ylabel(network.replace("_", " "))
    _draw_scale(axes[0][-1], high)
    for panel, title in zip(axes[0], [_TRUE, *(f"loss: {loss}" for loss in losses)], strict=True):
        panel.set_title(title, fontsize=9)
    return figure, {_TRUE: centred} | {f"{network}, {loss}": each for (network, loss), each in shown.items()}


def _draw_scale(axes: Axes, corner: np.ndarray) -> None:
    """A bar of a known length in the upper right corner."""
    right, top = float(corner[0]) - 0.4, float(corner[1]) - 0.4
    axes.plot([right - _SCALE, right], [top, top], color="black", linewidth=1.5, solid_capstyle="butt")
    axes.text(right - 0.5 * _SCALE, top - 0.3, rf"{_SCALE:g} $\sigma$", ha="center", va="top", fontsize=8)
