"""The run folder: everything a run leaves behind, and the rules by which it is opened again."""

import time
from collections.abc import Collection, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from matplotlib.figure import Figure

from lcpjax.errors import InputError
from lcpjax.report.figures.style import style
from lcpjax.report.html import write_report
from lcpjax.report.jsonl_tracker import JsonlTracker
from lcpjax.report.progress import print_line
from lcpjax.report.tables import Row, write_table
from lcpjax.report.wandb_tracker import WandbTracker
from lcpjax.runtime.files import (
    Lock,
    atomic_write,
    is_unfinished,
    read_json,
    read_text,
    try_lock,
    write_arrays,
    write_json,
    write_text,
)

_STATUS, _CONFIG, _LOCK = "status.json", "config.yaml", ".lock"
_MADE_BEFORE_OPENING = {_STATUS, "job.json"}


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
        """Append records, each naming its ``stage``, to metrics.jsonl; trackers see one record for all."""
        for record in records:
            self._metrics.log(record)
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
        start = time.perf_counter()
        try:
            yield
        finally:
            info = self.info()
            walls = info.setdefault("wall_seconds", {})
            walls[name] = walls.get(name, 0.0) + time.perf_counter() - start
            write_json(self.path / "run_info.json", info)

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

    def save_figure(self, name: str, figure: Figure, data: dict[str, np.ndarray] | Sequence[Row]) -> None:
        """Write figures/NAME.png and .pdf with their data: arrays as .npz, rows as .csv.

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
        self._wandb.log_figure(f"figures/{name}", folder / f"{name}.png")

    def save_arrays(self, name: str, **arrays: np.ndarray) -> Path:
        """Write NAME.npz into the run folder and return its path."""
        path = self.path / f"{name}.npz"
        write_arrays(path, arrays)
        return path

    def finish(self, summary: dict[str, float], failures: Sequence[str] = ()) -> None:
        """Write summary.json and report.html and mark the run as finished."""
        write_json(self.path / "summary.json", summary)
        self._wandb.log_summary(summary)
        self._status = {"state": "finished", "failures": list(failures)}
        write_report(self.path, self._status, self.warnings)
        write_json(self.path / _STATUS, self._status)

    def fail(self, message: str) -> None:
        """Record the reason for a run's end in one line."""
        self._status = {"state": "failed", "error": message}
        write_json(self.path / _STATUS, self._status)

    def interrupt(self, note: str) -> None:
        """Record that a signal ended the run, and how to resume it."""
        self._status = {"state": "interrupted", "note": note}
        write_json(self.path / _STATUS, self._status)

    def close(self, exit_code: int) -> None:
        """End the mirrors."""
        self._wandb.close(exit_code)


@contextmanager
def open_run_folder(
    path: Path,
    config: dict[str, Any],
    identity: dict[str, Any],
    *,
    restart: bool,
    made_before: Collection[str] = (),
) -> Generator[RunFolder]:
    """Folder of the run that ``config`` describes, new or as it was left.

    Args:
        config: the resolved config, as plain values.
        identity: the keys that decide the run's results.
        restart: whether to set an existing folder aside and start afresh.
        made_before: names of what the caller itself has put into a new folder already.

    Raises:
        RunFolderError: the folder holds another run, is no run folder, or is in use.
    """
    if restart and (path / _CONFIG).exists():
        # Locked while it moves: no other process can be working in it. The lock goes along.
        with _locked(path):
            _set_aside(path)
    _refuse_foreign_folder(path, identity, made_before)
    path.mkdir(parents=True, exist_ok=True)
    with _locked(path):
        status = read_json(path / _STATUS)
        if not (path / _CONFIG).exists():
            write_text(path / _CONFIG, yaml.safe_dump(config, sort_keys=False))
        finished = (status or {}).get("state") == "finished"
        wandb = config["tracker"]["wandb"]
        tracker = WandbTracker(
            mode="disabled" if finished else wandb["mode"],
            folder=path,
            name=path.name,
            group=config["experiment"],
            config=config,
            project=wandb["project"],
            entity=wandb["entity"],
            timeout_seconds=wandb["timeout_seconds"],
        )
        folder = RunFolder(path, tracker, status)
        if not finished:
            write_json(path / _STATUS, {"state": "running"})
        try:
            yield folder
        except BaseException:
            folder.close(exit_code=1)
            raise
        folder.close(exit_code=1 if folder.failures else 0)


def _set_aside(path: Path) -> None:
    number = 1
    while (aside := path.with_name(f"{path.name}.set-aside-{number}")).exists():
        number += 1
    path.rename(aside)


def _refuse_foreign_folder(path: Path, identity: dict[str, Any], made_before: Collection[str]) -> None:
    if not path.exists():
        return
    if not (path / _CONFIG).exists():
        present = {entry.name for entry in path.iterdir() if not _holds_nothing(entry)}
        if foreign := present - _MADE_BEFORE_OPENING - set(made_before):
            raise RunFolderError(
                f"hydra.run.dir = {path}: not a run folder, it holds {min(foreign)}; choose an empty or a new one"
            )
        return
    held = yaml.safe_load(read_text(path / _CONFIG))
    if differing := _first_difference(identity, {key: held.get(key) for key in identity}):
        raise RunFolderError(
            f"hydra.run.dir = {path}: holds a run with another {differing}; choose another folder or restart=true"
        )


def _holds_nothing(entry: Path) -> bool:
    """Whether an entry of a folder holds nobody's work.

    Hidden entries are the bookkeeping of systems and programs (and what a kill left of a file being written),
    folders without an entry are mount points and the like (lost+found, which only root can look into).
    """
    if entry.name.startswith(".") or is_unfinished(entry):
        return True
    try:
        return entry.is_dir() and not any(entry.iterdir())
    except PermissionError:
        return False


def _first_difference(wanted: Any, held: Any, key: str = "") -> str:
    if isinstance(wanted, dict) and isinstance(held, dict):
        for name in wanted:
            if difference := _first_difference(wanted[name], held.get(name), f"{key}.{name}" if key else name):
                return difference
        return ""
    return "" if wanted == held else f"{key} ({held}, asked for {wanted})"


@contextmanager
def _locked(path: Path) -> Generator[None]:
    """Hold the folder for this process; the lock goes with the process, however it ends."""
    with (path / _LOCK).open("wb") as file:
        lock, reason = try_lock(file)
        if lock is Lock.TAKEN:
            raise RunFolderError(f"{path}: another process is working in this run folder")
        if lock is Lock.UNKNOWN:
            print_line(f"WARNING: {path} cannot be locked ({reason}); let no other process work in it")
        yield
