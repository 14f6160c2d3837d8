"""One job: its check, its run folder, its experiment, and how it ended.

Nothing of JAX is imported before a job is checked.
"""

import contextlib
import importlib
import shlex
import traceback
from collections.abc import Collection
from pathlib import Path
from types import ModuleType
from typing import Any

from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode
from omegaconf import DictConfig

from lcpjax.config import Config
from lcpjax.config.check import ConfigError, config_hash, identity, plain, typed_config
from lcpjax.config.experiments import experiment_names
from lcpjax.errors import OneLineError, did_you_mean
from lcpjax.runtime.files import file_system_refusal
from lcpjax.runtime.interruption import EXIT_INTERRUPTED, Interrupted, stop_requested, time_limit

EXIT_FAILED, EXIT_REFUSED = 1, 2
RESUMES = "interrupted; the same command resumes where it stopped"
FIXABLE = "once that is fixed, the same command resumes where it stopped"


def load_experiment(name: str) -> ModuleType:
    """Module experiments/NAME/experiment.py, wherever the package lies.

    Raises:
        OneLineError: there is none of that name.
    """
    if name not in (names := experiment_names()):
        raise OneLineError(f"experiment = {name}: {did_you_mean(name, names)}")
    return importlib.import_module(f"lcpjax.experiments.{name}.experiment")


def check_job(config: Config) -> None:
    """Raise if a job could not start; nothing is written. An experiment may have its own ``check``.

    Of several processes the first one is checked; the others have begun when this returns, and do what it shares out.
    """
    from lcpjax.runtime.device import keep_compiled_programs, keep_freed_memory, prefer_wide_vectors, use_device
    from lcpjax.runtime.jax_settings import fix_settings
    from lcpjax.runtime.processes import is_helper

    fix_settings()
    experiment = load_experiment(config.experiment)
    from lcpjax.build import check
    from lcpjax.report import print_line
    from lcpjax.sampler.blocks import BlockSettings, configure_blocks

    prefer_wide_vectors()
    join_processes(config)
    use_device(config.device.platform)
    configure_blocks(BlockSettings(config.sampler.block_size, config.sampler.host_threads))
    keep_compiled_programs(print_line)
    keep_freed_memory()
    if is_helper():
        return
    check(config)
    getattr(experiment, "check", check)(config)


def join_processes(config: Config) -> None:
    """Meet the other processes of this run, where there are any.

    Raises:
        OneLineError: in each of them, if they cannot begin or do not fit together.
    """
    from lcpjax.runtime.processes import join, place_of
    from lcpjax.runtime.versions import package_version

    keys = config.device
    place = place_of(keys.distributed, keys.coordinator, keys.num_processes, keys.process, keys.start_timeout_seconds)
    if place is not None and place.count > 1 and config.sweep.strategy not in ("auto", "batches"):
        raise ConfigError(
            f"sweep.strategy = {config.sweep.strategy}: keeps all models in one process, and there are {place.count}; "
            "choose auto or batches"
        )
    versions = {name: package_version(name) for name in ("lcpjax", "jax", "jaxlib")}
    join(
        place,
        {"config (as a hash)": config_hash(config), **{f"version of {name}": versions[name] for name in versions}},
    )


def outcome_of_job(composed: DictConfig, folder: Path, made_before: set[str]) -> tuple[int, str]:
    """Exit status of a job, and the reason in one line if it did not end well."""
    from lcpjax.report import RunFolderError

    if stop_requested():
        return EXIT_INTERRUPTED, "not started; the same command starts it"
    try:
        failures = run_job(composed, folder, made_before)
    except Interrupted:
        return EXIT_INTERRUPTED, RESUMES
    except (RunFolderError, ConfigError) as error:
        return EXIT_REFUSED, str(error)
    except Exception as error:  # noqa: BLE001 shown in full; the other jobs of a grid continue
        return EXIT_FAILED, reason_of(error, folder)
    return (EXIT_FAILED if failures else 0), "; ".join(failures)


def reason_of(error: Exception, folder: Path) -> str:
    """Why a job did not end, in one line; what is a fault in the program is shown in full as well."""
    if isinstance(error, OneLineError):
        return str(error)
    if reason := file_system_refusal(error, folder):
        return f"{reason}; {FIXABLE}"
    traceback.print_exception(error)
    line = f"{type(error).__name__}: {error}".splitlines()[0]
    return f"{line} (a fault in the program; the run folder keeps what was done)"


def run_job(composed: DictConfig, folder: Path, made_before: Collection[str] = ()) -> list[str]:
    """``run_config`` of a composed config."""
    return run_config(typed_config(composed), folder, made_before)


def run_config(config: Config, folder: Path, made_before: Collection[str] = ()) -> list[str]:
    """Run a config's experiment in its run folder, or show what is there; returns the failures, a line each.

    Args:
        made_before: names of what lies in a new folder already.
    """
    from lcpjax.pipeline.run import Run
    from lcpjax.report import open_run_folder
    from lcpjax.report.results import print_results

    check_job(config)
    with (
        time_limit(config.run.max_minutes),
        open_run_folder(
            folder,
            plain(config),
            identity(config),
            restart=config.restart,
            made_before=made_before,
            grid=_grid(),
        ) as run_folder,
    ):
        # What other runs have found since is no part of its config.
        if not run_folder.is_finished or getattr(load_experiment(config.experiment), "READS_OTHER_RUNS", False):
            try:
                run_folder.start()
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
        print_results(run_folder, config.experiment)
        return run_folder.failures


def _start(run: Any) -> None:
    """Print and record where the run is made, and call the experiment."""
    from lcpjax.report import print_line
    from lcpjax.report.run_info import describe_run
    from lcpjax.runtime.device import use_device

    device = use_device(run.config.device.platform)
    print_line(f"device: {device}; run folder: {run.folder.path}")
    seeds = {"sampler": run.config.sampler.seed, "training": run.config.training.seed, "sweep": run.config.sweep.seeds}
    entries = describe_run(device, seeds)
    # A resumed run keeps where each of its starts was made.
    starts = [*run.folder.info().get("starts", []), {name: entries[name] for name in ("commit", "device", "versions")}]
    run.folder.add_info(**entries, starts=starts, command=_command())
    load_experiment(run.config.experiment).run(run)


def _command() -> str:
    """The command of this job alone, also where it is one of a grid."""
    overrides = HydraConfig.get().overrides.task if HydraConfig.initialized() else []
    return shlex.join(["python", "-m", "lcpjax.run", *overrides])


def _grid() -> str | None:
    """Name of the grid's folder, where this job is one of a grid."""
    if not HydraConfig.initialized() or HydraConfig.get().mode != RunMode.MULTIRUN:
        return None
    return Path(HydraConfig.get().sweep.dir).absolute().name


def made_by_hydra(hydra_config: Any, folder: Path) -> set[str]:
    """Entries that Hydra puts into the run folder before the job is called: its own configs, and log files."""
    logs = [hydra_config[kind].get("handlers") or {} for kind in ("job_logging", "hydra_logging")]
    names = [handler.get("filename") for handlers in logs for handler in handlers.values()]
    paths = [Path.cwd() / name for name in names if name]
    paths += [folder / hydra_config.output_subdir] if hydra_config.output_subdir else []
    inside = [path.relative_to(folder) for path in paths if path.is_relative_to(folder)]
    return {path.parts[0] for path in inside if path.parts}
