"""Generated configurations as the start of Metropolis chains: sweeps until the exact tests pass."""

import math
import time
from collections.abc import Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from lcpjax.array_types import Configurations2D
from lcpjax.config import Config
from lcpjax.evaluation import pair_energies
from lcpjax.report import RunFolder, progress
from lcpjax.road.generating.fluid import EquilibriumFluid
from lcpjax.road.generating.sources import CORRECTED, FLOW, OWN, Generated
from lcpjax.road.generating.training_times import training_wall_seconds
from lcpjax.sampler import Course, Look, ThermodynamicState, follow_chains
from lcpjax.sampler.advance import chain_positions
from lcpjax.sampler.diagnostics import LARGEST_Z
from lcpjax.sampler.verification import Subject
from lcpjax.sampler.verification.gamma_slope import check_gamma_slopes
from lcpjax.sampler.verification.sampled_chains import SampledChains
from lcpjax.sampler.verification.wall_sum_rule import check_wall_sum_rule

UNIFORM = "uniform"
"""The start that everybody has."""

_SEED = 9


class Start(NamedTuple):
    """Where chains begin."""

    case: str
    seed: int
    source: str
    positions: Configurations2D | None
    """As many of each gamma, one gamma after the other; None: uniform."""
    wall_seconds: float
    """That it took to make them."""
    training_wall_seconds: float
    """That it took to train the model."""


class Followed(NamedTuple):
    """Chains from one start."""

    start: Start
    deviates: dict[int, dict[float, float]]
    """By number of sweeps and gamma: the largest deviation from an exact law, in standard errors."""
    seconds_per_sweep: float
    """Of all chains."""


def follow_starts(
    config: Config, fluid: EquilibriumFluid, generated: Sequence[Generated], run_folder: RunFolder
) -> list[Followed]:
    """Chains from a uniform start, and from the best priors of each case's first model."""
    training = training_wall_seconds(run_folder, len(config.sweep.seeds))
    starts = starts_of(fluid, generated, (FLOW, OWN, CORRECTED), training)
    with run_folder.stage("warm start"), progress("starting chains", len(starts), "starts") as advance:
        found = []
        for start in starts:
            found.append(follow(fluid, start, config.evaluation.generation.looks))
            advance(1)
    return found


def starts_of(
    fluid: EquilibriumFluid, generated: Sequence[Generated], sources: Sequence[str], training_seconds: dict[str, float]
) -> list[Start]:
    """A uniform start, then one from each of the sources of each case's first model.

    Args:
        sources: those that are tried.
        training_seconds: by case, of one model.
    """
    found = [Start(UNIFORM, -1, UNIFORM, None, 0.0, 0.0)]
    seen = set()
    for each in generated:
        if each.source not in sources or (each.case, each.source) in seen:
            continue
        seen.add((each.case, each.source))
        rows = [np.flatnonzero(each.gamma_index == index) for index in range(len(fluid.facts.gammas))]
        if min(row.size for row in rows) < fluid.num_of_each:
            continue
        positions = each.positions[np.concatenate([row[: fluid.num_of_each] for row in rows])]
        inside = jnp.clip(positions, 0.0, fluid.facts.system.box_side)
        seed, training = each.model.setting.seed, training_seconds[each.case]
        found.append(Start(each.case, seed, each.source, inside, each.wall_seconds, training))
    return found


def follow(fluid: EquilibriumFluid, start: Start, looks: Sequence[int]) -> Followed:
    """The exact tests after each number of sweeps, all chains with the same frozen step.

    Args:
        looks: numbers of sweeps, increasing; 0 is the start itself.
    """
    facts, later = fluid.facts, tuple(look for look in looks if look > 0)
    gamma = jnp.asarray(np.repeat(facts.gammas, fluid.num_of_each), jnp.float32)
    thermodynamic = ThermodynamicState(gamma, jnp.full(gamma.shape, facts.system.temperature))
    course = Course(later, num_tuning_sweeps=0, tune=False)
    key = jax.random.key(_SEED)
    compiling = course._replace(looks=(1,))
    follow_chains(key, facts.system, compiling, thermodynamic, _positions, start.positions, fluid.step_size)
    started = time.perf_counter()
    seen = np.asarray(
        follow_chains(key, facts.system, course, thermodynamic, _positions, start.positions, fluid.step_size)
    )
    spent = time.perf_counter() - started
    configurations = dict(zip(later, seen, strict=True))
    if start.positions is not None and 0 in looks:
        configurations[0] = np.asarray(start.positions)
    deviates = {look: _deviates(fluid, configurations[look]) for look in sorted(configurations)}
    return Followed(start, deviates, spent / later[-1])


