"""Anomalous configurations, and the exact score of each kind."""

import dataclasses
from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from lcpjax.array_types import Configurations2D, PRNGKey
from lcpjax.config import Config
from lcpjax.config.check import ConfigError
from lcpjax.dataset import Dataset
from lcpjax.dataset.perturbed_sets import Displacement, displace_particles, uniform_points
from lcpjax.evaluation.anomalies import (
    Detection,
    DisplacementRatio,
    detect,
    displacement_ratio,
    log_fluid_ratio,
    relative_log_partition,
)
from lcpjax.evaluation.density.fluid_density import fluid_log_density
from lcpjax.evaluation.density.importance import log_tilt
from lcpjax.pipeline.free_energy import fluid_free_energy
from lcpjax.pipeline.latent_codes import GroundTruth
from lcpjax.pipeline.run import Run
from lcpjax.report import progress
from lcpjax.runtime.jax_settings import key_of_seed
from lcpjax.sampler import sample
from lcpjax.sampler.streams import Seed, Stream
from lcpjax.sampler.thermodynamic_integration import FreeEnergy
from lcpjax.system import System

from .settings import Settings

SOFT = "soft_power"
UNIFORM = "uniform points"

UNSEEN_GAMMA, OTHER_FLUID = "unseen gamma", "other fluid"
DISPLACED, DISPLACED_INSIDE = "displaced", "displaced, in the box"
"""Questions, with ``UNIFORM``: sets of one question have one score, chosen beforehand."""

_NEW_GAMMAS, _OTHER_FLUID, _UNIFORM, _DISPLACING, _RATIO, _CHOOSING = range(6)
"""Purposes of random numbers."""


class AnomalousSet(NamedTuple):
    """Configurations of one kind, and their exact score."""

    name: str
    positions: Configurations2D
    gamma: np.ndarray
    """Of each, nan where there is none."""
    oracle: np.ndarray
    """Ln of the exact likelihood ratio of each, up to a constant, in nats."""
    normal_oracle: np.ndarray
    """The same of the test set."""
    is_displaced: np.ndarray | None = None
    """(configurations, particles), where particles were displaced; each configuration is then one of the test set."""
    probability: np.ndarray | None = None
    """Probability that each particle was displaced, as near to exact as its draws allow (``DisplacementRatio``)."""
    displacement: Displacement | None = None
    new_gamma: float | None = None
    """The gravity of all of them, if no model was trained on it."""

    @property
    def question(self) -> str:
        """The kind of anomaly: what a score can be chosen for beforehand."""
        if self.displacement is not None:
            return DISPLACED_INSIDE if self.displacement.stays_inside else DISPLACED
        if self.new_gamma is not None:
            return UNSEEN_GAMMA
        return OTHER_FLUID if self.name == SOFT else self.name

    def detection(self, normal: np.ndarray, own: np.ndarray, num_resamples: int = 400) -> Detection:
        """Quality of a score on this set against normal configurations.

        Args:
            normal: scores of the test set, or of those at one gamma.
            own: scores of this set, or of those at the same gamma.
            num_resamples: of the bootstrap.
        """
        if self.is_displaced is None:
            return detect(normal, own, num_resamples)
        # A displaced configuration and its original are not independent.
        unit = np.arange(len(own))
        return detect(normal, own, num_resamples, normal_unit=unit, anomalous_unit=unit)


class Sets(NamedTuple):
    """Normal and anomalous configurations, to test scores with or to choose among them."""

    ground_truth: GroundTruth
    free_energy: FreeEnergy
    normal: Configurations2D
    """Of the test set, or the validation set."""
    normal_gamma: np.ndarray
    anomalous: list[AnomalousSet]


def check_sets(config: Config) -> None:
    """Refuse impossible steps and numbers of displaced particles, and a fluid that is the anomalous one itself.

    Raises:
        ConfigError: with the key.
    """
    sizes: Settings = config.settings
    system = config.system
    if sizes.num_displaced > system.num_particles:
        raise ConfigError(f"settings.num_displaced = {sizes.num_displaced}: there are {system.num_particles} particles")
    if (longest := max(sizes.largest_steps)) > system.box_side:
        raise ConfigError(f"settings.largest_steps = {longest}: must be at most {system.box_side} sigma")
    if system.pair_potential == SOFT:
        raise ConfigError(f"system.pair_potential = {SOFT}: must be another one, since its fluid is an anomaly here")


def anomalous_sets(run: Run, ground_truth: GroundTruth, dataset: Dataset) -> Sets:
    """Every kind of anomaly asked for, as many of each as the test set has."""
    gamma = ground_truth.gammas[ground_truth.test.gamma_index]
    normal = Sets(ground_truth, fluid_free_energy(run), dataset.test.positions, gamma, [])
    return _all_sets(run, _key_of_sets(), normal)


