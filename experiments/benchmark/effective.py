"""Effective configurations a second of local, mixed and tempered chains, and of the scalar C++ program."""

import functools
import statistics
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jax

from lcpjax.build import build_system
from lcpjax.config import Config
from lcpjax.report import progress
from lcpjax.report.tables import Row
from lcpjax.runtime.device import num_host_threads
from lcpjax.runtime.jax_settings import key_of_seed
from lcpjax.sampler import sample
from lcpjax.sampler.diagnostics import FEWEST_SAMPLES
from lcpjax.sampler.effective_size import KINDS, MORE_SWEEPS, follow_long_chains
from lcpjax.sampler.streams import Stream

from .programs import OURS, Program, reference_run, sampler_run
from .reference_programs import compile_reference, run_reference
from .sampler_rounds import timed_row
from .sizes import Size, dataset_size, reference_size

_NONLOCAL_FRACTION = 0.75
"""Of the C++ program's mixed sweeps; ours tune theirs, to 0.66 to 0.94 in the study's box."""
_TIMED_SWEEPS = 60
_SAMPLES, _BURN_INS, _MOST_CHAINS = 600, 6, 128


def effective_rows(config: Config) -> list[dict[str, Any]]:
    """A row for each program, kind of moves and gamma.

    Columns: program, moves, gamma; sweeps_per_effective_configuration, of the slower of pair energy and sum y, along
    chains in equilibrium; moves_per_second: of all particles, a ladder's upper rungs not counted;
    effective_configurations_per_second, and seconds_per_effective_configuration.
    """
    rates, sweeps = _median_rates(config), _sweeps(config)
    num_particles = config.system.num_particles
    rows = []
    for (program, moves), rate in rates.items():
        for gamma, cost in sweeps[moves].items():
            effective = rate / (num_particles * cost)
            rows.append(
                {
                    "program": program,
                    "moves": moves,
                    "gamma": gamma,
                    "sweeps_per_effective_configuration": cost,
                    "moves_per_second": rate,
                    "effective_configurations_per_second": effective,
                    "seconds_per_effective_configuration": 1.0 / effective,
                }
            )
    return rows


def effective_metrics(rows: Sequence[Row]) -> dict[str, float]:
    """Effective configurations a second at the worst gamma, of our chains."""
    ours = [row for row in rows if row["program"] == OURS]
    name = "effective_configurations_per_second"
    return {
        f"sampler/{moves}_{name}": min(row[name] for row in ours if row["moves"] == moves)
        for moves in dict.fromkeys(row["moves"] for row in ours)
    }


def _median_rates(config: Config) -> dict[tuple[str, str], float]:
    """Moves a second of each program and kind of moves: medians of alternating rounds."""
    with tempfile.TemporaryDirectory() as folder:
        entries = _programs(config, Path(folder))
        for _, program, size in entries:
            program.wall_seconds(size._replace(num_sweeps=1), 0)
        rates: dict[tuple[str, str], list[float]] = {}
        num_rounds = config.settings.num_rounds
        with progress("timing kinds of moves", num_rounds * len(entries), "runs") as advance:
            for round_ in range(num_rounds):
                for moves, program, size in entries:
                    row = timed_row(program, size, round_, config.sampler.num_sweeps)
                    rates.setdefault((program.program, moves), []).append(row["moves_per_second"])
                    advance(1)
    return {name: statistics.median(values) for name, values in rates.items()}


def _programs(config: Config, folder: Path) -> list[tuple[str, Program, Size]]:
    dataset = dataset_size(config)
    size = dataset._replace(num_sweeps=min(_TIMED_SWEEPS, dataset.num_sweeps))
    place = (jax.devices()[0].device_kind, num_host_threads(), "float32")
    entries = [
        (
            moves,
            Program(OURS, *place, sampler_run(config, functools.partial(sample, **options)), is_reference=False),
            size,
        )
        for moves, options in KINDS.items()
    ]
    if config.system.pair_potential == "lennard_jones" and (compiled := compile_reference(folder)) is not None:
        for moves, fraction in (("local", 0.0), ("mixed", _NONLOCAL_FRACTION)):
            run = functools.partial(run_reference, compiled, num_threads=1, nonlocal_fraction=fraction)
            program = Program("scalar C++", "cpu", 1, "float64", reference_run(config, run), is_reference=True)
            entries.append((moves, program, reference_size(config, dataset.system, cores=1)))
    return entries


def _sweeps(config: Config) -> dict[str, dict[float, float]]:
    """Sweeps for an effective configuration by kind of moves and gamma, of the slower quantity."""
    system, gammas = build_system(config), sorted(set(config.system.gammas))
    key = jax.random.fold_in(key_of_seed(config.sampler.seed), Stream.LONG_RUNS)
    num_chains = min(config.dataset.chains_per_gamma, _MOST_CHAINS)
    slowest: dict[str, dict[float, float]] = {}
    for moves, options in KINDS.items():
        burn_in = MORE_SWEEPS[moves] * config.sampler.num_sweeps
        samples = max(min(_SAMPLES, _BURN_INS * burn_in), FEWEST_SAMPLES)
        thinning = max(_BURN_INS * burn_in // samples, 1)
        runs = follow_long_chains(key, system, gammas, num_chains, burn_in, samples, thinning, **options)
        costs: dict[float, float] = {}
        for run in runs:
            costs[run.gamma] = max(costs.get(run.gamma, 0.0), run.sweeps_per_effective_configuration)
        slowest[moves] = costs
    return slowest
