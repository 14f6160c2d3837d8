"""Provenance of a run: device, versions and source."""

import os
import platform
import subprocess
from pathlib import Path
from typing import Any

import jax

from lcpjax.runtime.versions import package_version

_PACKAGES = (
    "lcpjax",
    "jax",
    "jaxlib",
    "flax",
    "optax",
    "orbax-checkpoint",
    "hydra-core",
    "numpy",
    "wandb",
    "matplotlib",
)


def describe_run(device: str, seeds: dict[str, Any]) -> dict[str, Any]:
    """Everything that is needed to repeat a result."""
    commit, is_dirty = source_state()
    return {
        "commit": commit,
        "has_uncommitted_changes": is_dirty,
        "device": device,
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        "versions": {name: package_version(name) for name in _PACKAGES},
        "xla_flags": os.environ.get("XLA_FLAGS", ""),
        "jax_enable_x64": jax.config.values["jax_enable_x64"],
        "seeds": seeds,
    }


def source_state() -> tuple[str | None, bool | None]:
    """Commit of this checkout and whether it was changed since; None outside a checkout."""
    checkout = Path(__file__).parents[2]
    # An installed package may lie inside somebody else's checkout.
    if not (checkout / ".git").exists():
        return None, None
    try:
        commit = _git(checkout, "rev-parse", "HEAD")
        return commit, bool(_git(checkout, "status", "--porcelain"))
    except (OSError, subprocess.SubprocessError):
        return None, None


def _git(checkout: Path, *arguments: str) -> str:
    # Variables that a hook of git sets name another repository.
    own = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    command = ["git", "-C", str(checkout), *arguments]
    return (
        subprocess.run(command, check=True, capture_output=True, timeout=10, env=own)
        .stdout.decode("utf-8", "replace")
        .strip()
    )
