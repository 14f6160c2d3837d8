"""The rules by which a run folder is made, and opened again: for one run, by one process at a time."""

from collections.abc import Collection, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from lcpjax.report.progress import print_line
from lcpjax.report.run_folder import FOLDERS_OF_RESULTS, STATUS, RunFolder, RunFolderError
from lcpjax.report.wandb_tracker import WandbTracker
from lcpjax.runtime.checksums import first_damage
from lcpjax.runtime.files import (
    Lock,
    is_unfinished,
    read_json,
    read_text,
    remove_unfinished,
    try_lock,
    write_json,
    write_text,
)

_CONFIG, _LOCK = "config.yaml", ".lock"
_MADE_ANEW = "restart=true sets the folder aside and makes it anew"
_MADE_BEFORE_OPENING = {STATUS, "job.json"}


@contextmanager
def open_run_folder(
    path: Path,
    config: dict[str, Any],
    identity: dict[str, Any],
    *,
    restart: bool,
    made_before: Collection[str] = (),
    grid: str | None = None,
) -> Generator[RunFolder]:
    """Folder of the run that ``config`` describes, new or as it was left.

    Args:
        config: the resolved config, as plain values.
        identity: the keys that decide the run's results.
        restart: whether to set an existing folder aside and start afresh.
        made_before: names of what the caller itself has put into a new folder already.
        grid: name of the grid that the run is a job of.

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
        status = read_json(path / STATUS)
        if not (path / _CONFIG).exists():
            write_text(path / _CONFIG, yaml.safe_dump(config, sort_keys=False))
        finished = (status or {}).get("state") == "finished"
        if finished and (damage := first_damage(path)):
            raise RunFolderError(f"{path}: not as the run left it ({damage}); {_MADE_ANEW}")
        wandb = config["tracker"]["wandb"]
        tracker = WandbTracker(
            mode="disabled" if finished else wandb["mode"],
            folder=path,
            # The runs of a grid belong together, whatever their experiments.
            group=wandb["group"] or grid or config["experiment"],
            experiment=config["experiment"],
            prefix=f"{config['experiment']}-{grid}" if grid else "",
            config=config,
            project=wandb["project"],
            entity=wandb["entity"],
            timeout_seconds=wandb["timeout_seconds"],
            artifacts=wandb["artifacts"],
        )
        folder = RunFolder(path, tracker, status)
        if not finished:
            write_json(path / STATUS, {"state": "running"})
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
    held = _held_config(path)
    if differing := _first_difference(identity, {key: held.get(key) for key in identity}):
        raise RunFolderError(
            f"hydra.run.dir = {path}: holds a run with another {differing}; choose another folder or restart=true"
        )


def _held_config(path: Path) -> dict[str, Any]:
    try:
        return dict(yaml.safe_load(read_text(path / _CONFIG)))
    except (yaml.YAMLError, ValueError, TypeError) as error:
        reason = " ".join(str(error).split())
        raise RunFolderError(f"{path / _CONFIG}: damaged; it should be YAML ({reason}); {_MADE_ANEW}") from None


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
        if lock is Lock.HELD:
            for folder in (path, *(path / name for name in FOLDERS_OF_RESULTS)):
                remove_unfinished(folder)
        yield
