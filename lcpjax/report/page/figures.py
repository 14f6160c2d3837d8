"""Figures of the page: the picture, its caption, and the data behind it."""

import base64
from pathlib import Path
from typing import NamedTuple

from lcpjax.report.page.reading import Reader
from lcpjax.report.page.tables import MOST_ROWS, PageTable, table_of, title_of

CAPTIONS = "figures/captions.json"
NO_FIGURES = "there are no figures"
# What every experiment draws comes after what one is about.
_LAST = ("configurations", "learning_curves")


class PageFigure(NamedTuple):
    """One figure."""

    title: str
    caption: str
    alternative: str
    """Text in place of the picture."""
    picture: str
    """Address that holds the PNG itself."""
    link: str
    """Relative address of the PNG."""
    data: list[str]
    """Relative addresses of the data behind it."""
    table: PageTable | None
    """The same as a table, if that is a small one."""


def figures_of(reader: Reader) -> list[PageFigure]:
    """All figures of a run folder, in the order in which they were drawn."""
    captions = reader.json_object(CAPTIONS, is_needed=False)
    paths = {path.stem: path for path in sorted((reader.folder / "figures").glob("*.png")) if reader.takes(path)}
    drawn = [name for name in captions if name in paths]
    names = sorted([*drawn, *(name for name in paths if name not in drawn)], key=lambda name: name in _LAST)
    for name in captions.keys() - paths.keys():
        reader.notes.append(f"figures/{name}.png is missing")
    if not paths:
        reader.notes.append(NO_FIGURES)
    return [_figure(reader, paths[name], str(captions.get(name, ""))) for name in names]


def _figure(reader: Reader, path: Path, caption: str) -> PageFigure:
    title = title_of(path)
    data = [path.with_suffix(end) for end in (".csv", ".npz") if path.with_suffix(end).exists()]
    table = table_of(reader, data[0]) if data and data[0].suffix == ".csv" else None
    return PageFigure(
        title,
        caption,
        f"{title}. {caption}".strip(),
        f"data:image/png;base64,{base64.b64encode(path.read_bytes()).decode()}",
        path.relative_to(reader.folder).as_posix(),
        [each.relative_to(reader.folder).as_posix() for each in data],
        table if table and table.columns and table.num_rows <= MOST_ROWS else None,
    )
