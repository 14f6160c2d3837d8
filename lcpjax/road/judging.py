"""Whether a dataset's chains were long enough, judged once for each sampling plan and told to everyone."""

import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lcpjax.config import Config
from lcpjax.dataset import SamplingPlan, Store, held_equilibration
from lcpjax.report import RunFolder, progress
from lcpjax.sampler import BurnIn, Configurations, Verdict, judge, long_chains
from lcpjax.sampler.diagnostics import FEWEST_SAMPLES
from lcpjax.sampler.equilibration import FEWEST_LOOKS, LARGEST_NESTED_RHAT


def judged_equilibration(
    config: Config, plan: SamplingPlan, store: Store | None, run_folder: RunFolder, verdict: Verdict | None = None
) -> dict[str, Any]:
    """The verdict, its reason and the figures it rests on; what is not in equilibrium is warned of in the report.

    Read from the store's datasheet where it was judged before in the same way.

    Args:
        verdict: if the plan's burn-in was just followed and judged.
    """
    sizes = {"num_superchains": config.sampler.num_superchains}
    sizes |= {"chains_per_superchain": config.sampler.chains_per_superchain}
    equilibration = None if store is None else held_equilibration(store)
    if equilibration is None or any(equilibration.get(name) != size for name, size in sizes.items()):
        equilibration = sizes | _as_plain(verdict or judge(follow(config, plan)))
    run_folder.add_info(equilibration=equilibration)
    if not equilibration["is_equilibrated"]:
        run_folder.warn(
            f"the configurations are NOT IN EQUILIBRIUM after {plan.num_sweeps} sweeps, and whatever is learned from "
            f"them is about something else: {equilibration['reason']}; raise sampler.num_sweeps"
        )
    return equilibration


def follow(config: Config, plan: SamplingPlan, num_looks: int = FEWEST_LOOKS) -> BurnIn:
    """Other chains of a plan, as many as the config says, from shared starts to twice the plan's sweeps."""
    sizes = config.sampler.num_superchains, config.sampler.chains_per_superchain
    num_chains = len(plan.gammas) * math.prod(sizes)
    num_moves = 2 * plan.num_sweeps * num_chains * plan.system.num_particles * plan.num_rungs
    with progress("judging burn-in", num_moves, "moves") as advance:
        return plan.follow_burn_in(*sizes, num_looks, advance)


def equilibration_metrics(run_folder: RunFolder) -> dict[str, float]:
    """The verdict by the names of metrics."""
    equilibration = run_folder.info()["equilibration"]
    return {
        "sampler/is_equilibrated": int(equilibration["is_equilibrated"]),
        "sampler/largest_nested_rhat": equilibration["largest_nested_rhat"],
        "sampler/largest_drift_standard_errors": equilibration["largest_drift_standard_errors"],
    }


def judge_long_chains(config: Config, configurations: Configurations, run_folder: RunFolder) -> dict[str, float]:
    """Split R-hat and effective sample size of chains that gave several samples, by the names of metrics.

    Of the energy and of sum y at each gamma. Too few samples a chain tell nothing.
    """
    samples, num_gammas = config.sampler.samples_per_chain, len(config.system.gammas)
    if samples < FEWEST_SAMPLES:
        return {}
    heights = jnp.sum(configurations.positions[..., 1], axis=-1)
    by_chain = [np.asarray(leaf).reshape(-1, samples) for leaf in jax.device_get((configurations.energy, heights))]
    found = [long_chains(values[row::num_gammas]) for values in by_chain for row in range(num_gammas)]
    rhat = max(each.split_rhat for each in found)
    if not rhat <= LARGEST_NESTED_RHAT:
        run_folder.warn(f"samples along the chains have NOT MIXED: split R-hat {rhat:.3f}; raise sampler.thinning")
    size = min(each.effective_sample_size for each in found)
    return {"sampler/largest_split_rhat": rhat, "sampler/smallest_effective_sample_size_a_gamma": size}


def _as_plain(verdict: Verdict) -> dict[str, Any]:
    return {
        "is_equilibrated": verdict.is_equilibrated,
        "verdict": f"equilibrated: {'yes' if verdict.is_equilibrated else 'no'}, because {verdict.reason}",
        "reason": verdict.reason,
        "largest_nested_rhat": max(result.nested_rhat for result in verdict.judged),
        "largest_drift_standard_errors": max(abs(result.drift) for result in verdict.judged),
        "judged": [result._asdict() for result in verdict.judged],
    }
