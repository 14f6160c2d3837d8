"""The command line: compose, check, open the run folder, call the experiment."""

import contextlib
import hashlib
import importlib
import json
import os
import sys
import traceback
from collections.abc import Collection, Generator
from pathlib import Path
from types import ModuleType
from typing import Any

import hydra
from hydra.core.hydra_config import HydraConfig
from hydra.errors import HydraException
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf

from lcpjax.cli.command_line import Command, check_command, read_command
from lcpjax.config import Config
from lcpjax.config.check import ConfigError, config_hash, deciding_values, identity, plain, typed_config
from lcpjax.config.experiments import experiment_names
from lcpjax.config.presets import CONF
from lcpjax.errors import OneLineError, did_you_mean, shown
from lcpjax.runtime.files import file_system_refusal
from lcpjax.runtime.interruption import EXIT_INTERRUPTED, Interrupted, listening, stop_requested
from lcpjax.runtime.standard_streams import make_streams_safe

EXIT_FAILED, EXIT_REFUSED = 1, 2
_RESUMES = "interrupted; the same command resumes where it stopped"
_FIXABLE = "once that is fixed, the same command resumes where it stopped"

_exit_codes: list[int] = []


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
    sys.exit(run_command(sys.argv[1:]))


def _take_utf_8_for_file_names() -> None:
    """Restart in Python's UTF-8 mode where file names are ASCII: checkpoint libraries take no others then."""
    is_utf_8 = sys.getfilesystemencoding().replace("-", "") == "utf8"
    if not is_utf_8 and os.environ.get("PYTHONUTF8") != "1":
        os.environ["PYTHONUTF8"] = "1"
        os.execv(sys.executable, sys.orig_argv)


def run_command(arguments: list[str]) -> int:
    """Run what the command line asks for and return the exit status.

    0: done; 1: failed; 2: refused; 75 (EX_TEMPFAIL): ended by a signal, everything saved, the same command resumes.
    """
    with listening():
        return _run_command(arguments)


def _run_command(arguments: list[str]) -> int:
    try:
        command = read_command(arguments)
        if command.starts_jobs:
            if command.is_grid:
                _expect_grid(command)
            command = check_command(command, CONF, _check_job)
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
        _complain(f"{reason}; {_FIXABLE}, or choose another folder with {command.folder_key}=FOLDER")
        return EXIT_FAILED
    except OneLineError as error:
        _complain(str(error))
        return EXIT_REFUSED
    except Interrupted:
        _complain(_RESUMES)
        return EXIT_INTERRUPTED
    return _exit_status(command)


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


def _check_job(config: Config) -> None:
    """Raise if a job could not start; nothing is written. An experiment may have its own ``check``."""
    from lcpjax.runtime.device import keep_compiled_programs, keep_freed_memory, use_device
    from lcpjax.runtime.jax_settings import fix_settings

    fix_settings()
    experiment = load_experiment(config.experiment)
    from lcpjax.build import check
    from lcpjax.report import print_line

    use_device(config.device)
    keep_compiled_programs(print_line)
    keep_freed_memory()
    check(config)
    getattr(experiment, "check", check)(config)


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
        exit_code, error = _outcome(composed, folder, _made_by_hydra(hydra_config, folder))
    _exit_codes.append(exit_code)
    if error:
        _complain(error)
    if is_grid:
        from lcpjax.cli.grid import record_job

        try:
            record_job(folder, hydra_config.job.num, overrides, exit_code, error)
        except OSError as refused:
            _complain(f"job {hydra_config.job.num}: {file_system_refusal(refused, folder)}; its ending is not recorded")


def _made_by_hydra(hydra_config: Any, folder: Path) -> set[str]:
    """Entries that Hydra puts into the run folder before the job is called: its own configs, and log files."""
    logs = [hydra_config[kind].get("handlers") or {} for kind in ("job_logging", "hydra_logging")]
    names = [handler.get("filename") for handlers in logs for handler in handlers.values()]
    paths = [Path.cwd() / name for name in names if name]
    paths += [folder / hydra_config.output_subdir] if hydra_config.output_subdir else []
    inside = [path.relative_to(folder) for path in paths if path.is_relative_to(folder)]
    return {path.parts[0] for path in inside if path.parts}


