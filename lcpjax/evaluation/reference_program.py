"""The scalar C++ sampler that ours is measured against, compiled where it runs."""

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from lcpjax.system import System

_SOURCE = Path(__file__).with_name("metropolis_reference.cpp")
# No fast-math: the study's program had none.
_FLAGS = ("-O3", "-march=native", "-std=c++17")


class ReferenceRun(NamedTuple):
    """What one run of the reference program gave."""

    seconds: float
    pair_energy: np.ndarray
    """(chains,), in epsilon."""
    mean_height: np.ndarray
    """(chains,), in sigma."""


def compile_reference(folder: Path) -> Path | None:
    """The compiled program in ``folder``; None where there is no C++ compiler that can."""
    compiler = shutil.which("c++") or shutil.which("g++") or shutil.which("clang++")
    if compiler is None:
        return None
    program = folder.absolute() / _SOURCE.stem
    done = subprocess.run([compiler, *_FLAGS, "-o", str(program), str(_SOURCE)], check=False, capture_output=True)
    return program if done.returncode == 0 else None


def run_reference(
    program: Path, system: System, gamma: Sequence[float], num_sweeps: int, step_size: float, seed: int
) -> ReferenceRun:
    """One Lennard-Jones chain after the other, from uniformly random positions, on one core.

    Args:
        gamma: one for each chain, m g sigma / epsilon.
        step_size: in sigma.
    """
    numbers = (system.num_particles, system.box_side, system.temperature, step_size, num_sweeps, seed, *gamma)
    command = [str(program), *(f"{number:.9g}" for number in numbers)]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    results = np.array([[float(word) for word in line.split()] for line in lines[1:]])
    return ReferenceRun(float(lines[0]), results[:, 0], results[:, 1])
