"""The study's page: what the slides said of each chapter, and what the chapter's run found."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from lcpjax.report.answer import Answer
from lcpjax.report.page import page_of, template_in
from lcpjax.report.page.content import of_the_smallest_sizes
from lcpjax.report.page.figures import NO_FIGURES, PageFigure
from lcpjax.report.page.reading import Reader

from .chapters import CHAPTERS, FOLDER, Chapter
from .questions import QUESTIONS


class ChapterOnPage(NamedTuple):
    """One chapter, as the template shows it; text, still to be escaped."""

    name: str
    title: str
    claim: str
    note: str
    alerts: list[str]
    missing: list[str]
    """What its run folder lacks."""
    answer: Answer
    figures: list[PageFigure]
    page: str
    """Relative address of the chapter's own page; "" where there is none."""


def page_html(folder: Path, status: Mapping[str, Any] | None = None) -> str:
    """The page of a study, from its run folder and those of its chapters.

    Args:
        status: how the study ended, where status.json does not say it yet.
    """
    reader = Reader(folder)
    config = reader.yaml_mapping("config.yaml")
    status = status or reader.json_object("status.json", is_needed=False)
    asked = (config.get("settings") or {}).get("chapters") or [chapter.name for chapter in CHAPTERS]
    failures = [str(line) for line in status.get("failures", [])]
    shown = [_shown(chapter, folder, failures) for chapter in CHAPTERS if chapter.name in asked]
    # A warning about the data that all chapters share is read once.
    common = [line for line in shown[0].alerts if all(line in chapter.alerts for chapter in shown)] if shown else []
    shown = [each._replace(alerts=[line for line in each.alerts if line not in common]) for each in shown]
    system, info = config.get("system") or {}, reader.json_object("run_info.json", is_needed=False)
    places = {chapter.name: place for place, chapter in enumerate(shown, 1)}
    return template_in(Path(__file__).parent, "page.html.jinja").render(
        folder=folder.resolve().name,
        chapters=shown,
        questions=[(each, places[each.chapter]) for each in QUESTIONS if each.chapter in places],
        alerts=[*([str(status["error"])] if "error" in status else []), *of_the_smallest_sizes(info), *common],
        num_particles=system.get("num_particles", ""),
        gammas=", ".join(map(str, system.get("gammas", []))),
        command=str(info.get("command", "")),
    )


def _shown(chapter: Chapter, folder: Path, failures: list[str]) -> ChapterOnPage:
    own = folder / FOLDER / chapter.name
    found = page_of(own)
    has_run = (own / "summary.json").exists()
    notes = [note for note in found.notes if chapter.figures or note != NO_FIGURES]
    figures = {Path(figure.link).stem: figure for figure in found.figures}
    of_chapter = [line.partition(": ")[2] for line in failures if line.startswith(f"{chapter.name}: ")]
    return ChapterOnPage(
        chapter.name,
        chapter.title,
        chapter.claim,
        chapter.note,
        list(dict.fromkeys([*found.alerts, *of_chapter])),
        notes if has_run else ["This chapter has not run to its end."],
        found.answer,
        [
            figures[name]._replace(link=f"{FOLDER}/{chapter.name}/{figures[name].link}")
            for name in chapter.figures
            if name in figures
        ],
        f"{FOLDER}/{chapter.name}/report.html" if (own / "report.html").exists() else "",
    )
