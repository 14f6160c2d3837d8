"""How long an epoch of all models takes with each strategy."""

import time
from collections.abc import Sequence

import jax
import jax.numpy as jnp

from lcpjax.array_types import HeldOutRows, TrainingRows
from lcpjax.training.plan import Hyperparameters, TrainingPlan
from lcpjax.training.strategies.registry import build_strategy
from lcpjax.training.train_state import TrainState


def seconds_of_an_epoch(
    name: str,
    plan: TrainingPlan,
    models: Sequence[Hyperparameters],
    states: Sequence[TrainState],
    train: TrainingRows,
    validation: HeldOutRows,
) -> float:
    """Wall seconds of one epoch of all models, validation included; the first time with compiling. States are kept."""
    strategy, alive = build_strategy(name, plan, models), [True] * len(models)
    held = jax.block_until_ready(strategy.hold(jax.tree.map(jnp.copy, list(states))))
    start = time.perf_counter()
    jax.block_until_ready(strategy.epoch(held, train, validation, 0, alive))
    return time.perf_counter() - start
