"""The one style of all figures, and the colours of gamma and lambda."""

from pathlib import Path

import matplotlib as mpl

# Files only: no figure ever needs a screen.
mpl.use("Agg")

import matplotlib.pyplot as plt  # noqa: E402 after the backend is chosen
from matplotlib.axes import Axes  # noqa: E402
from matplotlib.figure import Figure  # noqa: E402

STYLE = str(Path(__file__).parent / "lcpjax.mplstyle")


def panels(rows: int, columns: int, width: float, height: float) -> tuple[Figure, list[list[Axes]]]:
    """A figure in the project's style with a grid of axes, each ``width`` x ``height`` inches."""
    with plt.style.context(STYLE):
        size = (columns * width, rows * height)
        figure, axes = plt.subplots(rows, columns, squeeze=False, figsize=size)
    plt.close(figure)  # Out of pyplot's list; the figure itself lives on.
    return figure, axes.tolist()


def ordered_colours(number: int) -> list[tuple[float, float, float, float]]:
    """Colours for ordered values (gamma, lambda), dark to light, distinct for every kind of colour vision."""
    colours = mpl.colormaps["viridis"]
    return [colours(0.88 * index / max(number - 1, 1)) for index in range(number)]
