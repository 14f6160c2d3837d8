"""Tables as CSV."""

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lcpjax.errors import InputError
from lcpjax.runtime.files import write_text

Row = Mapping[str, Any]


def write_table(path: Path, rows: Sequence[Row]) -> None:
    """Write rows as CSV; the first row's keys are the columns. Numbers keep all their digits.

    Raises:
        InputError: no rows, so that nobody knows the columns.
    """
    if not rows:
        raise InputError(f"{path}: no rows; a table needs at least 1, which names its columns")
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_text(path, text.getvalue())


def read_table(path: Path) -> list[dict[str, Any]]:
    """The rows of a CSV file, numbers as numbers."""
    with path.open(newline="", encoding="utf-8", errors="surrogateescape") as file:
        return [{key: number_or_text(value) for key, value in row.items()} for row in csv.DictReader(file)]


def number_or_text(text: str) -> int | float | str:
    """An entry of a table as the number it is, else as it stands."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
