"""``python -m lcpjax.doctor``: what lcpjax finds here, what to do about it, and how long each experiment will take."""

import os
import re
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from lcpjax.cli.experiment_help import time_of
from lcpjax.config.experiments import experiment_names
from lcpjax.errors import OneLineError, shown
from lcpjax.runtime.standard_streams import make_streams_safe
from lcpjax.runtime.user_cache import user_cache_folder
from lcpjax.runtime.versions import package_version
from lcpjax.runtime.wandb_key import has_wandb_key

USAGE = """usage: python -m lcpjax.doctor

Ten seconds of measurement; nothing is written."""

# What two cores (AMD EPYC, Zen 4) make in a second, on which the times in the list of experiments were taken.
_MOVES_THERE, _CONFIGURATIONS_THERE = 1.4e8, 13_000.0
_SAMPLE_MOSTLY = {"benchmark", "entropy", "equilibration", "export", "sample", "verification"}
_EXTRAS = {
    "benchmark": ("numba", "torch"),
    "sweep": ("hydra-joblib-launcher", "hydra-submitit-launcher"),
    "export": ("ase", "gsd"),
    "dashboards": ("wandb-workspaces",),
}
_SECONDS = 4.0
_MOST_LOAD = 0.5


class Finding(NamedTuple):
    """One line of the report."""

    what: str
    found: str
    advice: str = ""
    """What to do; "" where nothing is to be done."""

    def __str__(self) -> str:
        return f"{self.what}: {self.found}" + (f"\n    -> {self.advice}" if self.advice else "")


def main() -> None:
    """Entry point of ``python -m lcpjax.doctor``."""
    make_streams_safe()
    sys.exit(doctor_command(sys.argv[1:]))


def doctor_command(arguments: list[str]) -> int:
    """Print what is found, and return the exit status: 0, or 2 for arguments that there are not, or no device."""
    if arguments:
        print(USAGE)  # noqa: T201
        return 0 if {"-h", "--help"} & set(arguments) else 2
    try:
        for finding in findings():
            print(finding, flush=True)  # noqa: T201
    except OneLineError as error:
        print(f"lcpjax: {shown(str(error))}", file=sys.stderr)  # noqa: T201
        return 2
    return 0


def findings() -> Iterator[Finding]:
    """What there is, in the order of what a run needs first.

    Raises:
        InputError: JAX has no device at all.
    """
    from lcpjax.runtime.device import num_host_cores, prefer_wide_vectors, use_device
    from lcpjax.runtime.jax_settings import fix_settings

    yield _versions()
    asked_for_wide = prefer_wide_vectors()
    fix_settings()
    device = use_device("auto")
    has_gpu = "(gpu)" in device
    lacks = not has_gpu and shutil.which("nvidia-smi") is not None
    yield Finding("device", device, "nvidia-smi is here: pip install 'lcpjax[cuda13]'" if lacks else "")
    if not has_gpu:
        yield _vectors(asked_for_wide)
        yield Finding("threads", f"{num_host_cores()} cores for this process")
    yield _cache("datasets", "LCPJAX_DATASETS")
    yield _cache("compiled", "JAX_COMPILATION_CACHE_DIR")
    yield _wandb()
    yield from _extras()
    yield from _speed()


def _versions() -> Finding:
    versions = {name: package_version(name) for name in ("lcpjax", "jax", "flax", "optax")}
    text = f"Python {sys.version.split()[0]}, " + ", ".join(f"{name} {number}" for name, number in versions.items())
    return Finding("versions", text)


def _vectors(asked_for_wide: bool) -> Finding:  # noqa: FBT001
    if asked_for_wide:
        return Finding("vectors", "512 bits")
    flags = re.search(r"xla_cpu_prefer_vector_width=(\d+)", os.environ.get("XLA_FLAGS", ""))
    return Finding("vectors", f"{flags.group(1)} bits, by XLA_FLAGS" if flags else "256 bits (no AVX-512 here)")


def _cache(name: str, variable: str) -> Finding:
    try:
        folder = Path(os.environ.get(variable) or user_cache_folder() / name).expanduser()
    except OSError as error:
        return Finding(f"cache of {name}", f"none ({error})")
    size = sum(map(_size, folder.rglob("*")))
    free = shutil.disk_usage(next(parent for parent in (folder, *folder.parents) if parent.exists())).free
    advice = "the disk is nearly full; any folder there may be deleted" if free < 2**30 else ""
    return Finding(f"cache of {name}", f"{folder}, {size / 1e6:.0f} MB", advice)


def _wandb() -> Finding:
    if package_version("wandb") is None:
        return Finding("Weights & Biases", "not installed; runs are recorded in their folders", "pip install wandb")
    if has_wandb_key():
        return Finding("Weights & Biases", "a key is there")
    advice = "wandb login, then tracker.wandb.mode=online"
    return Finding("Weights & Biases", "no key; runs are mirrored offline", advice)


