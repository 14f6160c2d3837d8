"""The timed programs: our samplers, and reference programs on the host."""

import functools
import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from lcpjax.build import build_system
from lcpjax.config import Config
from lcpjax.errors import InputError
from lcpjax.report import print_line
from lcpjax.runtime.device import num_host_cores
from lcpjax.runtime.jax_settings import key_of_seed
from lcpjax.sampler import ChainProgram, Configurations, check_kernel, largest_step_size, sample
from lcpjax.sampler.blocks import num_block_threads

from .reference_programs import (
    ReferenceRun,
    compile_numba_reference,
    compile_reference,
    run_numba_reference,
    run_reference,
)
from .sizes import Size

# In sigma, if the config gives none: acceptance of the study's liquid is 0.54 to 0.32 from gamma 0.1 to 1.0.
_STEP_SIZE = 0.45

OURS = "lcpjax"
"""The default sampler; the names of its other kernels begin likewise."""


class Program(NamedTuple):
    """One program and how it is run."""

    program: str
    """Name in tables and figures."""
    device: str
    cores: int
    """Of the host."""
    precision: str
    wall_seconds: Callable[[Size, int], float]
    """Wall seconds of a run at a size, with a seed; of a reference program the chains alone."""
    is_reference: bool
    most_particles: float = math.inf


def samplers(config: Config) -> list[Program]:
    """Our samplers, with each kernel that this device runs."""
    ours = [our_program(config)]
    if jax.default_backend() == "gpu":
        try:
            check_kernel(ChainProgram(build_system(config), kernel="fused"))
        except InputError as error:
            print_line(f"{OURS} fused is left out: {error}")
            return ours
        # Imported here, because Pallas' GPU backend takes a second to load.
        from lcpjax.sampler.fused_kernel import most_particles_fused

        fused = our_program(config, kernel="fused")
        ours.append(fused._replace(program=f"{OURS} fused", most_particles=most_particles_fused()))
    return ours


def our_program(config: Config, **options: Any) -> Program:
    """Our sampler on this device, with these options of ``sample``."""
    run = functools.partial(_time_sampler, config, functools.partial(sample, **options))
    return Program(OURS, jax.devices()[0].device_kind, num_block_threads(), "float32", run, is_reference=False)


def reference_programs(config: Config, folder: Path) -> list[Program]:
    """The reference programs available here; of the others, a line says why not."""
    if build_system(config).pair_potential != "lennard_jones":
        print_line("C++ and numba are left out: they know only the Lennard-Jones potential")
        return []
    cores, theirs = num_host_cores(), []
    for name, build, threads, precision in (
        ("scalar C++", "study", 1, "float64"),
        ("fast C++", "fast", cores, "float32"),
    ):
        if (program := compile_reference(folder, build)) is None:
            print_line(f"{name} is left out: no compiler that works")
            continue
        run = functools.partial(run_reference, program, num_threads=threads)
        theirs.append(reference_program(config, name, threads, precision, run))
    if (program := compile_numba_reference()) is None:
        print_line("numba is left out: not installed; pip install lcpjax[benchmark]")
    else:
        run = functools.partial(run_numba_reference, program)
        theirs.append(reference_program(config, "numba", cores, "float32", run))
    return theirs


def reference_program(
    config: Config, name: str, cores: int, precision: str, run: Callable[..., ReferenceRun]
) -> Program:
    """A reference program, whose chains alone are timed."""
    return Program(name, "cpu", cores, precision, functools.partial(_time_reference, config, run), is_reference=True)


def _time_sampler(config: Config, sample: Callable[..., Configurations], size: Size, seed: int) -> float:
    key, gamma = key_of_seed(seed), jnp.asarray(_gammas(config, size.num_chains), jnp.float32)
    step_size = _step_size(config, size)
    start = time.perf_counter()
    sample(key, size.system, gamma, num_sweeps=size.num_sweeps, step_size=step_size)
    return time.perf_counter() - start


def _time_reference(config: Config, run: Callable[..., ReferenceRun], size: Size, seed: int) -> float:
    gamma, step_size = _gammas(config, size.num_chains), _step_size(config, size)
    return run(system=size.system, gamma=gamma, num_sweeps=size.num_sweeps, step_size=step_size, seed=seed).seconds


def _gammas(config: Config, num_chains: int) -> list[float]:
    """The gammas in turn."""
    gammas = config.system.gammas
    return [gammas[chain % len(gammas)] for chain in range(num_chains)]


def _step_size(config: Config, size: Size) -> float:
    return min(config.sampler.step_size or _STEP_SIZE, largest_step_size(size.system))
