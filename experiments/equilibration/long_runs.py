"""Long chains with thinning: of local, mixed and tempered moves, and relative to a restart for every sample."""

from collections.abc import Sequence
from typing import Any

from lcpjax.report import RunFolder, progress
from lcpjax.sampler.diagnostics import FEWEST_SAMPLES
from lcpjax.sampler.effective_size import KINDS, MORE_SWEEPS, LongRun, follow_long_chains
from lcpjax.sampler.streams import Stream

from .boxes import Box

_BURN_INS = 6
"""A long chain goes on for so many times its burn-in."""


def long_run_rows(box: Box, run_folder: RunFolder) -> list[dict[str, Any]]:
    """A row for each kind of moves, gamma and quantity: split R-hat and what an effective configuration costs.

    Columns: box_side, moves, gamma, quantity, num_chains, samples_per_chain, thinning, split_rhat;
    sweeps_per_effective_configuration along a chain in equilibrium; moves_per_effective_configuration: of all
    particles and rungs; gain_over_restarts: effective configurations of a chain of S + 6 S sweeps, burn-in included,
    over the restarts that as many sweeps make.
    """
    rows = []
    for moves, options in KINDS.items():
        burn_in = MORE_SWEEPS[moves] * box.num_sweeps
        num_samples = max(min(box.config.settings.samples_per_chain, _BURN_INS * burn_in), FEWEST_SAMPLES)
        thinning = max(_BURN_INS * burn_in // num_samples, 1)
        num_rungs = options["ladder"].num_rungs if "ladder" in options else 1
        sweep_moves = box.config.system.num_particles * num_rungs
        sizes = {"num_chains": box.num_long_chains, "samples_per_chain": num_samples, "thinning": thinning}
        for result in _followed(box, run_folder, burn_in, sizes, options, sweep_moves):
            cost = result.sweeps_per_effective_configuration
            along = num_samples * thinning
            rows.append(
                {
                    "box_side": box.config.system.box_side,
                    "moves": moves,
                    "gamma": result.gamma,
                    "quantity": result.quantity,
                    **sizes,
                    "split_rhat": result.chains.split_rhat,
                    "sweeps_per_effective_configuration": cost,
                    "moves_per_effective_configuration": cost * sweep_moves,
                    "gain_over_restarts": along / cost * burn_in / (burn_in + along),
                }
            )
    return rows


def long_run_metrics(rows: Sequence[dict[str, Any]]) -> dict[str, float]:
    """In each box and for each kind of moves, the slowest gamma and quantity."""
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
    box: Box, run_folder: RunFolder, burn_in: int, sizes: dict[str, int], options: Any, sweep_moves: int
) -> list[LongRun]:
    sampler = box.config.sampler
    num_sweeps = burn_in + (sizes["samples_per_chain"] - 1) * sizes["thinning"]
    num_moves = len(box.gammas) * sizes["num_chains"] * num_sweeps * sweep_moves
    kernel = "portable" if "ladder" in options else sampler.kernel
    with run_folder.stage("long_runs"), progress("long chains", num_moves, "moves") as advance:
        return follow_long_chains(
            box.key(Stream.LONG_RUNS),
            box.plan.system,
            box.gammas,
            num_sweeps=burn_in,
            on_moves=advance,
            step_size=sampler.step_size,
            kernel=kernel,
            **sizes,
            **options,
        )
