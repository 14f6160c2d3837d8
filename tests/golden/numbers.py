"""What every experiment finds at its smallest scale, and on which machine: run as a program, it records both.

python -m tests.golden.numbers [EXPERIMENT ...]
"""

import importlib.metadata
import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path

from lcpjax.config.experiments import experiment_names
from tests.smoke_runs import SMOKE, the_run_folder, without_times

TESTS = Path(__file__).parents[1]
MACHINE = TESTS / "golden" / "machine.json"
# A benchmark finds nothing but times, the study what its chapters find, a comparison what other runs found.
REPEATABLE = [name for name in experiment_names() if name not in ("benchmark", "study", "compare")]
_PACKAGES = ("jax", "jaxlib", "flax", "optax", "numpy", "scipy", "scikit-learn", "blackjax")


def golden_file(name: str) -> Path:
    """Where the numbers of an experiment are kept: among its tests."""
    return TESTS / "experiments" / name / "golden.json"


def machine() -> dict[str, str]:
    """What the last bits of numbers depend on, besides the program."""
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    versions = {name: importlib.metadata.version(name) for name in _PACKAGES}
    return {"processor": models[0] if models else platform.machine(), "python": platform.python_version(), **versions}


def found_by(name: str, folder: Path) -> dict[str, float]:
    """The summary of one run, without what differs between two equal runs.

    Args:
        folder: an empty one of the experiment's own; sampled data are kept next to it.
    """
    folder.mkdir()
    own = {"XDG_CACHE_HOME": str(folder.parent / "cache"), "LCPJAX_DATASETS": str(folder.parent / "datasets")}
    # What speeds up the compiling of tests changes last bits.
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("JAX_", "XLA_"))}
    environment = kept | own | {"WANDB_MODE": "disabled", "PYTHONPATH": str(TESTS.parent)}
    command = [sys.executable, "-m", "lcpjax.run", f"+experiment={name}", SMOKE]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    # So few chains are too few for a verdict on the sampler, and the run says so.
    if done.returncode != (name == "verification"):
        raise RuntimeError(f"{name} ended with {done.returncode}: {done.stderr}")
    return without_times(json.loads((the_run_folder(folder, name) / "summary.json").read_text()))


def record(names: list[str]) -> None:
    """Write down what experiments find here."""
    MACHINE.write_text(json.dumps(machine(), indent=1) + "\n")
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            found = found_by(name, Path(folder) / name)
            golden_file(name).write_text(json.dumps(found, indent=1, sort_keys=True) + "\n")
            print(f"{name}: {len(found)} numbers")  # noqa: T201


if __name__ == "__main__":
    record(sys.argv[1:] or REPEATABLE)
