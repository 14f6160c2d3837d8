"""The fastest block size of this machine, found by a short timed search and kept in the user's cache."""

import os
import platform
import time
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lcpjax.errors import InputError
from lcpjax.runtime.files import read_json, write_json
from lcpjax.runtime.jax_settings import key_of_seed
from lcpjax.sampler.blocks import BLOCK_SIZES, block_settings, check_memory, configure_blocks, num_block_threads
from lcpjax.sampler.run_chains import sample
from lcpjax.sampler.streams import Seed
from lcpjax.system import System

CANDIDATES = BLOCK_SIZES["cpu"]
_NUM_ROUNDS = 3
_NUM_SWEEPS = 20
_FILE = "block_sizes.json"


def search_moves(system: System) -> int:
    """Moves that a search makes, in all."""
    sweeps = _NUM_ROUNDS * _NUM_SWEEPS + 1
    return sum(CANDIDATES) * num_block_threads() * sweeps * system.num_particles


def fastest_block_size(system: System, folder: Path, *, search: bool) -> int | None:
    """Chains per block with which this machine makes most moves a second; None if that is not known yet.

    Every candidate that fits the memory runs on all threads in alternating rounds, and the medians decide.

    Args:
        folder: where the result is kept, by machine and number of particles.
        search: find out if it is not known.

    Raises:
        OSError: it cannot be kept.
    """
    known = _known(folder / _FILE)
    machine = f"{_processor()}, {num_block_threads()} threads, {system.num_particles} particles, jax {jax.__version__}"
    if known.get(machine) in CANDIDATES:
        return int(known[machine])
    if not search:
        return None
    best = _search(system)
    write_json(folder / _FILE, known | {machine: best})
    return best


def _known(path: Path) -> dict[str, Any]:
    """Block sizes by machine; none in a file that cannot be read as such."""
    try:
        known = read_json(path)
    except ValueError:
        return {}
    return known if isinstance(known, dict) else {}


def _search(system: System) -> int:
    # Where nothing fits, the sampler refuses the smallest with its reason.
    sizes = [size for size in CANDIDATES if _fits(size, system.num_particles)] or [min(CANDIDATES)]
    for size in sizes:  # Compiles, untimed.
        _seconds_per_chain(system, size, num_sweeps=1)
    rounds = [[_seconds_per_chain(system, size, _NUM_SWEEPS) for size in sizes] for _ in range(_NUM_ROUNDS)]
    return sizes[int(np.argmin(np.median(rounds, axis=0)))]


def _fits(size: int, num_particles: int) -> bool:
    try:
        check_memory(size, num_particles, num_block_threads())
    except InputError:
        return False
    return True


def _seconds_per_chain(system: System, size: int, num_sweeps: int) -> float:
    """Wall seconds of one full block on each thread, over its number of chains."""
    before = block_settings()
    configure_blocks(before._replace(block_size=size))
    try:
        start = time.perf_counter()
        sample(key_of_seed(Seed.EVALUATION), system, jnp.ones(size * num_block_threads()), num_sweeps=num_sweeps)
        return (time.perf_counter() - start) / size
    finally:
        configure_blocks(before)


def _processor() -> str:
    """Model of the processor and XLA_FLAGS: both change which size is fastest."""
    name = platform.processor() or platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        name = next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        pass
    return f"{name} {os.environ.get('XLA_FLAGS', '')}".strip()