def _positions(look: Look) -> jax.Array:
    return chain_positions(look.state)


def _deviates(fluid: EquilibriumFluid, positions: np.ndarray) -> dict[float, float]:
    """The largest deviation of each gamma: <U>, <sum y>, the wall sum rule, and the slopes to its neighbours."""
    gammas, number = fluid.facts.gammas.tolist(), fluid.num_of_each
    by_gamma = {gamma: positions[index * number : (index + 1) * number] for index, gamma in enumerate(gammas)}
    found = {gamma: _of_means(fluid, index, by_gamma[gamma]) for index, gamma in enumerate(gammas)}
    passing = {gamma: by_gamma[gamma].astype(np.float64) for gamma in gammas if found[gamma] < LARGEST_Z}
    chains = SampledChains(Subject("generated", fluid.facts.system, "sequential"), passing)
    # The sum rule costs a quadrature a particle: only where the means do not tell yet.
    checks = check_wall_sum_rule(chains) + check_gamma_slopes(chains)
    for check in checks:
        for gamma in passing:
            if f"{gamma:g}" in check.gamma.split(" to "):
                found[gamma] = max(found[gamma], _size(check.z))
    return found


def _of_means(fluid: EquilibriumFluid, index: int, positions: np.ndarray) -> float:
    """<U> and <sum y> against those of thermodynamic integration."""
    exact, system = fluid.free_energy, fluid.facts.system
    energies = np.asarray(pair_energies(jnp.asarray(positions, jnp.float32), system), np.float64)
    heights = positions[..., 1].astype(np.float64).sum(axis=1)
    pairs = (
        (energies, exact.pair_energy[index], exact.pair_energy_error[index]),
        (heights, exact.sum_of_heights[index], exact.sum_of_heights_error[index]),
    )
    return max(_size(_deviate(values, mean, error)) for values, mean, error in pairs)


def _deviate(values: np.ndarray, mean: float, error: float) -> float:
    if not np.isfinite(values).all():
        return math.inf
    return float((values.mean() - mean) / math.hypot(values.std(ddof=1) / math.sqrt(values.size), error))


def _size(deviate: float) -> float:
    return math.inf if math.isnan(deviate) else abs(deviate)


def warm_start_rows(followed: Sequence[Followed]) -> list[dict[str, Any]]:
    """A row for each start and gamma: from how many sweeps on all exact tests pass.

    - case, seed, source of the start; gamma.
    - sweeps: the fewest looked at from which on no test lies 4.3 standard errors off; nan if that was never seen.
    - sweeps_ratio: those of a uniform start over these (a start that needs none counts as one).
    - start_wall_seconds: to make the start, of all chains; sweeping_wall_seconds: to sweep them so often;
      training_wall_seconds: of the model.
    - wall_time_ratio: of a uniform start's sweeping over start and sweeping; with_training_wall_time_ratio: over
      training too. Of as many chains as were tried.
    """
    uniform = followed[0]
    rows = []
    for each in followed:
        for gamma in next(iter(each.deviates.values())):
            needed, without = (_sweeps_needed(one, gamma) for one in (each, uniform))
            sweeping, plain = needed * each.seconds_per_sweep, without * uniform.seconds_per_sweep
            spent = each.start.wall_seconds + sweeping
            rows.append(
                {
                    "case": each.start.case,
                    "seed": each.start.seed,
                    "source": each.start.source,
                    "gamma": gamma,
                    "sweeps": needed,
                    "sweeps_ratio": without / max(needed, 1),
                    "start_wall_seconds": each.start.wall_seconds,
                    "sweeping_wall_seconds": sweeping,
                    "training_wall_seconds": each.start.training_wall_seconds,
                    "wall_time_ratio": plain / spent if spent > 0 else math.nan,
                    "with_training_wall_time_ratio": plain / (spent + each.start.training_wall_seconds)
                    if spent > 0
                    else math.nan,
                }
            )
    return rows


def _sweeps_needed(followed: Followed, gamma: float) -> float:
    needed = math.nan
    for look in sorted(followed.deviates, reverse=True):
        if not followed.deviates[look][gamma] < LARGEST_Z:
            break
        needed = float(look)
    return needed


def look_rows(followed: Sequence[Followed]) -> list[dict[str, Any]]:
    """A row for each start, gamma and number of sweeps: the largest deviation from an exact law, in standard errors."""
    return [
        {"case": each.start.case, "source": each.start.source, "gamma": gamma, "sweeps": look, "deviation": deviate}
        for each in followed
        for look, of_gamma in each.deviates.items()
        for gamma, deviate in of_gamma.items()
    ]
