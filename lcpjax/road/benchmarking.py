"""The sampler against a scalar C++ program, in alternating runs of one process."""

import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import jax

from lcpjax.build import build_system
from lcpjax.config import Config
from lcpjax.dataset import gamma_of_chains
from lcpjax.evaluation import compile_reference, run_reference
from lcpjax.report import RunFolder, progress, say
from lcpjax.sampler import sample

# In sigma, if the config gives none: of the study's liquid it accepts 0.54 to 0.32 from gamma 0.1 to 1.0.
_STEP_SIZE = 0.45
# The C++ program's rate does not depend on how many chains it runs; so many take it about a second.
_REFERENCE_CHAINS_PER_GAMMA = 16


def benchmark_sampler(config: Config, run_folder: RunFolder) -> tuple[list[dict[str, Any]], dict[str, float]]:
    """A row for each timed run, and the medians with the median ratio of runs that were made side by side.

    Both programs make the same moves of the same system. Where there is no C++
    compiler, or another pair potential than the program knows, it is left out.
    """
    system, num_sweeps = build_system(config), config.sampler.num_sweeps
    gamma = gamma_of_chains(config.system.gammas, config.dataset.chains_per_gamma)
    step_size = config.sampler.step_size or _STEP_SIZE
    few = config.system.gammas * _REFERENCE_CHAINS_PER_GAMMA
    key, rows = jax.random.key(config.sampler.seed), []
    num_rounds = config.evaluation.num_rounds
    sample(key, system, gamma[:1], num_sweeps=1, step_size=step_size)
    with tempfile.TemporaryDirectory() as folder, progress("measuring", num_rounds, "rounds") as advance:
        program = compile_reference(Path(folder)) if system.pair_potential == "lennard_jones" else None
        if program is None:
            say("the C++ program is left out: no compiler that works, or not the Lennard-Jones potential")
        for round_ in range(num_rounds):
            start = time.perf_counter()
            sample(key, system, gamma, num_sweeps=num_sweeps, step_size=step_size)
            timed = [("lcpjax", gamma.shape[0], time.perf_counter() - start)]
            if program is not None:
                run = run_reference(program, system, few, num_sweeps, step_size, seed=round_)
                timed.append(("scalar C++", len(few), run.seconds))
            for name, num_chains, seconds in timed:
                rate = num_chains * num_sweeps * system.num_particles / seconds
                about = {"round": round_, "program": name, "num_chains": num_chains, "num_sweeps": num_sweeps}
                rows.append({**about, "wall_seconds": seconds, "moves_per_second": rate})
            advance(1)
    return rows, _medians(rows)


def _medians(rows: list[dict[str, Any]]) -> dict[str, float]:
    ours, theirs = (
        [row["moves_per_second"] for row in rows if row["program"] == name] for name in ("lcpjax", "scalar C++")
    )
    medians = {"sampler/moves_per_second": statistics.median(ours)}
    if theirs:
        ratios = [mine / other for mine, other in zip(ours, theirs, strict=True)]
        medians["sampler/scalar_cpp_moves_per_second"] = statistics.median(theirs)
        medians["sampler/ratio_to_scalar_cpp_moves_per_second"] = statistics.median(ratios)
    return medians
