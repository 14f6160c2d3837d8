"""The fastest block size of this machine, found by a short timed search and kept in the user's cache."""

import os
import platform
import time
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np

from lcpjax.errors import InputError
from lcpjax.runtime.files import read_json, write_json
from lcpjax.runtime.jax_settings import key_of_seed
from lcpjax.sampler.blocks import block_settings, check_memory, configure_blocks, num_block_threads
from lcpjax.sampler.run_chains import sample
from lcpjax.sampler.streams import Seed
from lcpjax.system import System

CANDIDATES = (512, 1024, 2048, 4096, 8192)
_NUM_ROUNDS = 3
_NUM_SWEEPS = 20
_FILE = "block_sizes.json"


def fastest_block_size(system: System, folder: Path) -> int:
    """Chains per block with which this machine makes most moves a second; a few seconds at its first use.

    Every candidate that fits the memory runs on all threads in alternating rounds, and the medians decide.

    Args:
        folder: where the result is kept, by machine and number of particles.

    Raises:
        OSError: it cannot be kept.
    """
    known = read_json(folder / _FILE) or {}
    machine = f"{_processor()}, {num_block_threads()} threads, {system.num_particles} particles, jax {jax.__version__}"
    if known.get(machine) in CANDIDATES:
        return int(known[machine])
    best = _search(system)
    write_json(folder / _FILE, known | {machine: best})
    return best


def _search(system: System) -> int:
    # Where nothing fits, the sampler refuses the smallest with its reason.
    sizes = [size for size in CANDIDATES if _fits(size, system.num_particles)] or [min(CANDIDATES)]
    for size in sizes:  # Compiles, untimed.
        _seconds_per_chain(system, size, num_sweeps=1)
    rounds = [[_seconds_per_chain(system, size, _NUM_SWEEPS) for size in sizes] for _ in range(_NUM_ROUNDS)]
    return sizes[int(np.argmin(np.median(rounds, axis=0)))]


def _fits(size: int, num_particles: int) -> bool:
    try:
        check_memory(size, num_particles)
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
