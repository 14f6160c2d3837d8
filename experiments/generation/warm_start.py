"""Generated configurations as the start of Metropolis chains: sweeps until the exact tests pass."""

import functools
import itertools
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from lcpjax.array_types import Configurations2D
from lcpjax.config import Config
from lcpjax.config.check import ConfigError
from lcpjax.pipeline.run import Run
from lcpjax.report import RunFolder, print_line, progress
from lcpjax.runtime.jax_settings import key_of_seed
from lcpjax.sampler import (
    MOVES,
    ChainProgram,
    Configurations,
    MoveRules,
    Schedule,
    Snapshot,
    ThermodynamicState,
    follow_chains,
)
from lcpjax.sampler.advance import chain_positions
from lcpjax.sampler.streams import Seed, Stream

from .equilibrium_tests import Agreement, checked_against_exact_distributions
from .generated import CORRECTED, FLOW, OWN, Generated
from .reference_fluid import EquilibriumFluid
from .settings import Settings

UNIFORM = "uniform"
"""The usual start."""
TRAINING_SET = "training set"
"""Equilibrium configurations that whoever trains a model has already: the start to compare a generated one with."""

# Snapshots between which nothing is checked, and how many in a row are to pass.
TOGETHER, _ENOUGH = 6, 3


class Start(NamedTuple):
    """Initial states of chains."""

    variant: str
    seed: int
    source: str
    positions: Configurations2D | None
    """Equally many of each gamma, one gamma after the other; None: uniform."""
    wall_seconds: float
    """To make them."""
    training_wall_seconds: float
    """To train the model."""
    fitting_wall_seconds: float = 0.0
    """To fit the replacement of its prior."""


class Followed(NamedTuple):
    """Chains from one start."""

    start: Start
    moves: str
    """A name in ``MOVES``: local, as the study's, or mixed."""
    agreements: dict[int, dict[float, Agreement]]
    """By number of sweeps and gamma."""
    seconds_per_sweep: float
    """Of all chains."""
    num_chains: int


def check_snapshots(config: Config) -> None:
    """Refuse numbers of sweeps that do not increase, or end with 0.

    Raises:
        ConfigError: with the list.
    """
    snapshots = config.settings.snapshots
    if not snapshots or snapshots[-1] == 0 or any(later <= earlier for earlier, later in itertools.pairwise(snapshots)):
        raise ConfigError(f"settings.snapshots = {snapshots}: must increase, to above 0")


def follow_starts(
    run: Run, fluid: EquilibriumFluid, training_set: Configurations, generated: Sequence[Generated]
) -> list[Followed]:
    """Chains of each kind of moves from a uniform start, the training set, and the best priors of every model."""
    sizes: Settings = run.config.settings
    training = training_wall_seconds(run.folder, len(run.config.sweep.seeds))
    starts = starts_of(fluid, generated, (FLOW, OWN, CORRECTED), training)
    positions = first_of_each_gamma(fluid, training_set, fluid.num_of_each)
    if len(positions) == fluid.num_of_each * len(fluid.gammas):
        starts.insert(1, Start(TRAINING_SET, -1, TRAINING_SET, positions, 0.0, 0.0))
    else:
        print_line("the training set has too few of some gamma to start chains from")
    pairs = list(itertools.product(MOVES, starts))
    with run.folder.stage("warm start"), progress("starting chains", len(pairs), "starts") as advance:
        followed = []
        for moves, start in pairs:
            followed.append(follow(fluid, start, sizes.snapshots, moves))
            advance(1)
    return followed


def starts_of(
    fluid: EquilibriumFluid, generated: Sequence[Generated], sources: Sequence[str], training_seconds: dict[str, float]
) -> list[Start]:
    """A uniform start, then one from each of the sources of each model that gave enough.

    Args:
        training_seconds: by variant, of one model.
    """
    starts = [Start(UNIFORM, -1, UNIFORM, None, 0.0, 0.0)]
    for each in generated:
        if each.source not in sources:
            continue
        name, seed = each.model.name, each.model.setting.seed
        rows = [np.flatnonzero(each.gamma_index == index) for index in range(len(fluid.gammas))]
        if min(row.size for row in rows) < fluid.num_of_each:
            print_line(f"{name}, seed {seed}: {each.source} gave too few of some gamma to start chains from")
            continue
        positions = each.positions[np.concatenate([row[: fluid.num_of_each] for row in rows])]
        times = each.wall_seconds, training_seconds[name], each.fitting_wall_seconds
        starts.append(Start(name, seed, each.source, positions, *times))
    return starts


