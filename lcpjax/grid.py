"""A grid of jobs (-m): what became of each, in one table."""

from pathlib import Path
from typing import Any

from hydra.experimental.callback import Callback
from omegaconf import DictConfig

from lcpjax.report.files import read_json
from lcpjax.report.progress import say
from lcpjax.report.tables import write_table

failed_jobs: list[str] = []
"""One line for each job of this process's grid that was refused or failed."""


class GridTable(Callback):
    """Writes grid.csv beside the jobs' folders when all have ended, and remembers which failed."""

    def on_multirun_start(self, config: DictConfig, **_: Any) -> None:
        """Forget what another grid of this process left."""
        del config
        failed_jobs.clear()

    def on_multirun_end(self, config: DictConfig, **_: Any) -> None:
        """Collect the jobs' endings."""
        folder = Path(config.hydra.sweep.dir)
        rows = grid_rows(folder)
        if not rows:
            failed_jobs.append(f"{folder}: no job left a folder")
            return
        write_table(folder / "grid.csv", rows)
        failed_jobs.extend(f"job {row['job']} ({row['overrides']}): {row['error']}" for row in rows if row["error"])
        say(f"{len(rows)} jobs, {len(failed_jobs)} failed; table: {folder / 'grid.csv'}")


def grid_rows(folder: Path) -> list[dict[str, Any]]:
    """A row for each job: its number, its overrides, how it ended and why, and where."""
    newest: dict[int, dict[str, Any]] = {}
    # A changed default gives a job another folder; the one used last counts.
    for path in sorted(folder.glob("*/job.json"), key=lambda path: path.stat().st_mtime):
        job, status = read_json(path), read_json(path.with_name("status.json")) or {}
        failures = status.get("failures", [])
        newest[job["number"]] = {
            "job": job["number"],
            "overrides": " ".join(job["overrides"]),
            "state": status.get("state", "lost"),
            "error": status.get("error") or "; ".join(failures),
            "folder": path.parent.name,
        }
    return [newest[number] for number in sorted(newest)]
