"""Codes along two of their principal axes, coloured by gamma."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lcpjax.report.figures.style import legend_below, ordered_colours, panels, styled


@styled
def draw_latent_plane(
    points: np.ndarray, fractions: np.ndarray, gamma: np.ndarray
) -> tuple[Figure, dict[str, np.ndarray]]:
    """The plane of the two axes along which codes vary most; and the data shown.

    Args:
        points: (codes, 2), along the axes; turned so that gamma rises along each, on average.
        fractions: (2,), of the variance along each axis.
        gamma: (codes,).
    """
    figure, axes = panels(1, 1, 4.2, 3.6)
    shown = oriented(points, gamma)
    draw_cloud(axes[0][0], shown, gamma)
    axes[0][0].set(**{f"{side}label": axis_name("axis", fractions, index) for index, side in enumerate("xy")})
    legend_below(figure, axes[0], columns=np.unique(gamma).size)
    return figure, {"points": shown, "gamma": gamma}


def oriented(points: np.ndarray, gamma: np.ndarray) -> np.ndarray:
    """Points with every axis turned so that its covariance with gamma is not negative."""
    return np.where((gamma - gamma.mean()) @ points < 0, -1.0, 1.0) * points


def draw_cloud(axes: Axes, points: np.ndarray, gamma: np.ndarray) -> None:
    """Points (codes, 2) of one panel, a colour for each gamma."""
    gammas = np.unique(gamma)
    for value, colour in zip(gammas, ordered_colours(len(gammas)), strict=True):
        own = points[gamma == value]
        axes.plot(own[:, 0], own[:, 1], ".", color=colour, markersize=3, label=rf"$\gamma = {value:.3g}$")
    axes.locator_params(nbins=4)
    axes.tick_params(labelsize=8)


def axis_name(name: str, fractions: np.ndarray, index: int) -> str:
    """Label of an axis with its share of the variance."""
    return f"{name} {index + 1} ({100 * fractions[index]:.1f} %)"