def follow(fluid: EquilibriumFluid, start: Start, snapshots: Sequence[int], moves: str) -> Followed:
    """The exact tests after each number of sweeps, all chains with the fluid's step and fraction of non-local sweeps.

    Until three snapshots in a row have passed at every gamma, or to the last one.

    Args:
        snapshots: numbers of sweeps, increasing; 0 is the start itself, as generated. Particles outside the box begin
            at the wall.
        moves: a name in ``MOVES``.
    """
    later = [sweeps for sweeps in snapshots if sweeps > 0]
    positions = None if start.positions is None else jnp.clip(start.positions, 0.0, fluid.system.box_side)
    chains, num_chains = chains_of(fluid, moves, fluid.num_of_each), fluid.num_of_each * len(fluid.gammas)
    agreements: dict[int, dict[float, Agreement]] = {}
    elapsed, done = 0.0, 0
    if start.positions is not None and 0 in snapshots:
        agreements[0] = _agreements(fluid, start.positions)
    for number, first in enumerate(range(0, len(later), TOGETHER)):
        some = later[first : first + TOGETHER]
        seen, seconds = swept(chains, positions, [sweeps - done for sweeps in some], number)
        positions, elapsed, done = jnp.asarray(seen[-1]), elapsed + seconds, some[-1]
        for sweeps, each in zip(some, seen, strict=True):
            agreements[sweeps] = _agreements(fluid, jnp.asarray(each))
            if has_converged(agreements):
                return Followed(start, moves, agreements, elapsed / done, num_chains)
    return Followed(start, moves, agreements, elapsed / done, num_chains)


def chains_of(fluid: EquilibriumFluid, moves: str, num_of_each: int) -> Callable[..., jax.Array]:
    """Chains of the fluid, one gamma after the other, to be called with key, schedule and initial positions.

    Args:
        moves: a name in ``MOVES``.
        num_of_each: chains of each gamma.
    """
    gamma = jnp.asarray(np.repeat(fluid.ground_truth.gammas, num_of_each), jnp.float32)
    return functools.partial(
        follow_chains,
        program=ChainProgram(fluid.system, MoveRules(nonlocal_moves=MOVES[moves])),
        thermodynamic=ThermodynamicState(gamma, jnp.full(gamma.shape, fluid.system.temperature)),
        observe=_positions,
        step_size=fluid.step_size,
        nonlocal_fraction=None if MOVES[moves] is None else fluid.nonlocal_fraction,
    )


def first_of_each_gamma(fluid: EquilibriumFluid, configurations: Configurations, number: int) -> Configurations2D:
    """Positions of the first so many of each gamma, or as many as all have, one gamma after the other."""
    own = np.asarray(configurations.gamma)
    rows = [np.flatnonzero(np.isclose(own, gamma)) for gamma in fluid.gammas]
    fewest = min(number, *(row.size for row in rows))
    return configurations.positions[np.concatenate([row[:fewest] for row in rows])]


def has_converged(agreements: dict[int, dict[float, Agreement]]) -> bool:
    """Whether the last three snapshots have passed at every gamma."""
    last = list(agreements.values())[-_ENOUGH:]
    return len(last) == _ENOUGH and all(agreement.passes for of_gamma in last for agreement in of_gamma.values())


def swept(
    chains: Callable[..., jax.Array], positions: Configurations2D | None, snapshots: Sequence[int], number: int
) -> tuple[np.ndarray, float]:
    """Chains at each snapshot, (snapshots, chains, particles, 2), and the seconds taken.

    Args:
        number: of the call; the first compiles before it is timed.
    """
    schedule = Schedule(tuple(snapshots), num_tuning_sweeps=0)
    key = jax.random.fold_in(jax.random.fold_in(key_of_seed(Seed.WARM_START), Stream.COMPARING), number)
    if number == 0:
        chains(key, schedule=schedule._replace(snapshots=(1,)), initial_positions=positions)
    started = time.perf_counter()
    seen = np.asarray(chains(key, schedule=schedule, initial_positions=positions))
    return seen, time.perf_counter() - started


def _positions(snapshot: Snapshot) -> jax.Array:
    return chain_positions(snapshot.state)


def _agreements(fluid: EquilibriumFluid, positions: Configurations2D) -> dict[float, Agreement]:
    number = fluid.num_of_each
    return {
        gamma: checked_against_exact_distributions(fluid, index, positions[index * number : (index + 1) * number])
        for index, gamma in enumerate(fluid.gammas)
    }


def training_wall_seconds(run_folder: RunFolder, num_seeds: int) -> dict[str, float]:
    """By variant, of one model: the wall time of its group's epochs over the number of models in it."""
    walls: dict[str, dict[int, float]] = {}
    for record in run_folder.records({"stage": "training"}):
        walls.setdefault(record["group"], {})[record["epoch"]] = record["training/epoch_wall_seconds"]
    return {variant: sum(of_epochs.values()) / num_seeds for variant, of_epochs in walls.items()}
