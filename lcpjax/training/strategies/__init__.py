"""How the models of a fit advance by an epoch: one after another, or stacked in one program."""

from lcpjax.training.strategies.epoch_metrics import EpochMetrics
from lcpjax.training.strategies.loop import Loop
from lcpjax.training.strategies.registry import STRATEGIES, Strategy, build_strategy, strategy_of_device
from lcpjax.training.strategies.stacked import Stacked

__all__ = [
    "STRATEGIES",
    "EpochMetrics",
    "Loop",
    "Stacked",
    "Strategy",
    "build_strategy",
    "strategy_of_device",
]
