"""Alternating runs: every round times every program at every size."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lcpjax.config import Config
from lcpjax.report import progress

from .programs import Program, reference_programs, samplers
from .sizes import Size, reference_size, sampler_sizes, systems_to_time


def time_samplers(config: Config) -> list[dict[str, Any]]:
    """A row for each timed run; nothing that compiles is timed.

    For each number of particles, the reference programs run and then our samplers at
    each number of chains, so that a ratio is of runs made within seconds.
    """
    with tempfile.TemporaryDirectory() as folder:
        ours, theirs = samplers(config), reference_programs(config, Path(folder))
        entries: list[tuple[Program, Size]] = []
        for system in systems_to_time(config):
            entries += [(reference, reference_size(config, system, reference.cores)) for reference in theirs]
            able = [sampler for sampler in ours if system.num_particles <= sampler.most_particles]
            entries += [(sampler, size) for size in sampler_sizes(config, system) for sampler in able]
        return alternating_rounds(config, "measuring", entries)


def alternating_rounds(config: Config, label: str, entries: Sequence[tuple[Program, Size]]) -> list[dict[str, Any]]:
    """A row for each run, round by round in the order of the entries; each was compiled before.

    Args:
        label: of the progress bar.
    """
    for program, size in entries:
        program.wall_seconds(size._replace(num_sweeps=1), 0)
    num_rounds, rows = config.settings.num_rounds, []
    with progress(label, num_rounds * len(entries), "runs") as advance:
        for round_ in range(num_rounds):
            for program, size in entries:
                rows.append(timed_row(program, size, round_, config.sampler.num_sweeps))
                advance(1)
    return rows


def timed_row(program: Program, size: Size, round_: int, full_num_sweeps: int) -> dict[str, Any]:
    """One run, and the rate of one with all of the config's sweeps that it stands for.

    What a call costs whatever its sweeps (energies from scratch, checks, copies)
    would weigh too much in a short run, so it is timed apart, by a run of one
    sweep, and enters the rate once: t(S) = t(1) + (S - 1) (t(s) - t(1)) / (s - 1).
    Where noise hides the sweeps, all of the time counts as theirs: a lower bound.
    """
    num_sweeps, one_sweep = size.num_sweeps, 0.0
    seconds = program.wall_seconds(size, round_)
    full_seconds = seconds * full_num_sweeps / num_sweeps
    if not program.is_reference and 1 < num_sweeps < full_num_sweeps:
        one_sweep = program.wall_seconds(size._replace(num_sweeps=1), round_)
        if seconds > one_sweep:
            full_seconds = one_sweep + (full_num_sweeps - 1) * (seconds - one_sweep) / (num_sweeps - 1)
    return {
        "program": program.program,
        "device": program.device,
        "cores": program.cores,
        "precision": program.precision,
        "num_particles": size.system.num_particles,
        "num_chains": size.num_chains,
        "num_sweeps": num_sweeps,
        "round": round_,
        "wall_seconds": seconds,
        "one_sweep_wall_seconds": one_sweep,
        "moves_per_second": size._replace(num_sweeps=full_num_sweeps).num_moves / full_seconds,
    }
