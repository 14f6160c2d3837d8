"""Figure of scores chosen beforehand: every set a line, relative to the exact ratio and the plain energy."""

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lcpjax.report.figures.style import distinct_colours, legend_below, styled
from lcpjax.report.quantities import axis_label

Row = Mapping[str, Any]

_LOWEST = -0.4
"""Of fractions of the margin shown; those below are at the edge."""


@styled
def draw_detection(rows: Sequence[Row]) -> tuple[Figure, list[dict[str, Any]]]:
    """AUROC and fraction of the exact margin of scores chosen beforehand, a line for each set; and the data shown.

    The exact ratio is a bar behind the points, the plain energy a diamond, the one score of each question filled and
    named. Error bars are one standard error of the test set.

    Args:
        rows: what ``chosen_rows`` gives.
    """
    sets = list(dict.fromkeys(row["set"] for row in rows))
    questions = [next(row["question"] for row in rows if row["set"] == name) for name in sets]
    colours = _colours(rows)
    figure = Figure(figsize=(7.4, 1.5 + 0.34 * len(sets)))
    left, right = figure.subplots(1, 2, sharey=True)
    for height, name in enumerate(sets):
        own = [row for row in rows if row["set"] == name]
        if height and questions[height] != questions[height - 1]:
            for panel in (left, right):
                panel.axhline(height - 0.5, color="0.85", linewidth=0.6, zorder=0)
        _draw_references(left, right, own[0], height)
        for row in own:
            _draw_score(left, right, row, height, colours)
        _name_the_fixed(right, own, height, colours)
    for panel, chance in ((left, 0.5), (right, 0.0)):
        panel.axvline(chance, color="0.35", linestyle=":", linewidth=1.0, zorder=0, label="by chance")
        panel.tick_params(axis="y", length=0)
    left.set(xlim=(-0.03, 1.03), xlabel=axis_label("auroc"), ylim=(len(sets) - 0.4, -0.6))
    left.set_yticks(range(len(sets)), [name.replace("_", " ") for name in sets], fontsize=8)
    right.set(xlim=(_LOWEST - 0.06, 1.1), xlabel=axis_label("margin_fraction"))
    legend_below(figure, [left], columns=3)
    return figure, [dict(row) for row in rows]


def _colours(rows: Sequence[Row]) -> dict[str, str]:
    """Of each model; what sees its input alone has the same."""
    models = list(dict.fromkeys(_model(row) for row in rows))
    return dict(zip(models, distinct_colours(len(models)), strict=True))


def _model(row: Row) -> str:
    return row["variant"].split(":")[0]


def _draw_references(left: Axes, right: Axes, row: Row, height: int) -> None:
    """The exact ratio and the plain energy on one set."""
    for panel, exact in ((left, row["oracle_auroc"]), (right, 1.0)):
        span = (height - 0.4, height + 0.4)
        panel.plot((exact, exact), span, color="0.65", linewidth=3.5, zorder=1, label="exact ratio")
    look: dict[str, Any] = {
        "color": "black",
        "markerfacecolor": "white",
        "markersize": 5,
        "linewidth": 0.9,
        "zorder": 3,
    }
    error = row["energy_auroc_test_set_error"]
    left.errorbar(row["energy_auroc"], height, xerr=error, fmt="D", label="plain energy", **look)
    right.plot(max(row["energy_margin_fraction"], _LOWEST), height, "D", **look)


def _draw_score(left: Axes, right: Axes, row: Row, height: int, colours: Mapping[str, str]) -> None:
    colour, is_input, is_fixed = colours[_model(row)], ":" in row["variant"], bool(row["is_fixed"])
    look: dict[str, Any] = {
        "fmt": "s" if is_input else "o",
        "markersize": 6 if is_fixed else 3.5,
        "color": colour,
        "markerfacecolor": colour if is_fixed else "white",
        "linewidth": 0.9,
        "zorder": 4 if is_fixed else 2,
    }
    label = _model(row).replace("_", " ") + (", its input alone" if is_input else "")
    left.errorbar(row["auroc"], height, xerr=row["auroc_test_set_error"], **look)
    # A handle of its own: that of the first set may be filled.
    left.plot([], [], look["fmt"], color=colour, markerfacecolor="white", markersize=4, label=label)
    error = row["margin_fraction_test_set_error"] if row["margin_fraction"] > _LOWEST else 0.0
    right.errorbar(max(row["margin_fraction"], _LOWEST), height, xerr=error, **look)


def _name_the_fixed(right: Axes, rows: Sequence[Row], height: int, colours: Mapping[str, str]) -> None:
    """Name of the one score at the right edge, or that there is none."""
    fixed = next((row for row in rows if row["is_fixed"]), None)
    text, colour = ("not computed", "0.35")
    if fixed is not None:
        text, colour = fixed["score"].replace("_", " "), colours[_model(fixed)]
    right.annotate(text, (1.13, height), fontsize=8, color=colour, va="center", annotation_clip=False)
