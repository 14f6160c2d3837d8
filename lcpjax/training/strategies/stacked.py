"""All models in one program, their states stacked and distributed over devices."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import jax
import numpy as np

from lcpjax.array_types import Count, HeldOutRows, TrainingRows
from lcpjax.training.evaluate import chunk_sums, mean_over_chunks
from lcpjax.training.objective import LossTerms
from lcpjax.training.plan import Hyperparameters, TrainingPlan
from lcpjax.training.strategies.over_models import Stacking, model_mesh
from lcpjax.training.strategies.strategy import EpochMetrics, Strategy
from lcpjax.training.train_state import TrainState, keep_best, stack_models, unstack_models
from lcpjax.training.train_step import batch_order, steps_at_once, steps_body


@dataclass(frozen=True)
class Stacked(Strategy):
    """A strategy that holds one state with an axis of models, padded to a multiple of the devices.

    A model that has failed is computed on with the others, and stays frozen.
    """

    stacking: Stacking = field(init=False)
    hyperparameters: Hyperparameters = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "stacking", Stacking(model_mesh()))
        object.__setattr__(self, "hyperparameters", self._sharded(self.models))

    def hold(self, states: Sequence[TrainState]) -> TrainState:
        """The states as this strategy keeps them."""
        return self._sharded(states)

    def release(self, held: TrainState) -> list[TrainState]:
        """The states, one per model, on the first device."""
        return _unstack(jax.device_put(held, jax.local_devices()[0]), len(self.models))

    def epoch(
        self, held: TrainState, train: TrainingRows, validation: HeldOutRows, epoch: int, alive: Sequence[bool]
    ) -> tuple[TrainState, list[EpochMetrics | None]]:
        """All states after one more epoch, and its metrics, None of models not ``alive``."""
        train, validation = jax.device_put((train, validation), self.stacking.replicated)
        number = jax.device_put(np.int32(epoch), self.stacking.replicated)
        held, means = self._train(held, train)
        validated = self._validate(held, validation)
        held, failed_step = _keep_best(self.stacking, held, validated.loss, number)
        metrics = _unstack(EpochMetrics(means, validated, failed_step), len(self.models))
        return held, [metric if going else None for metric, going in zip(metrics, alive, strict=True)]

    def _train(self, held: TrainState, train: TrainingRows) -> tuple[TrainState, LossTerms]:
        """All states after the gradient steps of one epoch, and the loss terms' means over it."""
        num_steps = self.plan.steps_per_epoch(train.shape[0])
        at_once = steps_at_once(num_steps)
        zeros = [np.zeros(held.step.shape, np.float32) for _ in LossTerms._fields]
        sums = LossTerms(*jax.device_put(zeros, self.stacking.sharded))
        factor = jax.device_put(np.float32(1 / num_steps), self.stacking.replicated)
        with jax.transfer_guard("disallow"):
            orders = _orders(self.plan, self.stacking, train.shape[0], self.hyperparameters, held.step)
            for _ in range(num_steps // at_once):
                held, sums = _steps(self.plan, self.stacking, at_once, held, sums, self.hyperparameters, orders, train)
            return held, _scaled(sums, factor)

    def _validate(self, held: TrainState, validation: HeldOutRows) -> LossTerms:
        def sums_of(size: int, start: Count, first: Count) -> LossTerms:
            many = held.variables, self.hyperparameters
            return _chunk_sums(self.plan, self.stacking, size, many, (validation, start, first))

        return mean_over_chunks(self.plan, validation.shape[0], sums_of, self.stacking.replicated)

    def _sharded(self, trees: Sequence[Any]) -> Any:
        """Trees stacked along a first axis, the last one repeated so that every device gets equally many."""
        missing = -len(trees) % self.stacking.mesh.size
        return jax.device_put(_stack((*trees, *[trees[-1]] * missing)), self.stacking.sharded)


_stack = jax.jit(stack_models)
_unstack = jax.jit(unstack_models, static_argnames="num_models")


@functools.partial(jax.jit, static_argnames=("plan", "stacking", "num_configurations"))
def _orders(
    plan: TrainingPlan, stacking: Stacking, num_configurations: int, models: Hyperparameters, steps: jax.Array
) -> jax.Array:
    def order(one: Any, shared: None) -> jax.Array:
        del shared
        return batch_order(plan, *one, num_configurations)

    return stacking.over_models(order)((models, steps), None)


@functools.partial(jax.jit, static_argnames=("plan", "stacking", "num_steps"), donate_argnames=("states", "sums"))
def _steps(
    plan: TrainingPlan,
    stacking: Stacking,
    num_steps: int,
    states: TrainState,
    sums: LossTerms,
    models: Hyperparameters,
    orders: jax.Array,
    train: TrainingRows,
) -> tuple[TrainState, LossTerms]:
    def steps(one: Any, train: TrainingRows) -> tuple[TrainState, LossTerms]:
        state, sums, model, order = one
        return steps_body(plan, num_steps, state, sums, model, train, order)

    return stacking.over_models(steps)((states, sums, models, orders), train)


@functools.partial(jax.jit, static_argnames=("plan", "stacking", "size"))
def _chunk_sums(plan: TrainingPlan, stacking: Stacking, size: int, many: Any, shared: Any) -> LossTerms:
    def sums(one: Any, shared: Any) -> LossTerms:
        variables, model = one
        return chunk_sums(plan, size, variables, model.kl_weight, *shared, model.latent_dim)

    return stacking.over_models(sums)(many, shared)


@functools.partial(jax.jit, static_argnames="stacking")
def _keep_best(stacking: Stacking, states: TrainState, losses: jax.Array, epoch: Count) -> tuple[TrainState, jax.Array]:
    def keep(one: Any, epoch: Count) -> tuple[TrainState, jax.Array]:
        state = keep_best(*one, epoch)
        # Given apart: the state itself is donated to the next step before its metrics are fetched.
        return state, state.failed_step

    return stacking.over_models(keep)((states, losses), epoch)


@jax.jit
def _scaled(sums: LossTerms, factor: jax.Array) -> LossTerms:
    return jax.tree.map(lambda total: total * factor, sums)
