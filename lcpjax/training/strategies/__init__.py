"""Strategies to advance the models of a fit by an epoch: one after another, or stacked in one program."""

from .registry import BATCHES as BATCHES
from .registry import STRATEGIES as STRATEGIES
from .registry import build_strategy as build_strategy
from .registry import strategy_of_device as strategy_of_device
from .strategy import EpochMetrics as EpochMetrics
from .strategy import Strategy as Strategy
