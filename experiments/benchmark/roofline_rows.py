"""Measured peaks of the device, and the fraction of them that the sampler reaches."""

import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from lcpjax.config import Config
from lcpjax.report.tables import Row

from .programs import OURS
from .sizes import systems_to_time

_NUM_RUNS = 7
# Rows of the matrices multiplied and numbers copied: far more than any cache holds, for hundredths of a second.
_SIZES = {"cpu": (1024, 2**25)}
_SIZES_OF_ACCELERATORS = (8192, 2**29)


class Bounds(NamedTuple):
    """Peaks of a device, all cores of a CPU included."""

    operations_per_second: float
    """float32, in a product of matrices: a multiplication and an addition count as two."""
    bytes_per_second: float
    """Read and written, in a copy."""


def measured_peaks() -> Bounds:
    """Operations and bytes a second of the first device, each the best of several runs."""
    num_rows, num_copied = _SIZES.get(jax.default_backend(), _SIZES_OF_ACCELERATORS)
    matrix, numbers = jnp.ones((num_rows, num_rows)), jnp.ones(num_copied)
    operations = 2 * num_rows**3 / _shortest_wall_seconds(_product, matrix)
    return Bounds(operations, 2 * numbers.nbytes / _shortest_wall_seconds(_copy, numbers))


def roofline_rows(config: Config, medians: Sequence[Row], peaks: Bounds) -> list[dict[str, Any]]:
    """A row for each size of our samplers: the cost of a move, the bound by the peaks, and the fraction reached.

    Both kernels do the same arithmetic; bytes are the fused kernel's, which
    keeps its chains on the chip from the first sweep of a call to the last.
    """
    # Imported here, because Pallas' GPU backend takes a second to load.
    from lcpjax.sampler.fused_kernel import most_particles_fused

    from .roofline import memory_bytes_per_move, operations_per_move, roofline_moves_per_second

    rows = []
    for system in systems_to_time(config):
        if system.num_particles > most_particles_fused():
            continue
        num_sweeps = config.sampler.num_sweeps
        most = roofline_moves_per_second(system, num_sweeps, *peaks)
        costs = {
            "operations_per_move": operations_per_move(system),
            "memory_bytes_per_move": memory_bytes_per_move(system, num_sweeps),
            "peak_operations_per_second": peaks.operations_per_second,
            "peak_bytes_per_second": peaks.bytes_per_second,
            "bound_moves_per_second": most,
        }
        for row in medians:
            if row["program"].startswith(OURS) and row["num_particles"] == system.num_particles:
                ids = {name: row[name] for name in ("program", "device", "num_particles", "num_chains")}
                rate = row["moves_per_second"]
                rows.append({**ids, **costs, "moves_per_second": rate, "fraction_of_bound": rate / most})
    return rows


@jax.jit
def _product(matrix: Float[Array, "rows rows"]) -> Float[Array, "rows rows"]:
    # In float32 throughout: tensor cores, which our moves cannot use, would round further.
    return jnp.dot(matrix, matrix, precision=jax.lax.Precision.HIGHEST)


@jax.jit
def _copy(numbers: Float[Array, " numbers"]) -> Float[Array, " numbers"]:
    return numbers + 1.0


def _shortest_wall_seconds(run: Callable[[Array], Array], argument: Array) -> float:
    jax.block_until_ready(run(argument))
    times = []
    for _ in range(_NUM_RUNS):
        start = time.perf_counter()
        jax.block_until_ready(run(argument))
        times.append(time.perf_counter() - start)
    return min(times)
