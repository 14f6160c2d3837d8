"""Models whose training has not converged, as figures mark them: open symbols, and a word in the legend."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes

NOT_CONVERGED = "not converged"
"""The entry of the legend."""


def has_converged(row: Mapping[str, Any]) -> bool:
    """Whether a model's row does not say that it has not: ``is_converged`` is false, or, read from a table, the word.

    >>> [has_converged({"is_converged": value}) for value in (True, False, "False", None)], has_converged({})
    ([True, False, False, True], True)
    """
    return str(row.get("is_converged", "")).lower() != "false"


def converged_column(rows: Sequence[Mapping[str, Any]]) -> dict[str, bool]:
    """Of rows that a figure shows as one: ``is_converged`` if all have; empty where none has a verdict."""
    has_verdict = any(str(row.get("is_converged", "")).lower() in ("true", "false") for row in rows)
    return {"is_converged": all(has_converged(row) for row in rows)} if has_verdict else {}


def draw_points(
    axes: Axes, rows: Iterable[Mapping[str, Any]], x: str, y: str, marker: str, colour: Any, **options: Any
) -> None:
    """A point for each row, open where the model has not converged.

    Args:
        x: column, as is y.
        options: of the markers.
    """
    for row in rows:
        face = colour if has_converged(row) else "white"
        axes.plot([row[x]], [row[y]], marker, color=colour, markerfacecolor=face, zorder=3, **options)


def label_open_points(axes: Axes, rows: Iterable[Mapping[str, Any]], marker: str = "o") -> None:
    """The legend's entry for open points, if there are any."""
    if not all(has_converged(row) for row in rows):
        axes.plot([], [], marker, color="0.25", markerfacecolor="white", label=NOT_CONVERGED)