def choosing_sets(run: Run, ground_truth: GroundTruth, dataset: Dataset) -> Sets:
    """The same kinds with other random numbers and with validation configurations: to choose scores beforehand."""
    sizes: Settings = run.config.settings
    # Chains of all gammas take turns: whole turns have as many of each.
    turn = len(ground_truth.gammas) * run.config.sampler.samples_per_chain
    number = max(sizes.num_choosing // turn, 1) * turn
    positions = dataset.validation.positions[:number]
    gamma = ground_truth.gammas[ground_truth.validation.gamma_index[:number]]
    normal = Sets(ground_truth, fluid_free_energy(run), positions, gamma, [])
    return _all_sets(run, jax.random.fold_in(_key_of_sets(), _CHOOSING), normal)


def _all_sets(run: Run, key: PRNGKey, normal: Sets) -> Sets:
    sizes: Settings = run.config.settings
    with run.folder.stage("anomalous sets"):
        anomalous = [_new_gamma(key, run.config, normal, value) for value in sizes.new_gammas]
        anomalous += [_other_fluid(key, run.config, normal), _uniform(key, normal)]
        for step in sizes.largest_steps:
            for stays_inside in (False, True):
                anomalous.append(_displaced(key, normal, Displacement(step, sizes.num_displaced, stays_inside)))
    return normal._replace(anomalous=anomalous)


def _new_gamma(key: PRNGKey, config: Config, sets: Sets, gamma: float) -> AnomalousSet:
    system, number, sweeps = sets.ground_truth.system, len(sets.normal), _num_sweeps(config)
    own_key = _key(key, _NEW_GAMMAS, round(1000 * gamma))
    positions = _sampled(own_key, system, np.full(number, gamma), sweeps)

    def score(some: Configurations2D) -> np.ndarray:
        return log_tilt(system, sets.free_energy, some, gamma)

    result = _anomalous_set(f"gamma {gamma:g}", sets, positions, np.full(number, gamma), score)
    return result._replace(new_gamma=gamma)


def _other_fluid(key: PRNGKey, config: Config, sets: Sets) -> AnomalousSet:
    system, gammas, sweeps = sets.ground_truth.system, sets.ground_truth.gammas, _num_sweeps(config)
    other = dataclasses.replace(system, pair_potential=SOFT)
    index = np.arange(len(sets.normal) // len(gammas) * len(gammas)) % len(gammas)
    positions = _sampled(_key(key, _OTHER_FLUID), other, gammas[index], sweeps)
    sums = np.asarray(positions[..., 1], np.float64).sum(axis=1)
    log_z = relative_log_partition(gammas, sums, index, other.temperature)

    def score(some: Configurations2D) -> np.ndarray:
        return log_fluid_ratio(system, sets.free_energy, other, log_z, some)

    return _anomalous_set(SOFT, sets, positions, gammas[index], score)


def _uniform(key: PRNGKey, sets: Sets) -> AnomalousSet:
    positions = uniform_points(_key(key, _UNIFORM), len(sets.normal), sets.ground_truth.system)

    def score(some: Configurations2D) -> np.ndarray:
        return -fluid_log_density(sets.ground_truth.system, sets.free_energy, some)

    return _anomalous_set(UNIFORM, sets, positions, np.full(len(positions), np.nan), score)


def _displaced(key: PRNGKey, sets: Sets, move: Displacement) -> AnomalousSet:
    system, kind = sets.ground_truth.system, 2 * round(1000 * move.largest_step) + int(move.stays_inside)
    moved = displace_particles(
        _key(key, _DISPLACING, kind),
        sets.normal,
        system,
        move.largest_step,
        num_displaced=move.num_displaced,
        stays_inside=move.stays_inside,
    )

    def ratios(some: Configurations2D, key: PRNGKey) -> DisplacementRatio:
        return jax.device_get(displacement_ratio(key, system, sets.free_energy, some, move))

    first_key, second_key = jax.random.split(_key(key, _RATIO, kind))
    own, normal = ratios(moved.positions, first_key), ratios(sets.normal, second_key)
    return AnomalousSet(
        f"displaced {move.largest_step:g}" + (", in the box" if move.stays_inside else ""),
        moved.positions,
        sets.normal_gamma,
        np.asarray(own.log_ratio, np.float64),
        np.asarray(normal.log_ratio, np.float64),
        np.asarray(moved.is_displaced),
        np.asarray(own.probability),
        move,
    )


def _anomalous_set(
    name: str,
    sets: Sets,
    positions: Configurations2D,
    gamma: np.ndarray,
    score: Callable[[Configurations2D], np.ndarray],
) -> AnomalousSet:
    return AnomalousSet(name, positions, gamma, score(positions), score(sets.normal))


def _num_sweeps(config: Config) -> int:
    """Twice as many as the dataset's chains make."""
    return 2 * config.sampler.num_sweeps


def _sampled(key: PRNGKey, system: System, gamma: np.ndarray, sweeps: int) -> Configurations2D:
    """One chain at each gamma, from uniform points."""
    with progress("sampling anomalous sets", len(gamma) * sweeps * system.num_particles, "moves") as advance:
        return sample(key, system, jnp.asarray(gamma, jnp.float32), sweeps, on_moves=advance).positions


def _key_of_sets() -> PRNGKey:
    return jax.random.fold_in(key_of_seed(Seed.ANOMALOUS_SETS), Stream.COMPARING)


def _key(key: PRNGKey, purpose: int, kind: int = 0) -> PRNGKey:
    return jax.random.fold_in(jax.random.fold_in(key, purpose), kind)
