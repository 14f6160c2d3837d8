"""Effective configurations a second of local, mixed and tempered chains, and of the scalar C++ program."""

import functools
import statistics
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jax

from lcpjax.build import build_sampling_plan, build_system
from lcpjax.config import Config
from lcpjax.report.tables import Row
from lcpjax.runtime.jax_settings import key_of_seed
from lcpjax.sampler.effective_size import METHODS, SamplingMethod, follow_long_chains, long_run_sizes
from lcpjax.sampler.streams import Stream

from .programs import OURS, Program, our_program, reference_program
from .reference_programs import compile_reference, run_reference
from .sampler_rounds import alternating_rounds
from .sizes import Size, dataset_round_size, reference_size

_NONLOCAL_FRACTION = 0.75
"""Of the C++ program's mixed sweeps; ours tune theirs, to 0.66 to 0.94 in the study's box."""
_MOST_SAMPLES = 600
"""Of a long chain: 3 sweeps apart in the study's box, 30 of local moves, of which some 450 are a configuration's."""
_MOST_CHAINS = 128
"""Of each gamma: autocorrelation times to about 5 % in that box, by Sokal's 2 (2 M + 1) / N with M = 5 of them."""


def effective_rows(config: Config) -> list[dict[str, Any]]:
    """A row for each program, sampling method (column moves) and gamma.

    Columns: program, device, moves, gamma; sweeps_per_effective_configuration, of the slower of pair energy and sum y,
    along chains in equilibrium; moves_per_second: of all particles, a ladder's upper rungs not counted;
    effective_configurations_per_second, and seconds_per_effective_configuration.
    """
    rates, sweeps = _median_rates(config), _sweeps_per_effective_configuration(config)
    num_particles = config.system.num_particles
    rows = []
    for (program, moves), rate in rates.items():
        for gamma, cost in sweeps[program, moves].items():
            effective = rate / (num_particles * cost)
            rows.append(
                {
                    "program": program,
                    "device": jax.devices()[0].device_kind if program == OURS else "cpu",
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
    """Moves a second by program and sampling method: medians of alternating rounds."""
    with tempfile.TemporaryDirectory() as folder:
        entries = _programs(config, Path(folder))
        rows = alternating_rounds(config, "timing sampling methods", [(program, size) for _, program, size in entries])
    return {
        (program.program, moves): statistics.median(row["moves_per_second"] for row in rows[index :: len(entries)])
        for index, (moves, program, _) in enumerate(entries)
    }


def _programs(config: Config, folder: Path) -> list[tuple[str, Program, Size]]:
    size = dataset_round_size(config)
    entries = [(moves, our_program(config, **_options(config, method)), size) for moves, method in METHODS.items()]
    if config.system.pair_potential == "lennard_jones" and (compiled := compile_reference(folder)) is not None:
        for moves, fraction in (("local", 0.0), ("mixed", _NONLOCAL_FRACTION)):
            run = functools.partial(run_reference, compiled, num_threads=1, nonlocal_fraction=fraction)
            program = reference_program(config, "scalar C++", 1, "float64", run)
            entries.append((moves, program, reference_size(config, size.system, cores=1)))
    return entries


def _options(config: Config, method: SamplingMethod) -> dict[str, Any]:
    # The fused kernel makes no ladders.
    kernel = config.sampler.kernel if method.ladder is None else "portable"
    return {"rules": method.rules, "ladder": method.ladder, "kernel": kernel}


def _sweeps_per_effective_configuration(config: Config) -> dict[tuple[str, str], dict[float, float]]:
    """By program and sampling method, then by gamma, of the slower quantity; the C++ program makes the same chains."""
    costs = {(OURS, moves): _slowest(config, method) for moves, method in METHODS.items()}
    costs["scalar C++", "local"] = costs[OURS, "local"]
    costs["scalar C++", "mixed"] = _slowest(config, METHODS["mixed"], nonlocal_fraction=_NONLOCAL_FRACTION)
    return costs


def _slowest(config: Config, method: SamplingMethod, **options: Any) -> dict[float, float]:
    system, gammas = build_system(config), sorted(set(config.system.gammas))
    key = jax.random.fold_in(key_of_seed(config.sampler.seed), Stream.LONG_RUNS)
    num_chains = min(config.dataset.chains_per_gamma, _MOST_CHAINS)
    sizes = long_run_sizes(method, build_sampling_plan(config).num_mixed_sweeps, _MOST_SAMPLES)
    costs: dict[float, float] = {}
    for run in follow_long_chains(key, system, gammas, num_chains, sizes, **_options(config, method), **options):
        costs[run.gamma] = max(costs.get(run.gamma, 0.0), run.sweeps_per_effective_configuration)
    return costs