def _extras() -> Iterator[Finding]:
    for extra, packages in _EXTRAS.items():
        missing = [package for package in packages if package_version(package) is None]
        state = f"{', '.join(missing)} missing" if missing else "installed"
        yield Finding(f"extra {extra}", state, f"pip install 'lcpjax[{extra}]'" if missing else "")


def _speed() -> Iterator[Finding]:
    """The sampler and a training step, timed, and what follows for the experiments."""
    if load := _load():
        yield load
    moves = _moves_per_second()
    yield Finding("sampler", f"{moves:.2g} moves of 30 particles a second")
    shown_per_second = _configurations_per_second()
    yield Finding("training", f"{shown_per_second:.2g} configurations a second, the study's network in batches of 64")
    training, sampling = _CONFIGURATIONS_THERE / shown_per_second, _MOVES_THERE / moves
    yield Finding(
        "experiments",
        f"training takes {training:.2g} times, sampling {sampling:.2g} times as long as in experiments/README.md",
    )
    for name in experiment_names():
        if said := minutes_of(time_of(name)):
            minutes = said * (sampling if name in _SAMPLE_MOSTLY else training)
            yield Finding(f"  {name}", f"{round(minutes)} minutes" if minutes >= 1.5 else "a minute or less")


def _load() -> Finding | None:
    """Other programs that run on the cores, where there are enough of them to spoil a measurement."""
    from lcpjax.runtime.device import num_host_cores

    if not hasattr(os, "getloadavg"):
        return None
    (load, *_), cores = os.getloadavg(), num_host_cores()
    if load < _MOST_LOAD * cores:
        return None
    advice = "the times below are too long; measure again when these have ended"
    return Finding("load", f"other programs want {load:.1f} of the {cores} cores", advice)


def minutes_of(said: str) -> float:
    """The first time in a text like "8 minutes", "under a minute" or "seconds"; 0 without one.

    >>> minutes_of("90 seconds"), minutes_of("a minute; `best` 3"), minutes_of("an hour"), minutes_of("")
    (1.5, 1.0, 60.0, 0.0)
    """
    found = re.search(r"(?:(\d+(?:\.\d+)?|an?) )?(second|minute|hour)", said)
    if not found:
        return 0.0
    number = float(found.group(1)) if (found.group(1) or "a")[0].isdigit() else 1.0
    return number * {"second": 1 / 60, "minute": 1.0, "hour": 60.0}[found.group(2)]


def _moves_per_second() -> float:
    import jax
    import jax.numpy as jnp

    from lcpjax.runtime.jax_settings import key_of_seed
    from lcpjax.sampler import sample
    from lcpjax.sampler.streams import Seed
    from lcpjax.system import System

    system, gamma, sweeps = System(), jnp.tile(jnp.asarray([0.1, 0.4, 0.7, 1.0]), 1040), 20

    def advance() -> None:
        jax.block_until_ready(sample(key_of_seed(Seed.EVALUATION), system, gamma, num_sweeps=sweeps).positions)

    return gamma.size * system.num_particles * sweeps * _times_per_second(advance)


def _configurations_per_second() -> float:
    import jax
    from hydra import compose, initialize_config_dir

    from lcpjax.build import build_plan
    from lcpjax.config.check import typed_config
    from lcpjax.config.presets import CONF
    from lcpjax.runtime.jax_settings import key_of_seed
    from lcpjax.sampler.streams import Seed
    from lcpjax.training import Hyperparameters, initial_state
    from lcpjax.training.train_step import train_epoch

    with initialize_config_dir(str(CONF), version_base="1.3"):
        plan = build_plan(typed_config(compose("config", ["+experiment=train"])))
    rows = 10.0 * jax.random.uniform(key_of_seed(Seed.EVALUATION), (plan.batch_size * 20, 30, 2))
    model = Hyperparameters.on_device(1e-3, 1e-2, 0, 40)
    state = initial_state(plan, model, rows)

    def advance() -> None:
        nonlocal state
        state, _ = train_epoch(plan, state, model, rows)
        jax.block_until_ready(state)

    return len(rows) * _times_per_second(advance)


def _times_per_second(call: Callable[[], None]) -> float:
    """How often a call can be made, its compilation left out."""
    call()
    start, number = time.perf_counter(), 0
    while (elapsed := time.perf_counter() - start) < _SECONDS or number == 0:
        call()
        number += 1
    return number / elapsed


def _size(path: Path) -> int:
    """Bytes of a file; 0 of anything else, and of what a run has just renamed."""
    try:
        return path.stat().st_size if path.is_file() else 0
    except OSError:
        return 0


if __name__ == "__main__":
    main()
