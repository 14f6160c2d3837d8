"""Numbers that a page quotes, beside the values of the committed tables that it names.

A comment below text, or right below a table, says where its numbers come from, a line each:

    <!-- numbers from results/tables/x.csv where seed=0
    1.17 ± 0.08 = mean nats, mean nats_error where source=own prior
    column -
    column mean mse, sd mse
    row variant=best
    -->

QUOTE = VALUES: the words as the page has them, and as many values as they have numbers. ``column`` and ``row``, one
for each of the table: what is in a cell; ``-`` where no table has it; cells without a digit are passed over. A line may
name its own file (``from FILE``) and rows (``where COLUMN=VALUE and ...``), which add to those of the first line.

VALUES: columns, or mean, sd, median, least, largest of one over these rows; a column alone has one value in all.
``largest X by Y``: of the means over the rows of each Y. Numbers beside a % are 100 times the value. A file may be
a summary.json, with metrics for columns, or a pattern, which stands for the rows of all that match.
"""

import glob
import json
import math
import re
import statistics
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from lcpjax.report.tables import read_table

COMMENT = re.compile(r"<!-- numbers(.*?)-->", re.DOTALL)
NUMBER = re.compile(r"(?<![\w.^])-?\d+(?:,\d{3})*(?:\.\d+)?(?:e-?\d+)?")
REDUCTIONS = {
    "mean": statistics.fmean,
    "sd": statistics.stdev,
    "median": statistics.median,
    "least": min,
    "largest": max,
}


class NumbersError(Exception):
    """A comment that cannot be read."""


class Source(NamedTuple):
    """Where values come from."""

    values: str
    file: str
    where: tuple[str, ...]


class Quote(NamedTuple):
    """Words of a page, and the values that its numbers should have."""

    words: str
    source: Source


def quotes_of(text: str) -> Iterator[Quote]:
    """Every quote of a page that a comment speaks of; cells of tables among them.

    Raises:
        NumbersError: words that are not between comment and the heading or comment before; a table of another size.
    """
    for comment in COMMENT.finditer(text):
        above = re.split(r"^#.*$|-->", text[: comment.start()], flags=re.MULTILINE)[-1].rstrip()
        head, *lines = comment[1].splitlines()
        beginning = _source(head, Source("", "", ()))
        rows = [line.removeprefix("row ") for line in lines if line.startswith("row ")]
        columns = [line.removeprefix("column ") for line in lines if line.startswith("column ")]
        for line in lines:
            if line.startswith(("row ", "column ")):
                continue
            words, equals, source = line.partition(" = ")
            if not equals or not _has_words(above, words):
                raise NumbersError(f"{line!r}: not as QUOTE = VALUES, or no such words above")
            yield Quote(words, _source(source, beginning))
        if rows or columns:
            yield from _cells(above.rpartition("\n\n")[2], rows, columns, beginning)


def differences(quote: Quote, folder: Path) -> list[str]:
    """What is wrong with a quote, in a line each; files are relative to the folder of the page."""
    numbers = NUMBER.findall(quote.words)
    values = [_value(each.strip(), quote.source, folder) for each in quote.source.values.split(",")]
    if len(numbers) != len(values):
        return [f"{quote.words!r}: {len(numbers)} numbers, but {len(values)} values ({quote.source.values})"]
    factor = 100.0 if "%" in quote.words else 1.0
    return [
        f"{quote.words!r}: {number} is {factor * value:.6g} in {quote.source.file} ({quote.source.values})"
        for number, value in zip(numbers, values, strict=True)
        if not is_printed_as(factor * value, number)
    ]


def is_printed_as(value: float, number: str) -> bool:
    """Whether a value rounds to a number as printed: half a unit of its last digit."""
    mantissa, _, exponent = number.replace(",", "").partition("e")
    unit = 10.0 ** (int(exponent or 0) - len(mantissa.partition(".")[2]))
    # A value midway may be rounded either way; and 0.285 is not stored as such.
    return abs(value - float(number.replace(",", ""))) <= 0.5 * unit * (1 + 1e-6)


def plain(text: str) -> str:
    """Without emphasis and line breaks."""
    return re.sub(r"\s+", " ", re.sub(r"[*\\]", "", text))


def _has_words(above: str, words: str) -> bool:
    return re.search(rf"(?<![\w.,-]){re.escape(words)}(?!\w|[.,]\d)", plain(above)) is not None


def _cells(table: str, rows: list[str], columns: list[str], beginning: Source) -> Iterator[Quote]:
    lines = [[plain(cell).strip() for cell in line.strip("|").split("|")] for line in table.splitlines()]
    body = lines[2:]
    if len(rows) != len(body) or any(len(columns) != len(cells) for cells in lines):
        raise NumbersError(f"{len(rows)} rows and {len(columns)} columns do not fit the table {lines[0]}")
    for row, cells in zip(rows, body, strict=True):
        for column, cell in zip(columns, cells, strict=True):
            if "-" not in (row, column) and NUMBER.search(cell):
                where, _, file = row.partition(" from ")
                of_row = Source("", file or beginning.file, (*beginning.where, *where.split(" and ")))
                yield Quote(cell, _source(column, of_row))


def _source(text: str, beginning: Source) -> Source:
    text, _, where = text.partition(" where ")
    values, _, file = text.partition(" from ")
    more = tuple(where.split(" and ")) if where else ()
    return Source(values.strip(), file.strip() or beginning.file, (*beginning.where, *more))


def _value(words: str, source: Source, folder: Path) -> float:
    words, _, by = words.partition(" by ")
    reduction, _, column = words.rpartition(" ")
    rows = _rows(folder / source.file, source.where)
    if column not in rows[0] or (by and by not in rows[0]):
        raise NumbersError(f"{source.file}: no column {column if column not in rows[0] else by}")
    values = [row[column] for row in rows]
    if by:
        groups = dict.fromkeys(row[by] for row in rows)
        values = [statistics.fmean(row[column] for row in rows if row[by] == group) for group in groups]
    if not reduction:
        # One model's value stands in the row of each of its seeds.
        if len(set(values)) != 1:
            raise NumbersError(f"{source.file}: {len(values)} rows of {column} where {' and '.join(source.where)}")
        return float(values[0])
    return float(REDUCTIONS[reduction](values))


def _rows(path: Path, where: tuple[str, ...]) -> list[dict[str, Any]]:
    # Of several seeds, a run each, the rows of all.
    files = sorted(Path(each) for each in glob.glob(str(path)))
    rows = [row for file in files for row in _read(file)]
    if not rows:
        raise NumbersError(f"{path}: no such table")
    for condition in where:
        column, _, value = condition.partition("=")
        if column not in rows[0]:
            raise NumbersError(f"{path}: no column {column}")
        if not (kept := [row for row in rows if _is_equal(row[column], value)]):
            raise NumbersError(f"{path}: no row where {condition}")
        rows = kept
    return rows


def _read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(path.read_text("utf-8"))] if path.suffix == ".json" else read_table(path)


def _is_equal(value: Any, text: str) -> bool:
    if isinstance(value, str):
        return value == text
    try:
        return math.isclose(float(value), float(text))
    except ValueError:
        return False
