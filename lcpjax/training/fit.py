"""Many models trained side by side by one compiled program."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from lcpjax.array_types import HeldOutRows, TrainingRows
from lcpjax.training.plan import Hyperparameters, TrainingPlan
from lcpjax.training.strategies import EpochMetrics, Strategy
from lcpjax.training.train_state import NEVER, TrainState
from lcpjax.training.train_step import batch_order, batch_rows


class FailedBatch(NamedTuple):
    """Batch on which a model's loss or gradient stopped being finite."""

    step: int
    rows: np.ndarray
    """Rows of the training set."""
    positions: Float[np.ndarray, "batch *entries"]
    """Those rows as they were stored: positions of configurations."""


EpochData = Callable[[int], TrainingRows]
"""Configurations of each epoch."""


class Callbacks(NamedTuple):
    """What ``fit`` calls."""

    on_epoch: Callable[[int, list[EpochMetrics | None]], None]
    """With the epoch and each model's metrics (None if it failed before); one epoch late, so that no device waits."""
    on_checkpoint: Callable[[int, list[TrainState]], None]
    """With the number of epochs done and the states, after all metrics up to there were reported."""
    on_failure: Callable[[int, FailedBatch], None]
    """Once for each model that fails, with its batch."""
    stop: Callable[[], bool] = lambda: False
    """After every epoch; once True, the epoch is reported and kept, and training ends."""


def fit(
    strategy: Strategy,
    states: Sequence[TrainState],
    train: TrainingRows | EpochData,
    validation: HeldOutRows,
    callbacks: Callbacks,
    epochs_per_checkpoint: int,
    first_epoch: int = 0,
) -> list[TrainState]:
    """States of all models after the last epoch, or after the current one on a stop.

    Models advance together, epoch by epoch. One whose loss or gradient stops
    being finite is frozen as it was before that step; the others continue. When
    none is left, training ends.

    Args:
        strategy: knows the plan and the models; one compiled program serves all of them.
        states: one per model, as they are after ``first_epoch`` epochs; donated.
        train: one row per configuration, in the model's particle order; or those of each epoch.
    """
    alive, pending = [not has_failed(state) for state in states], None
    held = strategy.hold(states)
    for epoch in range(first_epoch, strategy.plan.num_epochs):
        if not any(alive):
            break
        data = train if isinstance(train, jax.Array) else train(epoch)
        held, metrics = strategy.epoch(held, data, validation, epoch, alive)
        if pending is not None:
            _publish(strategy, callbacks, alive, *pending)
        pending = (data, epoch, metrics)
        last = callbacks.stop() or epoch + 1 == strategy.plan.num_epochs
        if last or (epoch + 1) % epochs_per_checkpoint == 0:
            _publish(strategy, callbacks, alive, *pending)
            pending = None
            callbacks.on_checkpoint(epoch + 1, strategy.release(held))
        if last:
            break
    return strategy.release(held)


def has_failed(state: TrainState) -> bool:
    """Whether a model was frozen because its loss or gradient stopped being finite."""
    return int(state.failed_step) != NEVER


def _publish(
    strategy: Strategy,
    callbacks: Callbacks,
    alive: list[bool],
    train: TrainingRows,
    epoch: int,
    metrics: list[EpochMetrics | None],
) -> None:
    """Fetch one epoch's metrics, report them, and take failed models out of ``alive``."""
    fetched: list[EpochMetrics | None] = jax.device_get(metrics)
    callbacks.on_epoch(epoch, fetched)
    for index, metric in enumerate(fetched):
        if metric is not None and alive[index] and metric.failed_step != NEVER:
            alive[index] = False
            batch = _failed_batch(strategy.plan, strategy.models[index], train, int(metric.failed_step))
            callbacks.on_failure(index, batch)


def _failed_batch(plan: TrainingPlan, model: Hyperparameters, train: TrainingRows, step: int) -> FailedBatch:
    """The batch of one step, found again from the step's number."""
    order = batch_order(plan, model, jnp.int32(step), train.shape[0])
    rows = batch_rows(plan, order, jnp.int32(step))
    return FailedBatch(step, *jax.device_get((rows, train[rows])))
