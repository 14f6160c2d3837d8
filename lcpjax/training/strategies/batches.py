"""One model after the other, every batch distributed over all devices of all processes."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from lcpjax.array_types import Count, HeldOutRows, TrainingRows
from lcpjax.runtime.jax_settings import with_own_settings
from lcpjax.runtime.processes import call_in_every_process, num_processes, shared
from lcpjax.training.evaluate import chunk_sums, mean_over_chunks
from lcpjax.training.objective import LossTerms
from lcpjax.training.plan import Hyperparameters, TrainingPlan
from lcpjax.training.strategies.strategy import EpochMetrics, Strategy
from lcpjax.training.train_state import TrainState, keep_best
from lcpjax.training.train_step import batch_order, steps_at_once, steps_body

_BATCH = "batch"


@dataclass(frozen=True)
class Batches(Strategy):
    """A strategy that holds a list of states on the first device of process 0, and sends them out for every epoch.

    A step is that of one device, to rounding: the means over a batch are sums over more addends, in another order.
    """

    def hold(self, states: Sequence[TrainState]) -> list[TrainState]:
        """The states as this strategy keeps them."""
        return list(states)

    def release(self, held: list[TrainState]) -> list[TrainState]:
        """The states, one per model."""
        return held

    def epoch(
        self, held: list[TrainState], train: TrainingRows, validation: HeldOutRows, epoch: int, alive: Sequence[bool]
    ) -> tuple[list[TrainState], list[EpochMetrics | None]]:
        """All states after one more epoch, and its metrics; models not ``alive`` are unchanged."""
        states: list[TrainState] = []
        metrics: list[EpochMetrics | None] = []
        for state, model, is_alive in zip(held, self.models, alive, strict=True):
            advanced: tuple[TrainState, EpochMetrics | None] = state, None
            if is_alive:
                arguments = (self.plan, state, model, train, validation, epoch)
                advanced = call_in_every_process(_epoch, [arguments] * num_processes())[0]
            states.append(advanced[0])
            metrics.append(advanced[1])
        return states, metrics


@shared
@with_own_settings
def _epoch(
    plan: TrainingPlan, state: Any, model: Hyperparameters, train: Any, validation: Any, epoch: int
) -> tuple[TrainState, EpochMetrics] | None:
    """One epoch of one model in this process, with all others; the result in process 0 only.

    Args:
        state: as ``TrainState``, its arrays on the host or on one device, the same in every process; so are the others.
    """
    mesh = Mesh(np.asarray(jax.devices()), (_BATCH,))
    everywhere = NamedSharding(mesh, PartitionSpec())
    numbers = (np.float32(0),) * len(LossTerms._fields), np.int32(epoch)
    given = _put((state, model, train, validation, *numbers), everywhere)
    state, model, train, validation, zeros, number = given
    num_steps = plan.steps_per_epoch(train.shape[0])
    at_once, sums = steps_at_once(num_steps), LossTerms(*zeros)
    steps, chunk, order_of, keep = _programs(plan, mesh, at_once, train.shape[0])
    with jax.transfer_guard("disallow"):
        order = order_of(model, state.step)
        for _ in range(num_steps // at_once):
            state, sums = steps(state, sums, model, train, order)

    def sums_of(size: int, start: Count, first: Count) -> LossTerms:
        return chunk(size, state.variables, model.kl_weight, validation, start, first, model.latent_dim)

    validated = mean_over_chunks(plan, validation.shape[0], sums_of, everywhere)
    state = keep(state, validated.loss, number)
    if jax.process_index():
        jax.block_until_ready(state)
        return None
    state, sums, validated = jax.tree.map(_here, (state, sums, validated))
    means = jax.tree.map(lambda total: total * np.float32(1 / num_steps), sums)
    return state, EpochMetrics(means, validated, jax.numpy.copy(state.failed_step))


@functools.lru_cache(maxsize=16)
def _programs(plan: TrainingPlan, mesh: Mesh, num_steps: int, num_rows: int) -> tuple[Any, Any, Any, Any]:
    """Compiled gradient steps, sums over a chunk, order of the batches, and choice of the best parameters.

    Whatever they return is on all devices: the compiler would be free to spread parameters as well.
    """
    everywhere = NamedSharding(mesh, PartitionSpec())
    over_devices = NamedSharding(mesh, PartitionSpec(_BATCH))

    def steps(state: TrainState, sums: LossTerms, model: Hyperparameters, train: Any, order: Any) -> Any:
        return steps_body(plan, num_steps, state, sums, model, train, order, over_devices)

    def chunk(size: int, *arguments: Any) -> LossTerms:
        return chunk_sums(plan, size, *arguments, sharding=over_devices)

    def order_of(model: Hyperparameters, step: Count) -> jax.Array:
        return batch_order(plan, model, step, num_rows)

    return (
        jax.jit(steps, donate_argnums=(0, 1), out_shardings=everywhere),
        jax.jit(chunk, static_argnums=0, out_shardings=everywhere),
        jax.jit(order_of, out_shardings=everywhere),
        jax.jit(keep_best, out_shardings=everywhere),
    )


def _put(tree: Any, everywhere: NamedSharding) -> Any:
    """Arrays that every process has, on all devices; nothing is compared or sent."""

    def put(leaf: Any) -> jax.Array:
        array = np.asarray(leaf)
        return jax.make_array_from_callback(array.shape, everywhere, lambda index: array[index])

    return jax.tree.map(put, tree)


def _here(leaf: jax.Array) -> jax.Array:
    """The copy of an array that is on the first device of this process."""
    return leaf.addressable_data(0)
