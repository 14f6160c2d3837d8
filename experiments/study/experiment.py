"""The whole deck of slides, chapter by chapter, on one page."""

from lcpjax.config import Config
from lcpjax.pipeline.run import Run
from lcpjax.report import print_line
from lcpjax.runtime.files import read_json

from .answer import answer
from .page import write_page
from .parts import chapters_of, check_chapter, folder_of, run_chapter
from .remaining import RemainingTime

_COUNTED = ("training/num_models", "training/num_failed_models", "training/num_unconverged_models")


def check(config: Config) -> None:
    """Refuse a study with a chapter that its experiment refuses."""
    for chapter in chapters_of(config):
        check_chapter(config, chapter)


def run(run: Run) -> None:
    """Run every chapter, each in a folder of its own; chapters share data and trained models."""
    chapters, failures = chapters_of(run.config), []
    remaining = RemainingTime([chapter.minutes for chapter in chapters])
    for number, chapter in enumerate(chapters, 1):
        print_line(f"\nchapter {number} of {len(chapters)}: {chapter.title} ({remaining})")
        with remaining.chapter(), run.folder.stage(chapter.name):
            failures += run_chapter(run, chapter)
    folders = [folder_of(run, chapter) for chapter in chapters]
    summaries = [read_json(folder / "summary.json") or {} for folder in folders]
    counts = {name: sum(summary.get(name, 0) for summary in summaries) for name in _COUNTED}
    finished = {"study/num_chapters": len(chapters), "study/num_finished_chapters": sum(map(bool, summaries))}
    with_folders = list(zip(chapters, folders, strict=True))
    run.folder.finish(
        finished | counts,
        failures,
        answering=answer,
        writing_report=lambda folder, _: write_page(folder, with_folders),
    )
