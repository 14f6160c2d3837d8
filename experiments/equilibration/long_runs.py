"""One long chain with thinning, compared with a restart for every sample."""

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lcpjax.report import RunFolder, progress
from lcpjax.sampler import sample
from lcpjax.sampler.diagnostics import FEWEST_SAMPLES, long_chains
from lcpjax.sampler.streams import Stream

from .boxes import Box


def long_run_rows(box: Box, run_folder: RunFolder) -> list[dict[str, Any]]:
    """A row for each gamma and quantity: split R-hat, and the efficiency of long chains relative to restarts.

    A long chain burns in for S sweeps and continues for 2 S; a restart gives one
    independent sample per S sweeps.
    """
    num_samples = max(min(box.config.settings.samples_per_chain, 2 * box.num_sweeps), FEWEST_SAMPLES)
    thinning = max(2 * box.num_sweeps // num_samples, 1)
    num_particles, num_chains = box.config.system.num_particles, box.num_long_chains
    moves_after = (num_samples - 1) * thinning * num_particles
    moves = box.num_sweeps * num_particles + moves_after
    rows = []
    for gamma, values in _sampled(box, run_folder, num_samples, thinning, moves).items():
        for quantity, of_chains in values.items():
            result = long_chains(of_chains)
            size = result.effective_sample_size / num_chains
            rows.append(
                {
                    "box_side": box.config.system.box_side,
                    "gamma": gamma,
                    "quantity": quantity,
                    "num_chains": num_chains,
                    "samples_per_chain": num_samples,
                    "thinning": thinning,
                    "split_rhat": result.split_rhat,
                    "effective_samples_per_chain": size,
                    "sweeps_per_effective_sample": moves_after / num_particles / size,
                    "effective_samples_per_million_moves": 1e6 * size / moves,
                    "effective_samples_per_million_moves_after_burn_in": 1e6 * size / moves_after,
                    "restarts_per_million_moves": 1e6 / (box.num_sweeps * num_particles),
                    "gain_over_restarts": size * box.num_sweeps * num_particles / moves,
                }
            )
    return rows


def long_run_gains(rows: Sequence[dict[str, Any]]) -> dict[str, float]:
    """Efficiency of long chains relative to restarts, in each box at its slowest gamma and quantity."""
    gains: dict[str, float] = {}
    for row in rows:
        name = f"sampler/long_chain_gain/box_side={row['box_side']:g}"
        gains[name] = min(gains.get(name, row["gain_over_restarts"]), row["gain_over_restarts"])
    return gains


def _sampled(
    box: Box, run_folder: RunFolder, num_samples: int, thinning: int, moves_per_chain: int
) -> dict[float, dict[str, np.ndarray]]:
    """U and sum y along each chain, (chains, samples), by gamma."""
    num_chains = len(box.gammas) * box.num_long_chains
    with run_folder.stage("long_runs"), progress("long chains", num_chains * moves_per_chain, "moves") as advance:
        configurations = sample(
            box.key(Stream.LONG_RUNS),
            box.plan.system,
            jnp.repeat(jnp.asarray(box.gammas, jnp.float32), box.num_long_chains),
            box.num_sweeps,
            step_size=box.config.sampler.step_size,
            on_moves=advance,
            samples_per_chain=num_samples,
            thinning=thinning,
            rules=box.rules,
            kernel=box.config.sampler.kernel,
        )
    heights = jnp.sum(configurations.positions[..., 1], axis=1)
    energies = configurations.energy - configurations.gamma * heights
    shape = (len(box.gammas), box.num_long_chains, num_samples)
    pairs, sums = (np.asarray(values, np.float64).reshape(shape) for values in jax.device_get((energies, heights)))
    return {gamma: {"pair_energy": pairs[row], "sum_of_heights": sums[row]} for row, gamma in enumerate(box.gammas)}
