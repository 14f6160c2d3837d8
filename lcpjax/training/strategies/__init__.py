"""How the models of a fit advance by an epoch: one after another, or stacked in one program."""

from lcpjax.training.strategies.choice import Choice, choose_strategy
from lcpjax.training.strategies.epoch_metrics import EpochMetrics
from lcpjax.training.strategies.loop import Loop
from lcpjax.training.strategies.registry import STRATEGIES, Strategy, StrategyError, build_strategy
from lcpjax.training.strategies.stacked import Stacked
from lcpjax.training.strategies.timing import seconds_of_an_epoch

__all__ = [
    "STRATEGIES",
    "Choice",
    "EpochMetrics",
    "Loop",
    "Stacked",
    "Strategy",
    "StrategyError",
    "build_strategy",
    "choose_strategy",
    "seconds_of_an_epoch",
]
