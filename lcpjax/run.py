"""The command line: read it, check it, and hand its job, or those of its grid, to Hydra."""

import contextlib
import hashlib
import importlib
import json
import os
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any

import hydra
from hydra.core.hydra_config import HydraConfig
from hydra.errors import HydraException
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf

from lcpjax.cli.check_command import check_command
from lcpjax.cli.command_line import Command, read_command
from lcpjax.cli.experiment_help import experiment_help
from lcpjax.cli.job import EXIT_FAILED, EXIT_REFUSED, FIXABLE, RESUMES, check_job, made_by_hydra, outcome_of_job
from lcpjax.config.check import config_hash, deciding_values, typed_config
from lcpjax.config.presets import CONF
from lcpjax.errors import OneLineError, shown
from lcpjax.runtime.files import file_system_refusal
from lcpjax.runtime.interruption import EXIT_INTERRUPTED, Interrupted, listening, stop_requested
from lcpjax.runtime.standard_streams import make_streams_safe

_exit_codes: list[int] = []
# ``lcpjax WORD ...`` is ``python -m MODULE ...``.
_COMMANDS = {
    "dashboard": ("lcpjax.dashboard", "dashboard_command"),
    "doctor": ("lcpjax.doctor", "doctor_command"),
    "explore": ("lcpjax.explore", "explore_command"),
    "report": ("lcpjax.report.__main__", "report_command"),
}


def _hash_of(*, _root_: DictConfig) -> str:
    """Name of a run folder: a hash of the resolved config."""
    values = OmegaConf.masked_copy(_root_, [str(key) for key in _root_ if key != "hydra"])
    try:
        return config_hash(typed_config(values))
    except OneLineError:
        # A job of a grid that will be refused needs a folder all the same, to leave its refusal in.
        asked: Any = OmegaConf.to_container(values, resolve=False)
        return hashlib.sha256(json.dumps(deciding_values(asked)).encode()).hexdigest()[:10]


OmegaConf.register_new_resolver("lcpjax.config_hash", _hash_of, replace=True)


def main() -> None:
    """Entry point of ``python -m lcpjax.run`` and of ``lcpjax``."""
    _take_utf_8_for_file_names()
    make_streams_safe()
    if sys.argv[1:] and sys.argv[1] in _COMMANDS:
        module, command = _COMMANDS[sys.argv[1]]
        sys.exit(getattr(importlib.import_module(module), command)(sys.argv[2:]))
    sys.exit(run_command(sys.argv[1:]))


def _take_utf_8_for_file_names() -> None:
    """Restart in Python's UTF-8 mode where file names are ASCII: checkpoint libraries take no others then."""
    is_utf_8 = sys.getfilesystemencoding().replace("-", "") == "utf8"
    if not is_utf_8 and os.environ.get("PYTHONUTF8") != "1":
        os.environ["PYTHONUTF8"] = "1"
        os.execv(sys.executable, sys.orig_argv)


@listening()
def run_command(arguments: list[str]) -> int:
    """Run what the command line asks for and return the exit status.

    0: done; 1: failed; 2: refused; 75 (EX_TEMPFAIL): ended by a signal, everything saved, the same command resumes.
    Of several processes the first one runs it, and all return the same.
    """
    exit_code = EXIT_FAILED
    try:
        exit_code = _outcome(arguments)
    finally:
        _dismiss_helpers(exit_code)
    return exit_code


def _dismiss_helpers(exit_code: int) -> None:
    """End the other processes of this run, if it has any."""
    if "lcpjax.runtime.processes" in sys.modules:
        sys.modules["lcpjax.runtime.processes"].dismiss(exit_code)


def _outcome(arguments: list[str]) -> int:
    """``run_command`` in this process."""
    try:
        command = read_command(arguments)
        if command.help_on:
            print(experiment_help(command.help_on))  # noqa: T201
            return 0
        if command.starts_jobs:
            if command.is_grid:
                _expect_grid(command)
            command = check_command(command, CONF, check_job)
            if not command.is_grid and (helper := _helper()):
                return helper.serve()
        _exit_codes.clear()
        sys.argv[1:] = command.arguments  # Hydra reads the command line itself.
        with _hydra_raises() if command.starts_jobs else contextlib.nullcontext():
            job()
    except HydraException as error:
        _complain(" ".join(str(error).split()))
        return EXIT_FAILED
    except OSError as error:
        # Of the folder that Hydra makes before the job is called.
        if not (reason := file_system_refusal(error, Path.cwd())):
            raise
        _complain(f"{reason}; {FIXABLE}, or choose another folder with {command.folder_key}=FOLDER")
        return EXIT_FAILED
    except OneLineError as error:
        _complain(str(error))
        return EXIT_REFUSED
    except Interrupted:
        _complain(RESUMES)
        return EXIT_INTERRUPTED
    return _exit_status(command)


def _helper() -> Any:
    """The module of processes, where this one only helps another that runs the command."""
    processes = importlib.import_module("lcpjax.runtime.processes")
    return processes if processes.is_helper() else None


@contextlib.contextmanager
def _hydra_raises() -> Generator[None]:
    """Turn Hydra's own failures into errors; by itself it prints one and exits."""
    name = "HYDRA_FULL_ERROR"
    before = os.environ.get(name)
    os.environ[name] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before


def _expect_grid(command: Command) -> None:
    """Set Hydra's folder of the grid, and the number of jobs its table expects."""
    from lcpjax.cli import grid

    # Through the environment, which the processes of every launcher inherit.
    os.environ["LCPJAX_GRID"] = command.grid_name
    grid.num_expected_jobs = command.num_jobs


def _exit_status(command: Command) -> int:
    """Exit status of the run, or of all jobs of a grid together."""
    if not command.is_grid:
        return max(_exit_codes, default=EXIT_FAILED if command.starts_jobs else 0)
    from lcpjax.cli.grid import failed_jobs

    for line in failed_jobs:
        _complain(line)
    if stop_requested():
        return EXIT_INTERRUPTED
    return EXIT_FAILED if failed_jobs or any(_exit_codes) else 0


@hydra.main(version_base="1.3", config_path=str(CONF), config_name="config")
def job(composed: DictConfig) -> None:
    """One job, in the folder Hydra made for it; nothing escapes, so that the other jobs of a grid run."""
    # A grid's other launchers run jobs in processes of their own.
    make_streams_safe()
    hydra_config = HydraConfig.get()
    folder = Path(hydra_config.runtime.output_dir)
    is_grid = hydra_config.mode == RunMode.MULTIRUN
    overrides = list(hydra_config.overrides.task)
    if is_grid:
        from lcpjax.report import print_line

        print_line(f"job {hydra_config.job.num}: {' '.join(overrides)}")
    # A grid's other launchers run jobs in processes of their own, where nobody listens yet.
    with listening():
        exit_code, error = outcome_of_job(composed, folder, made_by_hydra(hydra_config, folder))
    _exit_codes.append(exit_code)
    if error:
        _complain(error)
    if is_grid:
        from lcpjax.cli.grid import record_job

        try:
            record_job(folder, hydra_config.job.num, overrides, exit_code, error)
        except OSError as refused:
            _complain(f"job {hydra_config.job.num}: {file_system_refusal(refused, folder)}; its ending is not recorded")


def _complain(message: str) -> None:
    print(f"lcpjax: {shown(message)}", file=sys.stderr, flush=True)  # noqa: T201


if __name__ == "__main__":
    # Through the package, so that processes of a grid find the same module by name.
    importlib.import_module("lcpjax.run").main()
