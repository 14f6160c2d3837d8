"""The whole deck of slides, chapter by chapter, on one page."""

from lcpjax.config import Config
from lcpjax.config.check import ConfigError
from lcpjax.errors import OneLineError
from lcpjax.pipeline.run import Run
from lcpjax.report import print_line
from lcpjax.report.page import write_report
from lcpjax.report.page.reading import Reader

from .answer import answer
from .parts import chapters_of, check_chapter, folder_of, run_chapter
from .remaining import RemainingTime
from .settings import Settings


def check(config: Config) -> None:
    """Refuse a study with a chapter that its experiment refuses, or with fewer seeds than it is to take."""
    settings: Settings = config.settings
    if settings.num_seeds > len(config.sweep.seeds):
        raise ConfigError(f"settings.num_seeds = {settings.num_seeds}: sweep.seeds has {len(config.sweep.seeds)}")
    for chapter in chapters_of(config):
        check_chapter(config, chapter)


def run(run: Run) -> None:
    """Run every chapter, each in a folder of its own; chapters share data and trained models.

    Raises:
        OneLineError: some did not run to their end; the same command goes on with these.
    """
    chapters, failures, unfinished = chapters_of(run.config), [], []
    remaining = RemainingTime([chapter.minutes for chapter in chapters])
    for number, chapter in enumerate(chapters, 1):
        print_line(f"\nchapter {number} of {len(chapters)}: {chapter.title}{remaining}")
        with remaining.chapter(), run.folder.stage(chapter.name):
            has_ended, lines = run_chapter(run, chapter)
        failures += lines
        unfinished += [] if has_ended else lines
    if unfinished:
        message = f"{len(unfinished)} of {len(chapters)} chapters did not run to their end: {'; '.join(unfinished)}"
        write_report(run.folder.path, {"state": "failed", "error": message, "failures": failures})
        raise OneLineError(message)
    readers = [Reader(folder_of(run, chapter)) for chapter in chapters]
    summaries = [reader.json_object("summary.json") for reader in readers]
    counts = {
        "study/num_chapters": len(chapters),
        "study/num_unconverged_chapters": sum(
            bool(summary.get("training/num_unconverged_models", 0)) for summary in summaries
        ),
        "sampler/is_equilibrated": min(summary.get("sampler/is_equilibrated", 1) for summary in summaries),
    }
    run.folder.finish(counts, failures, answering=answer)
