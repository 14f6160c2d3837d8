"""Any number of finished runs, side by side."""

from collections.abc import Sequence
from typing import Any

from lcpjax.config import Config
from lcpjax.pipeline.run import Run

from .answer import answer
from .figures import draw_comparison
from .finished_runs import FinishedRun, differing_keys, folders_of, labels_of, read_run
from .metrics import common_metrics, error_of, shown_metrics
from .settings import Settings

_UNCONVERGED = "training/num_unconverged_models"


def check(config: Config) -> None:
    """Refuse folders that hold no finished run, and metrics that they do not share."""
    settings: Settings = config.settings
    runs = [read_run(folder) for folder in folders_of(settings.runs)]
    shown_metrics(settings.metrics, common_metrics(runs))


def run(run: Run) -> None:
    """Read every run, tabulate what differs, and draw a few metrics."""
    settings: Settings = run.config.settings
    runs = [read_run(folder) for folder in folders_of(settings.runs)]
    metrics = common_metrics(runs)
    shown = shown_metrics(settings.metrics, metrics)
    rows = compared_rows(runs, metrics)
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
    ends = {"least": min, "largest": max}
    summary: dict[str, float] = {
        "compare/num_runs": len(runs),
        "compare/num_unconverged_models": sum(each.summary.get(_UNCONVERGED, 0) for each in runs),
    }
    summary |= {f"compare/{end}/{name}": of([row[name] for row in rows]) for name in shown for end, of in ends.items()}
    run.folder.finish(summary, answering=answer)


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