def _outcome(composed: DictConfig, folder: Path, made_before: set[str]) -> tuple[int, str]:
    """Exit status of a job, and the reason in one line if it did not end well."""
    from lcpjax.report import RunFolderError

    if stop_requested():
        return EXIT_INTERRUPTED, "not started; the same command starts it"
    try:
        failures = run_job(composed, folder, made_before)
    except Interrupted:
        return EXIT_INTERRUPTED, _RESUMES
    except (RunFolderError, ConfigError) as error:
        return EXIT_REFUSED, str(error)
    except OneLineError as error:
        return EXIT_FAILED, str(error)
    except Exception as error:  # noqa: BLE001 shown in full; the other jobs of a grid continue
        if reason := file_system_refusal(error, folder):
            return EXIT_FAILED, f"{reason}; {_FIXABLE}"
        traceback.print_exc()
        line = f"{type(error).__name__}: {error}".splitlines()[0]
        return EXIT_FAILED, f"{line} (a fault in the program; the run folder keeps what was done)"
    return (EXIT_FAILED if failures else 0), "; ".join(failures)


def run_job(composed: DictConfig, folder: Path, made_before: Collection[str] = ()) -> list[str]:
    """Run one job's experiment in its run folder, or show what is there; returns the failures, a line each.

    Args:
        made_before: names of what lies in a new folder already.
    """
    from lcpjax.pipeline.run import Run
    from lcpjax.report.run_folder import open_run_folder

    config = typed_config(composed)
    _check_job(config)
    with open_run_folder(
        folder, plain(config), identity(config), restart=config.restart, made_before=made_before
    ) as run_folder:
        if not run_folder.is_finished:
            try:
                _start(Run(config, run_folder))
            except Interrupted:
                with contextlib.suppress(OSError):
                    run_folder.interrupt("the same command resumes where it stopped")
                raise
            except BaseException as error:
                kind = "" if isinstance(error, OneLineError) else f"{type(error).__name__}: "
                # A full disk has no room for the reason either; it is printed all the same.
                with contextlib.suppress(OSError):
                    run_folder.fail(f"{kind}{error}".splitlines()[0])
                raise
        show(run_folder)
        return run_folder.failures


def _start(run: Any) -> None:
    """Print and record where the run is made, and call the experiment."""
    from lcpjax.report import print_line
    from lcpjax.report.run_info import describe_run
    from lcpjax.runtime.device import use_device

    device = use_device(run.config.device)
    print_line(f"device: {device}; run folder: {run.folder.path}")
    seeds = {"sampler": run.config.sampler.seed, "training": run.config.training.seed, "sweep": run.config.sweep.seeds}
    entries = describe_run(device, seeds)
    # A resumed run keeps where each of its starts was made.
    starts = [*run.folder.info().get("starts", []), {name: entries[name] for name in ("commit", "device", "versions")}]
    run.folder.add_info(**entries, starts=starts)
    load_experiment(run.config.experiment).run(run)


def show(run_folder: Any) -> None:
    """Print the results of a finished run and where everything is."""
    from lcpjax.report import print_line
    from lcpjax.runtime.files import read_json

    for warning in run_folder.warnings:
        print_line(f"WARNING: {warning}")
    for name, value in (read_json(run_folder.path / "summary.json") or {}).items():
        print_line(f"  {name} = {value:.5g}")
    kinds = {
        "table": "tables/*.csv",
        "figure": "figures/*.png",
        "trajectory": "trajectories/*",
        "report": "report.html",
    }
    for kind, pattern in kinds.items():
        for path in sorted(run_folder.path.glob(pattern)):
            print_line(f"{kind}: {path}")
    if dataset := run_folder.info().get("dataset"):
        print_line(f"data: {dataset['folder']}, described in DATASHEET.md there")
    if run_folder.checkpoints.exists():
        print_line(f"checkpoints: {run_folder.checkpoints}")


def load_experiment(name: str) -> ModuleType:
    """Module experiments/NAME/experiment.py, wherever the package lies.

    Raises:
        OneLineError: there is none of that name.
    """
    if name not in (names := experiment_names()):
        raise OneLineError(f"experiment = {name}: {did_you_mean(name, names)}")
    return importlib.import_module(f"lcpjax.experiments.{name}.experiment")


def _complain(message: str) -> None:
    print(f"lcpjax: {shown(message)}", file=sys.stderr, flush=True)  # noqa: T201


if __name__ == "__main__":
    # Through the package, so that processes of a grid find the same module by name.
    importlib.import_module("lcpjax.run").main()
