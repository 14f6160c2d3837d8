"""Equilibration of a dataset's chains: checked once for each sampling plan, reported wherever the data are used."""

import math
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lcpjax.config import Config
from lcpjax.dataset import SamplingPlan, Store, held_equilibration
from lcpjax.pipeline.run import Run
from lcpjax.report import RunFolder, progress
from lcpjax.sampler import BurnIn, Configurations, Verdict, equilibration_verdict, long_chains
from lcpjax.sampler.diagnostics import FEWEST_SAMPLES, LARGEST_SPLIT_RHAT
from lcpjax.sampler.equilibration import FEWEST_SNAPSHOTS


def report_equilibration(
    run: Run, plan: SamplingPlan, store: Store | None, verdict: Verdict | None = None
) -> dict[str, Any]:
    """The verdict, its reason and the figures it rests on; without equilibrium the report has a warning.

    Read from the store's datasheet where it was checked before in the same way.

    Args:
        verdict: if the plan's burn-in was just followed and checked.
    """
    sizes = {"num_superchains": run.config.evaluation.equilibration.num_superchains}
    sizes |= {"chains_per_superchain": run.config.evaluation.equilibration.chains_per_superchain}
    equilibration = None if store is None else held_equilibration(store)
    if equilibration is None or any(equilibration.get(name) != size for name, size in sizes.items()):
        equilibration = sizes | _as_plain(verdict or equilibration_verdict(follow(run.config, plan)))
    run.folder.add_info(equilibration=equilibration)
    if needed := equilibration.get("chains_needed", 0):
        run.folder.warn(
            f"not enough chains to tell whether the configurations in the box of {plan.system.box_side:g} sigma are in "
            f"equilibrium after {plan.num_sweeps} sweeps: {equilibration['reason']}; it takes {needed}: raise "
            "evaluation.equilibration.chains_per_superchain"
        )
    elif not equilibration["is_equilibrated"]:
        run.folder.warn(
            f"the configurations in the box of {plan.system.box_side:g} sigma are NOT SHOWN TO BE IN EQUILIBRIUM after "
            f"{plan.num_sweeps} sweeps, and what is learned from them may be about something else: "
            f"{equilibration['reason']}; {equilibration['advice']}"
        )
    return equilibration


def num_burn_in_moves(config: Config, plan: SamplingPlan) -> int:
    """Number of moves of the chains that a verdict is based on."""
    sizes = config.evaluation.equilibration
    num_chains = len(config.system.gammas) * sizes.num_superchains * sizes.chains_per_superchain
    return 2 * plan.num_sweeps * num_chains * plan.system.num_particles * plan.program.num_rungs


def follow(config: Config, plan: SamplingPlan, num_snapshots: int = FEWEST_SNAPSHOTS) -> BurnIn:
    """Other chains of a plan, as many as in the config, from shared starts to twice the plan's sweeps."""
    equilibration = config.evaluation.equilibration
    sizes = equilibration.num_superchains, equilibration.chains_per_superchain
    with progress("equilibrium check", num_burn_in_moves(config, plan), "moves") as advance:
        return plan.follow_burn_in(*sizes, num_snapshots, advance)


def equilibration_metrics(run_folder: RunFolder) -> dict[str, float]:
    """The verdict by the names of metrics."""
    equilibration = run_folder.info()["equilibration"]
    figures = {
        f"sampler/{name}": equilibration[name] for name in ("largest_nested_rhat", "largest_drift_standard_errors")
    }
    known = {name: value for name, value in figures.items() if value is not None}
    return {"sampler/is_equilibrated": int(equilibration["is_equilibrated"]), **known}


def along_chains(configurations: Configurations) -> tuple[np.ndarray, np.ndarray]:
    """Observables that long chains are checked by: energies and sums of heights, (configurations,), on the host."""
    heights = jnp.sum(configurations.positions[..., 1], axis=-1)
    return jax.device_get((configurations.energy, heights))


def long_chain_metrics(run: Run, parts: Sequence[tuple[np.ndarray, np.ndarray]]) -> dict[str, float]:
    """Split R-hat and effective sample size of chains that gave several samples, by the names of metrics.

    Of the energy and of sum y at each gamma.

    Args:
        parts: of ``along_chains``, in the order of the chains.
    """
    samples, num_gammas = run.config.sampler.samples_per_chain, len(run.config.system.gammas)
    if samples == 1:
        return {}
    if samples < FEWEST_SAMPLES:
        run.folder.warn(
            f"nobody knows whether the {samples} samples along each chain are independent: at least {FEWEST_SAMPLES} "
            "would tell; raise sampler.samples_per_chain"
        )
        return {}
    by_chain = [np.concatenate(values).reshape(-1, samples) for values in zip(*parts, strict=True)]
    results = [long_chains(values[row::num_gammas]) for values in by_chain for row in range(num_gammas)]
    # Not Python's max, which may forget what is not a number.
    rhat = float(np.max([each.split_rhat for each in results]))
    if not rhat <= LARGEST_SPLIT_RHAT:
        run.folder.warn(
            f"the {samples} samples along each chain have NOT MIXED: split R-hat {rhat:.3f}; raise sampler.thinning"
        )
    size = float(np.min([each.effective_sample_size for each in results]))
    return {"sampler/largest_split_rhat": rhat, "sampler/smallest_effective_sample_size": size}


def _finite(value: float) -> float | None:
    """None for what is not finite, which JSON cannot hold."""
    return value if math.isfinite(value) else None


def _as_plain(verdict: Verdict) -> dict[str, Any]:
    return {
        "is_equilibrated": verdict.is_equilibrated,
        "verdict": str(verdict),
        "reason": verdict.reason,
        "advice": verdict.advice,
        "chains_needed": verdict.chains_needed,
        "largest_nested_rhat": _finite(verdict.largest_nested_rhat),
        "largest_drift_standard_errors": _finite(verdict.largest_drift),
        # The name of these rows in the datasheets of earlier stores.
        "judged": [
            {name: _finite(value) if isinstance(value, float) else value for name, value in result._asdict().items()}
            for result in verdict.checks
        ],
    }
