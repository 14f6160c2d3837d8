"""The whole deck of slides, chapter by chapter, on one page."""

from lcpjax.config import Config
from lcpjax.pipeline.run import Run
from lcpjax.report import print_line
from lcpjax.runtime.files import read_json

from .parts import chapters_of, check_chapter, folder_of, run_chapter
from .remaining import RemainingTime


def check(config: Config) -> None:
    """Refuse a study with a chapter that its experiment refuses."""
    for chapter in chapters_of(config):
        check_chapter(config, chapter)


def run(run: Run) -> None:
    """Run every chapter, each in a folder of its own; chapters share data and trained models."""
    chapters, failures, summary = chapters_of(run.config), [], {}
    remaining = RemainingTime([chapter.minutes for chapter in chapters])
    for number, chapter in enumerate(chapters, 1):
        print_line(f"\nchapter {number} of {len(chapters)}: {chapter.title} ({remaining})")
        with remaining.chapter(), run.folder.stage(chapter.name):
            failures += run_chapter(run, chapter)
        of_chapter = read_json(folder_of(run, chapter) / "summary.json") or {}
        summary |= {f"{chapter.name}/{name}": value for name, value in of_chapter.items()}
    run.folder.finish(summary, failures)
