"""A grid of jobs (-m): the outcome of each, in one table."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hydra.experimental.callback import Callback
from omegaconf import DictConfig

from lcpjax.report.progress import print_line
from lcpjax.report.tables import write_table
from lcpjax.runtime.files import file_system_refusal, read_json, write_json
from lcpjax.runtime.interruption import EXIT_INTERRUPTED

failed_jobs: list[str] = []
"""One line for each job of this process's grid that did not end well."""

num_expected_jobs: int = 0
"""Number of jobs of this process's grid; 0 if unknown."""

_STATES = {0: "finished", 1: "failed", 2: "refused", EXIT_INTERRUPTED: "interrupted"}


def record_job(folder: Path, number: int, overrides: Sequence[str], exit_code: int, error: str) -> None:
    """Record in a job's own folder how it ended; a job without this file never ended."""
    state = _STATES.get(exit_code, "failed")
    about = {"number": number, "overrides": list(overrides), "state": state, "error": error}
    write_json(folder / "job.json", about)


class GridTable(Callback):
    """Writes grid.csv next to the jobs' folders when all have ended, and remembers which failed."""

    def on_multirun_start(self, config: DictConfig, **_: Any) -> None:
        """Forget what an earlier start of the grid left."""
        failed_jobs.clear()
        for path in Path(config.hydra.sweep.dir).glob("*/job.json"):
            path.unlink()

    def on_multirun_end(self, config: DictConfig, **_: Any) -> None:
        """Collect the jobs' endings."""
        folder = Path(config.hydra.sweep.dir)
        rows = grid_rows(folder, num_expected_jobs)
        failed_jobs.extend(
            f"job {row['job']} ({row['overrides']}) {row['state']}: {row['error']}"
            for row in rows
            if row["state"] != "finished"
        )
        try:
            if rows:
                write_table(folder / "grid.csv", rows)
        except OSError as error:
            # Hydra would make a warning of it, and the grid would look as if it had ended well.
            failed_jobs.append(f"the grid's table cannot be written ({file_system_refusal(error, folder)})")
            return
        print_line(f"{len(rows)} jobs, {len(failed_jobs)} not finished; table: {folder / 'grid.csv'}")


def grid_rows(folder: Path, num_jobs: int) -> list[dict[str, Any]]:
    """A row for each job: its number, its overrides, how it ended and why, and where.

    Args:
        num_jobs: how many there should be; one that left nothing is lost. 0: as many as left something.
    """
    ended = {job["number"]: (job, path.parent.name) for path in folder.glob("*/job.json") if (job := read_json(path))}
    numbers = range(num_jobs) if num_jobs else sorted(ended)
    nothing = ({"overrides": [], "state": "lost", "error": "the job left no ending; was its process killed?"}, "")
    rows = []
    for number in numbers:
        job, name = ended.get(number, nothing)
        about = {"job": number, "overrides": " ".join(job["overrides"])}
        rows.append({**about, "state": job["state"], "error": job["error"], "folder": name})
    return rows
