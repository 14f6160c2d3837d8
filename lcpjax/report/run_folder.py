"""The run folder: everything a run leaves behind."""

import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from lcpjax.errors import InputError
from lcpjax.report.answer import Answering
from lcpjax.report.answer_of_folder import keep_answer
from lcpjax.report.figures.style import style
from lcpjax.report.jsonl_tracker import JsonlTracker
from lcpjax.report.page import write_report
from lcpjax.report.page.figures import CAPTIONS
from lcpjax.report.progress import print_line
from lcpjax.report.tables import Row, write_table
from lcpjax.report.wandb_tracker import WandbTracker
from lcpjax.runtime.checksums import CHECKSUMS, keep_checksums
from lcpjax.runtime.files import atomic_write, is_unfinished, read_json, write_arrays, write_json

STATUS = "status.json"
FOLDERS_OF_RESULTS = ("tables", "figures", "trajectories")
# Pages are made anew with every version; the rest is of how the run was made.
_CHANGING = {STATUS, CHECKSUMS, "report.html", "explorer.html", "run_info.json", "job.json", "grid.csv"}


class RunFolderError(InputError):
    """A folder that a run may not use."""


class RunFolder:
    """One run's folder; made by ``open_run_folder``."""

    def __init__(self, path: Path, wandb: WandbTracker, status: dict[str, Any] | None) -> None:
        self.path = path
        self._metrics = JsonlTracker(path / "metrics.jsonl")
        self._wandb = wandb
        self._status = status or {}
        self._figures: set[str] = set()
        self._start = time.perf_counter()

    @property
    def is_finished(self) -> bool:
        """Whether a run of this config already ended here, with or without failed models."""
        return self._status.get("state") == "finished"

    @property
    def failures(self) -> list[str]:
        """Failures of a finished run, one line each."""
        return list(self._status.get("failures", []))

    @property
    def checkpoints(self) -> Path:
        """Folder of the checkpoints."""
        return self.path / "checkpoints"

    def log(self, records: Sequence[dict[str, Any]], mirrored: dict[str, Any]) -> None:
        """Append records, each naming its ``stage``, to metrics.jsonl; trackers see one record for all, if any."""
        for record in records:
            self._metrics.log(record)
        if mirrored:
            self._wandb.log(mirrored)

    def records(self, about: dict[str, Any]) -> list[dict[str, Any]]:
        """The records in metrics.jsonl that agree with ``about``: stage, group."""
        return [record for record in self._metrics.records() if about.items() <= record.items()]

    def forget(self, about: dict[str, Any], from_epoch: int) -> None:
        """Drop records that will be made again: those that agree with ``about``, from an epoch on."""
        self._metrics.forget(about, from_epoch)

    @contextmanager
    def stage(self, name: str) -> Generator[None]:
        """Times a stage; its wall time is added to run_info.json, over all starts of the run."""
        start, before = time.perf_counter(), self._start
        try:
            yield
        finally:
            elapsed = time.perf_counter() - start
            # What a stage takes is not part of the rest.
            self._start = before + elapsed
            self._add_wall_time(name, elapsed)

    def info(self) -> dict[str, Any]:
        """Content of run_info.json so far."""
        return read_json(self.path / "run_info.json") or {}

    def add_info(self, **entries: Any) -> None:
        """Add entries to run_info.json."""
        write_json(self.path / "run_info.json", self.info() | entries)

    def warn(self, message: str) -> None:
        """Warn that this run's results are doubtful; the line is kept in run_info.json and heads the report."""
        print_line(f"WARNING: {message}")
        # A resumed run repeats the line and keeps it once.
        self.add_info(warnings=[*(line for line in self.warnings if line != message), message])

    @property
    def warnings(self) -> list[str]:
        """Warnings, one line each."""
        return list(self.info().get("warnings", []))

    def save_table(self, name: str, rows: Sequence[Row]) -> None:
        """Write tables/NAME.csv."""
        write_table(self.path / "tables" / f"{name}.csv", rows)

    def save_figure(
        self, name: str, figure: Figure, data: dict[str, np.ndarray] | Sequence[Row], *, caption: str
    ) -> None:
        """Write figures/NAME.png and .pdf with their data: arrays as .npz, rows as .csv.

        Args:
            caption: in plain sentences: what is seen, and what the exact line is. Kept in figures/captions.json.

        Raises:
            RunFolderError: another figure of this run has that name.
        """
        if name in self._figures:
            raise RunFolderError(f"figures/{name}: saved already by this run; give the other one another name")
        self._figures.add(name)
        folder = self.path / "figures"
        folder.mkdir(exist_ok=True)
        with style():
            with atomic_write(folder / f"{name}.png") as temporary:
                figure.savefig(temporary, format="png")
            # No date inside, so that equal runs leave equal files.
            with atomic_write(folder / f"{name}.pdf") as temporary:
                figure.savefig(temporary, format="pdf", metadata={"CreationDate": None})
        if isinstance(data, dict):
            write_arrays(folder / f"{name}.npz", data)
        else:
            write_table(folder / f"{name}.csv", data)
        captions = self.path / CAPTIONS
        write_json(captions, (read_json(captions) or {}) | {name: caption})
        self._wandb.log_figure(f"figures/{name}", folder / f"{name}.png")

    def save_arrays(self, name: str, **arrays: np.ndarray) -> Path:
        """Write NAME.npz into the run folder and return its path."""
        path = self.path / f"{name}.npz"
        write_arrays(path, arrays)
        return path

    def finish(
        self, summary: dict[str, float], failures: Sequence[str] = (), *, answering: Answering | None = None
    ) -> None:
        """Write summary.json, the answer and report.html, and mark the run as finished.

        Args:
            answering: makes the answer of the summary.
        """
        self._time_the_rest()
        write_json(self.path / "summary.json", summary)
        if answering and (reason := keep_answer(self.path, answering, summary)):
            print_line(f"{self.path.name}: {reason}")
        self._wandb.log_summary(summary)
        self._log_artifacts()
        status = {"state": "finished", "failures": list(failures)}
        write_report(self.path, status)
        keep_checksums(self.path, self._files_of_results())
        self._record(status)

    def _files_of_results(self) -> Iterator[str]:
        """What a finished run changes no more, as paths in its folder; checkpoints have checksums of their own."""
        places = [self.path, *(self.path / name for name in FOLDERS_OF_RESULTS)]
        for path in (path for place in places for path in place.glob("[!.]*") if path.is_file()):
            if path.name not in _CHANGING and not is_unfinished(path) and path.suffix != ".log":
                yield path.relative_to(self.path).as_posix()

    def start(self) -> None:
        """Mark the run as running, also one that had finished: what it left is made anew now."""
        self._record({"state": "running"})

    def fail(self, message: str) -> None:
        """Record the reason for a run's end in one line."""
        self._record({"state": "failed", "error": message})

    def interrupt(self, note: str) -> None:
        """Record that a signal ended the run, and how to resume it."""
        self._record({"state": "interrupted", "note": note})

    def close(self, exit_code: int) -> None:
        """End the mirrors."""
        self._wandb.close(exit_code)

    def _log_artifacts(self) -> None:
        """Mirror the checkpoints, and the sampled data where they are cached."""
        if self.checkpoints.is_dir():
            self._wandb.log_artifact("model", self.checkpoints)
        stored = Path(self.info().get("dataset", {}).get("folder", self.path / "no dataset"))
        if stored.is_dir():
            # Of one name for all runs that share the data.
            self._wandb.log_artifact("dataset", stored, name=f"dataset-{stored.name}")

    def _time_the_rest(self) -> None:
        """Add what no stage has timed in this start of the run: measuring and drawing, most of it."""
        self._add_wall_time("other", time.perf_counter() - self._start)

    def _add_wall_time(self, name: str, seconds: float) -> None:
        info = self.info()
        walls = info.setdefault("wall_seconds", {})
        walls[name] = walls.get(name, 0.0) + seconds
        write_json(self.path / "run_info.json", info)

    def _record(self, status: dict[str, Any]) -> None:
        self._status = status
        write_json(self.path / STATUS, status)
