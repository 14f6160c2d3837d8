"""Many models trained side by side by one compiled program."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from lcpjax.array_types import HeldOutRows, TrainingRows
from lcpjax.training.plan import Hyperparameters, TrainingPlan
from lcpjax.training.strategies import EpochMetrics, build_strategy
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


def _never() -> bool:
    return False


def fit(
    plan: TrainingPlan,
    models: Sequence[Hyperparameters],
    states: Sequence[TrainState],
    train: TrainingRows | EpochData,
    validation: HeldOutRows,
    on_epoch: Callable[[int, list[EpochMetrics | None]], None],
    on_checkpoint: Callable[[int, list[TrainState]], None],
    on_failure: Callable[[int, FailedBatch], None],
    epochs_per_checkpoint: int,
    first_epoch: int = 0,
    stop: Callable[[], bool] = _never,
    strategy: str = "loop",
) -> list[TrainState]:
    """States of all models after the last epoch, or after the current one on a stop.

    Models advance together, epoch by epoch. One whose loss or gradient stops
    being finite is frozen as it was before that step; the others continue. When
    none is left, training ends.

    Args:
        models: what differs between them; one compiled program serves all.
        states: one per model, as they are after ``first_epoch`` epochs; donated.
        train: one row per configuration, in the model's particle order; or those of each epoch.
        on_epoch: called with the epoch and each model's metrics (None if it failed
            before), one epoch late, so that the device never waits for the host.
        on_checkpoint: called with the number of epochs done and the states, after
            all metrics up to there were reported.
        on_failure: called once for each model that fails, with its batch.
        stop: asked after every epoch; once True, the epoch is reported and kept, and training ends.
        strategy: a name in ``STRATEGIES``; they agree to rounding.
    """
    way, pending = build_strategy(strategy, plan, models), None
    alive = [int(state.failed_step) == NEVER for state in states]
    held = way.hold(states)
    data_of = _same_every_epoch(train) if isinstance(train, jax.Array) else train
    for epoch in range(first_epoch, plan.num_epochs):
        if not any(alive):
            break
        data = data_of(epoch)
        held, metrics = way.epoch(held, data, validation, epoch, alive)
        if pending is not None:
            _publish(plan, models, alive, *pending, on_epoch, on_failure)
        pending = (data, epoch, metrics)
        last = stop() or epoch + 1 == plan.num_epochs
        if last or (epoch + 1) % epochs_per_checkpoint == 0:
            _publish(plan, models, alive, *pending, on_epoch, on_failure)
            pending = None
            on_checkpoint(epoch + 1, way.release(held))
        if last:
            break
    return way.release(held)


def has_failed(state: TrainState) -> bool:
    """Whether a model was frozen because its loss or gradient stopped being finite."""
    return int(state.failed_step) != NEVER


def _same_every_epoch(train: TrainingRows) -> EpochData:
    return lambda epoch: train


def _publish(
    plan: TrainingPlan,
    models: Sequence[Hyperparameters],
    alive: list[bool],
    train: TrainingRows,
    epoch: int,
    metrics: list[EpochMetrics | None],
    on_epoch: Callable[[int, list[EpochMetrics | None]], None],
    on_failure: Callable[[int, FailedBatch], None],
) -> None:
    """Fetch one epoch's metrics, report them, and take failed models out of ``alive``."""
    fetched: list[EpochMetrics | None] = jax.device_get(metrics)
    on_epoch(epoch, fetched)
    for index, metric in enumerate(fetched):
        if metric is not None and alive[index] and metric.failed_step != NEVER:
            alive[index] = False
            on_failure(index, _failed_batch(plan, models[index], train, int(metric.failed_step)))


def _failed_batch(plan: TrainingPlan, model: Hyperparameters, train: TrainingRows, step: int) -> FailedBatch:
    """The batch of one step, found again from the step's number."""
    order = batch_order(plan, model, jnp.int32(step), train.shape[0])
    rows = batch_rows(plan, order, jnp.int32(step))
    return FailedBatch(step, *jax.device_get((rows, train[rows])))
