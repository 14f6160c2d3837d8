"""The study's page: what the slides said of each chapter, and what the chapter's run found."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from lcpjax.report.answer import Answer
from lcpjax.report.page import page_of, template_in
from lcpjax.report.page.figures import PageFigure
from lcpjax.runtime.files import write_text

from .chapters import Chapter


class ChapterOnPage(NamedTuple):
    """One chapter, as the template shows it; text, still to be escaped."""

    name: str
    title: str
    claim: str
    note: str
    alerts: list[str]
    answer: Answer
    figures: list[PageFigure]
    page: str
    """Relative address of the chapter's own page; "" where there is none."""


def write_page(folder: Path, chapters: Sequence[tuple[Chapter, Path]]) -> None:
    """Write report.html of a study.

    Args:
        folder: of the study.
        chapters: each with its own run folder.
    """
    shown = [_shown(chapter, own, folder) for chapter, own in chapters]
    # A warning about the data all chapters share is read once.
    common = [line for line in shown[0].alerts if all(line in chapter.alerts for chapter in shown)]
    shown = [each._replace(alerts=[line for line in each.alerts if line not in common]) for each in shown]
    template = template_in(Path(__file__).parent, "page.html.jinja")
    html = template.render(folder=folder.resolve().name, chapters=shown, alerts=common)
    write_text(folder / "report.html", html.encode("utf-8", "replace").decode("utf-8"))


def _shown(chapter: Chapter, own: Path, folder: Path) -> ChapterOnPage:
    page, found = own / "report.html", page_of(own)
    figures = {Path(figure.link).stem: figure for figure in found.figures}
    return ChapterOnPage(
        chapter.name,
        chapter.title,
        chapter.claim,
        chapter.note,
        found.alerts,
        found.answer,
        [figures[name] for name in chapter.figures if name in figures],
        page.relative_to(folder).as_posix() if page.exists() else "",
    )
