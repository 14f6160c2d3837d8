"""Strategies by name."""

from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable

import jax

from lcpjax.array_types import HeldOutRows, TrainingRows
from lcpjax.errors import InputError, did_you_mean
from lcpjax.training.plan import Hyperparameters, TrainingPlan
from lcpjax.training.strategies.epoch_metrics import EpochMetrics
from lcpjax.training.strategies.loop import Loop
from lcpjax.training.strategies.stacked import Stacked
from lcpjax.training.train_state import TrainState


@runtime_checkable
class Strategy(Protocol):
    """Interface of a strategy: how the models of a fit are kept and advanced."""

    def hold(self, states: Sequence[TrainState]) -> Any:
        """The states as this strategy keeps them."""
        ...

    def release(self, held: Any) -> list[TrainState]:
        """The states, one per model."""
        ...

    def epoch(
        self,
        held: Any,
        train: TrainingRows,
        validation: HeldOutRows,
        epoch: int,
        alive: Sequence[bool],
    ) -> tuple[Any, list[EpochMetrics | None]]:
        """All models after one more epoch, and its metrics; what was held is donated."""
        ...


LOOP, VMAP = "loop", "vmap"
STRATEGIES = (LOOP, VMAP)


def build_strategy(name: str, plan: TrainingPlan, models: Sequence[Hyperparameters]) -> Strategy:
    """Strategy of that name for the models of a fit.

    Raises:
        InputError: there is none.
    """
    if name not in STRATEGIES:
        raise InputError(f"strategy = {name}: {did_you_mean(name, STRATEGIES)}")
    return Loop(plan, models) if name == LOOP else Stacked(plan, models)


def strategy_of_device(num_models: int) -> str:
    """Name of the fastest strategy for so many models on the default device.

    On a CPU one thread per core keeps what one model works on in the core's cache,
    and stacked convolutions are grouped ones, many times slower there; elsewhere
    one launch serves all models. +experiment=benchmark measures both.
    """
    return LOOP if num_models == 1 or jax.default_backend() == "cpu" else VMAP
