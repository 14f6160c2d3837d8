"""The content of the page, read from a run folder."""

import math
import re
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from lcpjax import experiments
from lcpjax.report.answer import Answer
from lcpjax.report.answer_of_folder import answer_of_folder
from lcpjax.report.page.figures import PageFigure, figures_of
from lcpjax.report.page.reading import Reader
from lcpjax.report.page.tables import PageTable, table_of, table_of_summary
from lcpjax.report.quantities import quantity_of_metric

_ENDINGS = {
    "running": "This run has not ended, or was ended without a word: the same command resumes it, and what follows is "
    "what there is so far.",
    "interrupted": "This run was interrupted; the same command resumes it, and what follows is what there is so far.",
    "failed": "This run failed",
}


class Page(NamedTuple):
    """Everything the template shows; text, still to be escaped."""

    title: str
    folder: str
    alerts: list[str]
    """What makes the results doubtful."""
    notes: list[str]
    """What is missing or damaged."""
    question: str
    answer: Answer
    figures: list[PageFigure]
    tables: list[PageTable]
    quantities: PageTable
    command: str
    provenance: list[str]
    files: list[tuple[str, str]]
    """Names and contents of config.yaml and run_info.json."""
    explorer: str
    """Relative address of the explorer; "" where there is none."""


def page_of(folder: Path, status: Mapping[str, Any] | None = None) -> Page:
    """The content of a run folder's page.

    Args:
        status: how the run ended, where status.json does not say it yet.
    """
    reader = Reader(folder)
    config = reader.yaml_mapping("config.yaml")
    info = reader.json_object("run_info.json")
    status = status or reader.json_object("status.json", is_needed=False)
    summary = reader.json_object("summary.json")
    experiment = str(config.get("experiment", ""))
    figures = figures_of(reader)
    tables = [table_of(reader, path) for path in sorted((folder / "tables").glob("*.csv"))]
    return Page(
        title=experiment.replace("_", " ") or "A run of an experiment that config.yaml does not name",
        folder=folder.resolve().name,
        alerts=list(dict.fromkeys(_alerts(status, info, summary))),
        notes=reader.notes,
        question=experiments.question_of(experiment),
        answer=answer_of_folder(folder, experiment, summary),
        figures=figures,
        tables=[table for table in tables if table.columns],
        quantities=table_of_summary(summary),
        command=_command(reader, info, experiment),
        provenance=list(_provenance(info)),
        files=[(name, text) for name in ("config.yaml", "run_info.json") if (text := reader.text(name))],
        explorer="explorer.html" if (folder / "explorer.html").is_file() else "",
    )


def _alerts(status: Mapping[str, Any], info: dict[str, Any], summary: dict[str, Any]) -> Iterator[str]:
    if ending := _ENDINGS.get(str(status.get("state", ""))):
        yield f"{ending}: {status['error']}" if "error" in status else ending
    yield from of_the_smallest_sizes(info)
    yield from map(str, _listed(status.get("failures")))
    yield from map(str, _listed(info.get("warnings")))
    unconverged, models = (summary.get(f"training/num_{kind}models", 0) for kind in ("unconverged_", ""))
    if unconverged and not any("NOT CONVERGED" in str(line) for line in _listed(info.get("warnings"))):
        yield f"{unconverged} of {models} models have not converged: their numbers are about an unfinished training."
    undefined = [name for name, value in summary.items() if isinstance(value, float) and not math.isfinite(value)]
    if undefined:
        yield f"Not a finite number: {', '.join(quantity_of_metric(name).label for name in undefined)}."


def of_the_smallest_sizes(info: Mapping[str, Any]) -> list[str]:
    """What to know of a run at the scale that measures nothing; empty for all others."""
    is_smoke = re.search(r"\+scale=smoke\b", str(info.get("command", "")))
    return (
        ["The smallest sizes (+scale=smoke): they show that the program works, and measure nothing."]
        if is_smoke
        else []
    )


def _command(reader: Reader, info: dict[str, Any], experiment: str) -> str:
    """The command that makes the run, as it was given where that is known."""
    if known := str(info.get("command", "")) or reader.text("command.txt").strip():
        return known
    if not experiment:
        return ""
    return shlex.join(["python", "-m", "lcpjax.run", f"+experiment={experiment}"]) + "  # with the keys of config.yaml"


def _provenance(info: dict[str, Any]) -> Iterator[str]:
    """Where the run was made, and how long it took."""
    if device := info.get("device"):
        yield f"device {device}"
    if commit := info.get("commit"):
        changed = " with uncommitted changes" if info.get("has_uncommitted_changes") else ""
        yield f"commit {str(commit)[:10]}{changed}"
    dataset = info.get("dataset")
    if isinstance(dataset, dict) and "folder" in dataset:
        yield f"data {dataset['folder']}, described in DATASHEET.md there"
    walls = info.get("wall_seconds")
    if isinstance(walls, dict) and all(isinstance(value, int | float) for value in walls.values()):
        times = (f"{stage.replace('_', ' ')} {value:.3g} s" for stage, value in walls.items())
        yield f"time: {', '.join(times)}"


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
