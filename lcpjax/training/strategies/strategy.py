"""The interface of a strategy: how the models of a fit are kept and advanced, and what it says of an epoch."""

import abc
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from lcpjax.array_types import Count, HeldOutRows, TrainingRows
from lcpjax.training.objective import LossTerms
from lcpjax.training.plan import Hyperparameters, TrainingPlan
from lcpjax.training.train_state import TrainState


class EpochMetrics(NamedTuple):
    """Metrics of one epoch of one model; the values are on the device until fetched."""

    train: LossTerms
    """Means over the epoch, with posterior samples."""
    validation: LossTerms
    """After the epoch, from the latent mean."""
    failed_step: Count


@dataclass(frozen=True)
class Strategy(abc.ABC):
    """Models that share a plan, and a way to train them; all ways agree to rounding.

    Args:
        models: what differs between them.
    """

    plan: TrainingPlan
    models: Sequence[Hyperparameters]

    @abc.abstractmethod
    def hold(self, states: Sequence[TrainState]) -> Any:
        """The states as this strategy keeps them."""

    @abc.abstractmethod
    def release(self, held: Any) -> list[TrainState]:
        """The states, one per model."""

    @abc.abstractmethod
    def epoch(
        self, held: Any, train: TrainingRows, validation: HeldOutRows, epoch: int, alive: Sequence[bool]
    ) -> tuple[Any, list[EpochMetrics | None]]:
        """All models after one more epoch, and its metrics, None of those not ``alive``; what was held is donated."""
