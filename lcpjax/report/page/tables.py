"""Tables of the page: columns called as people call them, rows cut where there are many."""

import math
from pathlib import Path
from typing import Any, NamedTuple

from lcpjax.report.page.reading import Reader
from lcpjax.report.quantities import quantity_of_column, quantity_of_metric, short

MOST_ROWS = 200


class Column(NamedTuple):
    """The head of a column."""

    label: str
    name: str
    """As in the file."""


class PageTable(NamedTuple):
    """A table with its cells as text."""

    title: str
    columns: list[Column]
    rows: list[list[str]]
    """The first of them, at most MOST_ROWS."""
    num_rows: int
    link: str
    """Relative address of the file; "" where there is none."""


def table_of(reader: Reader, path: Path) -> PageTable:
    """A CSV file of the run folder."""
    columns, rows = reader.table(path)
    heads = [Column(quantity_of_column(name, path.stem).with_unit, name) for name in columns]
    cells = [[_cell(value) for value in row] for row in rows[:MOST_ROWS]]
    link = path.relative_to(reader.folder).as_posix()
    return PageTable(title_of(path), heads, cells, len(rows), link)


def table_of_summary(summary: dict[str, Any]) -> PageTable:
    """All quantities of a run."""
    heads = [Column(name, "") for name in ("quantity", "value", "unit", "name in summary.json")]
    rows = []
    for name, value in summary.items():
        quantity = quantity_of_metric(name)
        is_verdict = "/is_" in name and value in (0, 1)
        rows.append([quantity.label, _cell(bool(value) if is_verdict else value), quantity.unit, name])
    return PageTable("all quantities", heads, rows, len(rows), "summary.json")


def title_of(path: Path) -> str:
    """Title of the table or figure in a file."""
    return quantity_of_column(path.stem).label.rstrip(":")


def _cell(value: Any) -> str:
    if isinstance(value, float) and math.isnan(value):
        return "–"  # noqa: RUF001 a dash, as in any table
    return {"True": "yes", "False": "no"}.get(value, value) if isinstance(value, str) else short(value)
