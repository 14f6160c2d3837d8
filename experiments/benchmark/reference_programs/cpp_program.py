"""The scalar C++ sampler, compiled where it runs: in the study's style, or for speed."""

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from lcpjax.array_arguments import takes_arrays
from lcpjax.system import System

_SOURCE = Path(__file__).with_name("metropolis.cpp")
_FLAGS = {
    # The study's program had no fast-math.
    "study": ("-DREAL=double",),
    "fast": ("-DREAL=float", "-ffast-math"),
}


class ReferenceRun(NamedTuple):
    """Result of one run of a reference program."""

    seconds: float
    """Of the chains alone: without start-up, compiling or reading."""
    pair_energy: np.ndarray
    """(chains,), in epsilon."""
    mean_height: np.ndarray
    """(chains,), in sigma."""


def compile_reference(folder: Path, build: str = "study") -> Path | None:
    """The compiled program in ``folder``; None where no C++ compiler works.

    Args:
        build: study (double, no fast-math) or fast (float, fast-math).
    """
    compiler = shutil.which("c++") or shutil.which("g++") or shutil.which("clang++")
    if compiler is None:
        return None
    program = folder.absolute() / f"{_SOURCE.stem}_{build}"
    flags = ("-O3", "-march=native", "-std=c++17", "-pthread", *_FLAGS[build])
    done = subprocess.run([compiler, *flags, "-o", str(program), str(_SOURCE)], check=False, capture_output=True)
    return program if done.returncode == 0 else None


@takes_arrays
def run_reference(
    program: Path,
    system: System,
    gamma: Sequence[float],
    num_sweeps: int,
    step_size: float,
    seed: int,
    num_threads: int = 1,
    nonlocal_fraction: float = 0.0,
    num_averaged_sweeps: int = 0,
) -> ReferenceRun:
    """Lennard-Jones chains one after the other on each thread, from uniformly random positions.

    Args:
        gamma: one for each chain, m g sigma / epsilon.
        step_size: in sigma.
        nonlocal_fraction: probability that a sweep is one of non-local moves.
        num_averaged_sweeps: results are averages over so many of the last sweeps; 0: of the last configuration.
        seed: with a chain's index it determines all random numbers; the number of threads does not matter.
    """
    numbers = (system.num_particles, system.box_side, system.temperature, step_size, nonlocal_fraction)
    numbers = (*numbers, num_sweeps, seed, num_threads, num_averaged_sweeps)
    done = subprocess.run(
        [str(program), *map(str, numbers)],
        input="\n".join(map(str, gamma)),
        check=True,
        capture_output=True,
        text=True,
    )
    seconds, *lines = done.stdout.splitlines()
    results = np.array([[float(word) for word in line.split()] for line in lines])
    return ReferenceRun(float(seconds), results[:, 0], results[:, 1])
