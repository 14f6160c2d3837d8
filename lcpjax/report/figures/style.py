"""The one style of all figures, the colours of ordered values and those of kinds."""

import functools
import itertools
import math
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import ParamSpec, TypeVar

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

Arguments = ParamSpec("Arguments")
Drawn = TypeVar("Drawn")

# Source: Okabe and Ito, "Color universal design" (2008); without yellow, which is too pale for lines on white.
_OKABE_ITO = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000")

# Ends of the colours of ordered values on the map, of 0 to 1.
_DARKEST, _LIGHTEST = 0.1, 0.67
_DARKEST_ON_DARK = 0.52

_STYLE_FILE = str(Path(__file__).parent / "lcpjax.mplstyle")


def style() -> AbstractContextManager[None]:
    """The project's style while a figure is drawn or saved."""
    return mpl.rc_context(fname=_STYLE_FILE)


def styled(draw: Callable[Arguments, Drawn]) -> Callable[Arguments, Drawn]:
    """The same function, drawing in the project's style."""

    @functools.wraps(draw)
    def draw_in_style(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Drawn:
        with style():
            return draw(*args, **kwargs)

    return draw_in_style


def panels(rows: int, columns: int, width: float, height: float) -> tuple[Figure, list[list[Axes]]]:
    """A figure with a grid of axes, each ``width`` x ``height`` inches."""
    # Without pyplot, whose state and backend belong to whoever imports this.
    figure = Figure(figsize=(columns * width, rows * height))
    return figure, figure.subplots(rows, columns, squeeze=False).tolist()


def legend_below(figure: Figure, axes: Sequence[Axes], columns: int, markerscale: float = 1.0) -> None:
    """One legend for all of these axes under the figure, each label once; markers so many times as large."""
    handles = {label: handle for each in axes for handle, label in zip(*each.get_legend_handles_labels(), strict=True)}
    figure.legend(
        list(handles.values()),
        list(handles),
        fontsize=8,
        loc="outside lower center",
        ncols=columns,
        handlelength=2.6,
        markerscale=markerscale,
    )


def label_decades(axes: Axes) -> None:
    """Every decade of a logarithmic x axis as a plain number; 2 and 5 between them where few decades are shown."""
    low, high = axes.get_xlim()
    between = (1.0, 2.0, 5.0) if math.log10(high / low) < 2.2 else (1.0,)
    axes.xaxis.set_major_locator(LogLocator(subs=between))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.tick_params(axis="x", labelsize=8)


def ordered_colours(number: int, *, on_dark: bool = False) -> list[tuple[float, float, float, float]]:
    """Colours for ordered values (gamma, lambda), dark to light, distinct for every kind of colour vision.

    Not for categories, which have no order. The lightest has three times less luminance than white, so that thin lines
    can be seen (WCAG 2.1, contrast of graphics).

    Args:
        on_dark: for a dark background, from which the darkest keeps the same contrast.
    """
    colours = mpl.colormaps["inferno"]
    darkest, lightest = (_DARKEST_ON_DARK, 1.0) if on_dark else (_DARKEST, _LIGHTEST)
    return [colours(darkest + (lightest - darkest) * index / max(number - 1, 1)) for index in range(number)]


def distinct_colours(number: int) -> list[str]:
    """Colours for unordered categories, distinct for every kind of colour vision; beyond seven they repeat."""
    return list(itertools.islice(itertools.cycle(_OKABE_ITO), number))
