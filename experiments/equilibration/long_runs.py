"""Long chains with thinning: of local, mixed and tempered moves, and relative to a restart for every sample."""

import dataclasses
from collections.abc import Sequence
from typing import Any

from lcpjax.report import RunFolder, progress
from lcpjax.sampler.effective_size import (
    METHODS,
    LongRun,
    LongRunSizes,
    SamplingMethod,
    follow_long_chains,
    long_run_sizes,
)
from lcpjax.sampler.streams import Stream

from .boxes import Box


def long_run_rows(box: Box, run_folder: RunFolder) -> list[dict[str, Any]]:
    """A row for each sampling method, gamma and quantity: split R-hat and what an effective configuration costs.

    Columns: box_side, moves (the method), gamma, quantity, num_chains, samples_per_chain, thinning, split_rhat;
    sweeps_per_effective_configuration along a chain in equilibrium; moves_per_effective_configuration: of all
    particles and rungs; gain_over_restarts: effective configurations of a chain of S + 6 S sweeps, burn-in included,
    over the restarts that as many sweeps make.
    """
    rows = []
    for moves, method in METHODS.items():
        sizes = long_run_sizes(method, box.plan.num_mixed_sweeps, box.config.settings.samples_per_chain)
        burn_in, along = sizes.num_sweeps, sizes.samples_per_chain * sizes.thinning
        sweep_moves = box.config.system.num_particles * method.num_rungs
        for result in _followed(box, run_folder, method, sizes, sweep_moves):
            cost = result.sweeps_per_effective_configuration
            rows.append(
                {
                    "box_side": box.config.system.box_side,
                    "moves": moves,
                    "gamma": result.gamma,
                    "quantity": result.quantity,
                    "num_chains": box.num_long_chains,
                    "samples_per_chain": sizes.samples_per_chain,
                    "thinning": sizes.thinning,
                    "split_rhat": result.chains.split_rhat,
                    "sweeps_per_effective_configuration": cost,
                    "moves_per_effective_configuration": cost * sweep_moves,
                    "gain_over_restarts": along / cost * burn_in / (burn_in + along),
                }
            )
    return rows


def long_run_metrics(rows: Sequence[dict[str, Any]]) -> dict[str, float]:
    """In each box and for each sampling method, the slowest gamma and quantity."""
    metrics: dict[str, float] = {}
    for row in rows:
        label = f"{row['moves']}/box_side={row['box_side']:g}"
        for name, column, worst in (
            ("long_chain_gain", "gain_over_restarts", min),
            ("moves_per_effective_configuration", "moves_per_effective_configuration", max),
        ):
            key = f"sampler/{name}/{label}"
            metrics[key] = worst(metrics.get(key, row[column]), row[column])
    return metrics


def _followed(
    box: Box, run_folder: RunFolder, method: SamplingMethod, sizes: LongRunSizes, sweep_moves: int
) -> list[LongRun]:
    sampler = box.config.sampler
    num_sweeps = sizes.num_sweeps + (sizes.samples_per_chain - 1) * sizes.thinning
    num_moves = len(box.gammas) * box.num_long_chains * num_sweeps * sweep_moves
    with run_folder.stage("long_runs"), progress("long chains", num_moves, "moves") as advance:
        return follow_long_chains(
            box.key(Stream.LONG_RUNS),
            box.plan.system,
            box.gammas,
            box.num_long_chains,
            sizes,
            on_moves=advance,
            rules=dataclasses.replace(method.rules, order=box.rules.order),
            ladder=method.ladder,
            step_size=sampler.step_size,
            nonlocal_fraction=None if method.rules.nonlocal_moves is None else sampler.nonlocal_fraction,
            # The fused kernel makes no ladders.
            kernel=sampler.kernel if method.ladder is None else "portable",
        )
