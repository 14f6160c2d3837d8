"""The end of a run in ten lines: the question, the answer, what bounds it, and where the page is."""

import re
from collections.abc import Iterator
from typing import Any

from lcpjax import experiments
from lcpjax.report.answer import MOST_KEY_NUMBERS
from lcpjax.report.answer_of_folder import answer_of_folder
from lcpjax.report.progress import print_line
from lcpjax.report.quantities import short
from lcpjax.report.run_folder import RunFolder
from lcpjax.runtime.files import read_json


def print_results(run_folder: RunFolder, experiment: str) -> None:
    """Print what a finished run found, and where everything is; all numbers are on its page."""
    for line in result_lines(run_folder, experiment):
        print_line(line)


def result_lines(run_folder: RunFolder, experiment: str) -> list[str]:
    """What a finished run found, in ten lines at most."""
    summary = read_json(run_folder.path / "summary.json") or {}
    return [*_found(run_folder, experiment, summary), *_doubts(run_folder, summary), *_places(run_folder)]


def _found(run_folder: RunFolder, experiment: str, summary: dict[str, Any]) -> Iterator[str]:
    if question := experiments.question_of(experiment):
        # The first of several; a mark before a quotation mark is not the end.
        first, *_ = re.split(r"(?<=\?)\s", question)
        yield f"question: {first}"
    answer = answer_of_folder(run_folder.path, experiment, summary)
    if answer.sentence:
        yield f"answer: {answer.sentence}"
    for each in answer.key_numbers[:MOST_KEY_NUMBERS]:
        bound = f"  ({each.bound_shown})" if each.bound_shown else ""
        yield f"  {each.label}: {each.shown}{bound}"


def _doubts(run_folder: RunFolder, summary: dict[str, Any]) -> Iterator[str]:
    if warnings := run_folder.warnings:
        more = f" (and {len(warnings) - 1} more, on the page)" if len(warnings) > 1 else ""
        yield f"WARNING: {warnings[0]}{more}"
    if models := summary.get("training/num_models", 0):
        failed = summary.get("training/num_failed_models", 0)
        unconverged = summary.get("training/num_unconverged_models", "unknown how many")
        counts = (short(each) for each in (models, failed, unconverged))
        yield "models: {} trained, {} failed, {} not converged".format(*counts)


def _places(run_folder: RunFolder) -> Iterator[str]:
    if walls := run_folder.info().get("wall_seconds"):
        stages = ", ".join(f"{stage.replace('_', ' ')} {seconds:.3g}" for stage, seconds in walls.items())
        yield f"time: {sum(walls.values()):.3g} s ({stages})"
    yield f"run folder: {run_folder.path}"
    yield f"page: {run_folder.path / 'report.html'}"
