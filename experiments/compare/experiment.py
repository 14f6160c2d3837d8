"""Any number of finished runs, side by side."""

from collections.abc import Sequence
from typing import Any

from lcpjax.config import Config
from lcpjax.pipeline.run import Run

from .answer import answer
from .figures import draw_comparison
from .finished_runs import FinishedRun, differing_keys, folders_of, labels_of, read_run, unfinished_folders
from .metrics import common_metrics, error_of, of_different_quantities, shown_metrics
from .settings import Settings

_UNCONVERGED = "training/num_unconverged_models"
_SUMMED = ("training/num_models", "training/num_failed_models", _UNCONVERGED)
READS_OTHER_RUNS = True
"""Made anew whenever it is asked for: more runs may have finished since."""


def check(config: Config) -> None:
    """Refuse folders that hold no finished run, and metrics that they do not share."""
    settings: Settings = config.settings
    shown_metrics(settings.metrics, [read_run(folder) for folder in folders_of(settings.runs)])


def run(run: Run) -> None:
    """Read every run, tabulate what differs, and draw a few metrics."""
    settings: Settings = run.config.settings
    own = run.folder.path.resolve()
    runs = [read_run(folder) for folder in folders_of(settings.runs) if folder.resolve() != own]
    if lacking := unfinished_folders(settings.runs):
        names = ", ".join(str(folder) for folder in lacking if folder.resolve() != own)
        run.folder.warn(f"left out, for they have not ended: {names}") if names else None
    shown, rows = shown_metrics(settings.metrics, runs), compared_rows(runs, common_metrics(runs))
    if doubt := of_different_quantities(runs, shown):
        run.folder.warn(doubt)
    run.folder.save_table("compared", rows)
    data = [
        {name: row.get(name) for name in ("run", _UNCONVERGED)}
        | {name: row[name] for name in shown}
        | {f"{name} ±": error_of(each, name) for name in shown}
        for row, each in zip(rows, runs, strict=True)
    ]
    run.folder.save_figure(
        "compared",
        *draw_comparison(data, shown),
        caption="A row for each run, named by what it has of its own. Bars are the errors that runs themselves give; "
        "open points are of runs with models that have not converged.",
    )
    summary = {f"{name}/{row['run'].replace('/', ' ')}": row[name] for name in shown for row in rows}
    counts = {name: sum(each.summary.get(name, 0) for each in runs) for name in _SUMMED}
    equilibrated = min(each.summary.get("sampler/is_equilibrated", 1) for each in runs)
    about = {"compare/num_runs": len(runs), "sampler/is_equilibrated": equilibrated}
    run.folder.finish(about | counts | summary, answering=answer)


def compared_rows(runs: Sequence[FinishedRun], metrics: Sequence[str]) -> list[dict[str, Any]]:
    """A row for each run: its folder, the keys that differ, the metrics that all have."""
    keys = differing_keys(runs)
    return [
        {"run": label, "folder": str(each.folder)}
        | {key: each.keys.get(key, "") for key in keys}
        | {_UNCONVERGED: each.summary.get(_UNCONVERGED, 0)}
        | {name: each.summary[name] for name in metrics}
        for label, each in zip(labels_of(runs, keys), runs, strict=True)
    ]
