"""Models one after another, each in the same compiled program; on a CPU with one thread per core."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np

from lcpjax.array_types import HeldOutRows, TrainingRows
from lcpjax.runtime.device import num_host_threads
from lcpjax.runtime.jax_settings import with_own_settings
from lcpjax.training.evaluate import evaluate
from lcpjax.training.plan import Hyperparameters, TrainingPlan
from lcpjax.training.strategies.epoch_metrics import EpochMetrics, with_best_kept
from lcpjax.training.train_state import TrainState
from lcpjax.training.train_step import train_epoch

_with_best_kept = jax.jit(with_best_kept)


@dataclass(frozen=True)
class Loop:
    """A strategy that holds a list of states; all of it runs on the first device."""

    plan: TrainingPlan
    models: Sequence[Hyperparameters]

    def hold(self, states: Sequence[TrainState]) -> list[TrainState]:
        """The states as this strategy keeps them."""
        return list(states)

    def release(self, held: list[TrainState]) -> list[TrainState]:
        """The states, one per model."""
        return held

    def epoch(
        self,
        held: list[TrainState],
        train: TrainingRows,
        validation: HeldOutRows,
        epoch: int,
        alive: Sequence[bool],
    ) -> tuple[list[TrainState], list[EpochMetrics | None]]:
        """All states after one more epoch, and its metrics; models not ``alive`` are unchanged."""
        with ThreadPoolExecutor(min(num_host_threads(), len(held))) as threads:
            jobs = [
                threads.submit(self._one_epoch, state, model, train, validation, epoch) if going else None
                for state, model, going in zip(held, self.models, alive, strict=True)
            ]
            results = [None if job is None else job.result() for job in jobs]
        states = [state if result is None else result[0] for state, result in zip(held, results, strict=True)]
        return states, [None if result is None else result[1] for result in results]

    @with_own_settings
    def _one_epoch(
        self,
        state: TrainState,
        model: Hyperparameters,
        train: TrainingRows,
        validation: HeldOutRows,
        epoch: int,
    ) -> tuple[TrainState, EpochMetrics]:
        """One epoch of one model, its validation, and the best parameters kept."""
        state, means = train_epoch(self.plan, state, model, train)
        validated = evaluate(self.plan, state.variables, model.kl_weight, validation, model.latent_dim)
        state = _with_best_kept(state, validated.loss, jax.device_put(np.int32(epoch)))
        if jax.default_backend() == "cpu":
            jax.block_until_ready(state)  # A thread a core: finish here, so that threads do not compete for one.
        return state, EpochMetrics(means, validated, jnp.copy(state.failed_step))
