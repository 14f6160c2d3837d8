"""End-to-end wall time: from nothing to a model that has seen every sampled configuration once."""

import dataclasses
import functools
import time
from typing import Any

import jax

from lcpjax.array_types import Configurations2D
from lcpjax.build import build_plan
from lcpjax.config import Config
from lcpjax.dataset import gamma_of_chains, split_by_chain
from lcpjax.runtime.jax_settings import key_of_seed
from lcpjax.sampler import Configurations, sample
from lcpjax.training import Hyperparameters, TrainingPlan, TrainState, initial_state
from lcpjax.training.train_step import train_epoch

from .sizes import dataset_size

_STUDY_MOVES = 40_000 * 3_000 * 30


def time_end_to_end(config: Config) -> dict[str, Any]:
    """Wall times of sampling the config's dataset and of the first training epoch on it; compiling is not timed.

    The configurations stay where they were sampled: JAX refuses every transfer
    to or from the host between the sampler's return and the end of the epoch.
    """
    plan, size = build_plan(config), dataset_size(config)
    gamma = gamma_of_chains(config.system.gammas, config.dataset.chains_per_gamma)
    model = Hyperparameters.on_device(config.training.kl_weight, config.training.learning_rate, config.training.seed)
    if plan.representation.lacks_template:
        taught = sample(key_of_seed(config.sampler.seed), size.system, gamma, num_sweeps=size.num_sweeps)
        plan = dataclasses.replace(plan, representation=plan.representation.learn(taught.positions))
    walls = (0.0, 0.0)
    # The number of sweeps is traced, so a run of one sweep compiles all there is to compile.
    for num_sweeps in (1, size.num_sweeps):
        start = time.perf_counter()
        key, step_size, kernel = key_of_seed(config.sampler.seed), config.sampler.step_size, config.sampler.kernel
        configurations = sample(key, size.system, gamma, num_sweeps=num_sweeps, step_size=step_size, kernel=kernel)
        sampled = time.perf_counter()
        jax.block_until_ready(first_epoch(config, plan, model, configurations))
        walls = (sampled - start, time.perf_counter() - sampled)
    return {
        "device": jax.devices()[0].device_kind,
        "num_particles": size.system.num_particles,
        "num_chains": size.num_chains,
        "num_sweeps": size.num_sweeps,
        "fraction_of_study_moves": size.num_moves / _STUDY_MOVES,
        "moves_per_second": size.num_moves / walls[0],
        "sampling_wall_seconds": walls[0],
        "first_epoch_wall_seconds": walls[1],
        "end_to_end_wall_seconds": sum(walls),
    }


def first_epoch(
    config: Config, plan: TrainingPlan, model: Hyperparameters, configurations: Configurations
) -> TrainState:
    """A new model after one epoch on the sampled training set, without a transfer to or from the host."""
    fractions = config.dataset.validation_fraction, config.dataset.test_fraction
    with jax.transfer_guard("disallow"):
        ordered = _training_set(plan, configurations, tuple(config.system.gammas), fractions)
        state, _ = train_epoch(plan, initial_state(plan, model, ordered), model, ordered)
    return state


@functools.partial(jax.jit, static_argnames=("plan", "gammas", "fractions"))
def _training_set(
    plan: TrainingPlan, configurations: Configurations, gammas: tuple[float, ...], fractions: tuple[float, float]
) -> Configurations2D:
    """The training set in the model's own particle order."""
    representation, splits = plan.representation, split_by_chain(configurations, gammas, *fractions)
    return representation.order(representation.augmented(splits.train.positions))
