"""Objective, optimizer, many fits in one program, checkpoints."""

from lcpjax.training.checkpoints import CheckpointError, Checkpoints
from lcpjax.training.evaluate import evaluate
from lcpjax.training.fit import EpochMetrics, FailedBatch, fit, has_failed
from lcpjax.training.objective import LossTerms, loss_terms
from lcpjax.training.optimizer import SCHEDULES
from lcpjax.training.plan import Hyperparameters, PlanError, TrainingPlan
from lcpjax.training.train_state import Best, TrainState, initial_state

__all__ = [
    "SCHEDULES",
    "Best",
    "CheckpointError",
    "Checkpoints",
    "EpochMetrics",
    "FailedBatch",
    "Hyperparameters",
    "LossTerms",
    "PlanError",
    "TrainState",
    "TrainingPlan",
    "evaluate",
    "fit",
    "has_failed",
    "initial_state",
    "loss_terms",
]
