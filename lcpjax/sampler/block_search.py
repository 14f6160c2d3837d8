"""The fastest block size of this machine, found by a short timed search and kept in the user's cache."""

import os
import platform
import time
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np

from lcpjax.runtime.files import read_json, write_json
from lcpjax.runtime.jax_settings import key_of_seed
from lcpjax.sampler.blocks import BlockSettings, block_settings, configure_blocks, host_threads
from lcpjax.sampler.run_chains import sample
from lcpjax.sampler.streams import Seed
from lcpjax.system import System

CANDIDATES = (512, 1024, 2048, 4096, 8192)
NUM_ROUNDS = 3
_NUM_SWEEPS = 20
_FILE = "block_sizes.json"


def fastest_block_size(system: System, folder: Path) -> int:
    """Chains per block with which this machine makes most moves a second; a few seconds at its first use.

    Every candidate runs on all threads in alternating rounds, and the medians decide.

    Args:
        folder: where the result is kept, by machine and number of particles.

    Raises:
        OSError: it cannot be kept.
    """
    known = read_json(folder / _FILE) or {}
    machine = f"{_processor()}, {host_threads()} threads, {system.num_particles} particles, jax {jax.__version__}"
    if known.get(machine) in CANDIDATES:
        return int(known[machine])
    best = _search(system)
    write_json(folder / _FILE, known | {machine: best})
    return best


def _search(system: System) -> int:
    before = block_settings()
    seconds = np.empty((NUM_ROUNDS, len(CANDIDATES)))
    try:
        for round_ in range(-1, NUM_ROUNDS):  # The first compiles.
            for column, size in enumerate(CANDIDATES):
                configure_blocks(BlockSettings(size, before.host_threads))
                gamma = jnp.ones(size * host_threads())
                start = time.perf_counter()
                sample(key_of_seed(Seed.EVALUATION), system, gamma, num_sweeps=_NUM_SWEEPS if round_ >= 0 else 1)
                seconds[max(round_, 0), column] = (time.perf_counter() - start) / size
    finally:
        configure_blocks(before)
    return CANDIDATES[int(np.argmin(np.median(seconds, axis=0)))]


def _processor() -> str:
    """Model of the processor, and the width of vectors that it was told to use."""
    name = platform.processor() or platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        name = next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        pass
    return f"{name} {os.environ.get('XLA_FLAGS', '')}".strip()
