"""Generated configurations as the start of Metropolis chains: sweeps until the exact tests pass."""

import itertools
import math
import time
from collections.abc import Sequence
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from lcpjax.array_types import Configurations2D
from lcpjax.config import Config
from lcpjax.config_check import ConfigError
from lcpjax.evaluation import pair_energies, smallest_distances
from lcpjax.report import RunFolder, progress, say
from lcpjax.road.generating.fluid import EquilibriumFluid
from lcpjax.road.generating.generated import CORRECTED, FLOW, OWN, Generated
from lcpjax.road.generating.training_times import training_wall_seconds
from lcpjax.sampler import Course, Look, ThermodynamicState, follow_chains
from lcpjax.sampler.advance import chain_positions
from lcpjax.sampler.streams import Stream
from lcpjax.sampler.verification import SMALLEST_JOINT_P_VALUE, Check, Subject, joint_p_value
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
    fitting_wall_seconds: float = 0.0
    """That it took to fit what stands in place of its prior."""


class Agreement(NamedTuple):
    """How chains of one gamma agree with the exact laws."""

    largest_deviate: float
    """In standard errors."""
    joint_p_value: float
    passes: bool
    """Each within 4.3 standard errors, and all together no less probable than 1e-4."""


class Followed(NamedTuple):
    """Chains from one start."""

    start: Start
    agreements: dict[int, dict[float, Agreement]]
    """By number of sweeps and gamma."""
    seconds_per_sweep: float
    """Of all chains."""
    num_chains: int


def check_looks(config: Config) -> None:
    """Refuse numbers of sweeps that do not increase, or end with 0.

    Raises:
        ConfigError: with the list.
    """
    looks = config.evaluation.generation.looks
    if not looks or looks[-1] == 0 or any(later <= earlier for earlier, later in itertools.pairwise(looks)):
        raise ConfigError(f"evaluation.generation.looks = {looks}: must increase, to above 0")


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
    """A uniform start, then one from each of the sources of each case's first model that gave enough.

    Args:
        sources: those that are tried.
        training_seconds: by case, of one model.
    """
    found = {UNIFORM: Start(UNIFORM, -1, UNIFORM, None, 0.0, 0.0)}
    for each in generated:
        if each.source not in sources or f"{each.case}: {each.source}" in found:
            continue
        rows = [np.flatnonzero(each.gamma_index == index) for index in range(len(fluid.facts.gammas))]
        if min(row.size for row in rows) < fluid.num_of_each:
            seed = each.model.setting.seed
            say(f"{each.case}, seed {seed}: {each.source} gave too few of some gamma to start chains from")
            continue
        positions = each.positions[np.concatenate([row[: fluid.num_of_each] for row in rows])]
        inside = jnp.clip(positions, 0.0, fluid.facts.system.box_side)
        times = each.wall_seconds, training_seconds[each.case], each.fitting_wall_seconds
        found[f"{each.case}: {each.source}"] = Start(each.case, each.model.setting.seed, each.source, inside, *times)
    return list(found.values())


def follow(fluid: EquilibriumFluid, start: Start, looks: Sequence[int]) -> Followed:
    """The exact tests after each number of sweeps, all chains with the same frozen step.

    Args:
        looks: numbers of sweeps, increasing; 0 is the start itself.
    """
    facts, later = fluid.facts, tuple(look for look in looks if look > 0)
    gamma = jnp.asarray(np.repeat(facts.gammas, fluid.num_of_each), jnp.float32)
    thermodynamic = ThermodynamicState(gamma, jnp.full(gamma.shape, facts.system.temperature))
    course = Course(later, num_tuning_sweeps=0, tune=False)
    key = jax.random.fold_in(jax.random.key(_SEED), Stream.COMPARING)
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
    agreements = {look: _held_to_laws(fluid, configurations[look]) for look in sorted(configurations)}
    return Followed(start, agreements, spent / later[-1], len(gamma))


def _positions(look: Look) -> jax.Array:
    return chain_positions(look.state)


def _held_to_laws(fluid: EquilibriumFluid, positions: np.ndarray) -> dict[float, Agreement]:
    """Of each gamma <U>, <sum y>, the smallest distance, the wall sum rule, and the slopes to its neighbours."""
    gammas, number = fluid.facts.gammas.tolist(), fluid.num_of_each
    by_gamma = {gamma: positions[index * number : (index + 1) * number] for index, gamma in enumerate(gammas)}
    checks = {gamma: _of_means(fluid, index, by_gamma[gamma]) for index, gamma in enumerate(gammas)}
    passing = {gamma: by_gamma[gamma].astype(np.float64) for gamma in gammas if _agreement(checks[gamma]).passes}
    # The sum rule costs a quadrature a particle: only where the means do not tell yet.
    chains = SampledChains(_subject(fluid), passing)
    for check in check_wall_sum_rule(chains) + check_gamma_slopes(chains):
        for gamma in passing:
            if f"{gamma:g}" in check.gamma.split(" to "):
                checks[gamma].append(check)
    return {gamma: _agreement(of_gamma) for gamma, of_gamma in checks.items()}


def _agreement(checks: Sequence[Check]) -> Agreement:
    largest = float(np.max([math.inf if math.isnan(check.z) else abs(check.z) for check in checks]))
    p_value = joint_p_value(checks)
    passes = not any(check.has_failed for check in checks) and p_value > SMALLEST_JOINT_P_VALUE
    return Agreement(largest, p_value, passes)


def _of_means(fluid: EquilibriumFluid, index: int, positions: np.ndarray) -> list[Check]:
    """<U> and <sum y> against thermodynamic integration, the smallest distance against other chains: contacts."""
    exact, gamma = fluid.free_energy, fluid.facts.gammas[index].item()
    own, true = (_of_each(fluid, each) for each in (positions, np.asarray(fluid.positions[gamma])))
    energy, height, distance = (float(values.std(ddof=1)) for values in true)
    means = (
        _Exact(energy, float(exact.pair_energy[index]), float(exact.pair_energy_error[index])),
        _Exact(height, float(exact.sum_of_heights[index]), float(exact.sum_of_heights_error[index])),
        _Exact(distance, float(true[2].mean()), distance / math.sqrt(true[2].size)),
    )
    names = ("pair energy", "sum of heights", "smallest distance")
    return [_check(fluid, *each) for each in zip(names, own, means, strict=True)]


def _of_each(fluid: EquilibriumFluid, positions: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of each configuration its pair energy, sum of heights and smallest distance."""
    single = jnp.asarray(positions, jnp.float32)
    energies = np.asarray(pair_energies(single, fluid.facts.system), np.float64)
    heights = positions[..., 1].astype(np.float64).sum(axis=1)
    return energies, heights, np.asarray(smallest_distances(single), np.float64)


class _Exact(NamedTuple):
    """What a mean is held to."""

    scatter: float
    """Of single configurations in equilibrium: a start with a few overlaps has more, which must not excuse it."""
    mean: float
    error: float


def _check(fluid: EquilibriumFluid, name: str, values: np.ndarray, exact: _Exact) -> Check:
    measured, deviate = math.nan, math.nan
    error = math.hypot(exact.scatter / math.sqrt(values.size), exact.error)
    if np.isfinite(values).all():
        measured = float(values.mean())
        deviate = (measured - exact.mean) / error
    return Check(_subject(fluid), name, "", measured, exact.mean, error, values.size, deviate)


def _subject(fluid: EquilibriumFluid) -> Subject:
    return Subject("from a start", fluid.facts.system, "sequential")
