"""Objective, optimizer, many fits in one program, checkpoints."""

from lcpjax.training.checkpoints import CheckpointError, Checkpoints
from lcpjax.training.coordinate_regression import LOSSES, Regressed, Regression, regress_coordinates
from lcpjax.training.evaluate import evaluate
from lcpjax.training.fit import EpochData, FailedBatch, fit, has_failed
from lcpjax.training.latent_densities import (
    DensityOfAnyGamma,
    FlowDensity,
    FlowTraining,
    Gaussians,
    LatentDensity,
    Mixtures,
    StandardDensity,
    fit_flow,
    fit_gaussians,
    fit_mixtures,
)
from lcpjax.training.objective import LossTerms, Objective, loss_terms
from lcpjax.training.optimizer import SCHEDULES
from lcpjax.training.padding import cut_state, padded_state, with_latents
from lcpjax.training.pixel_weights import PLAIN, PixelWeights
from lcpjax.training.plan import NO_MASKS, AnyRepresentation, Hyperparameters, TrainingPlan
from lcpjax.training.setting import ONLY_GROUP, ModelSetting
from lcpjax.training.strategies import STRATEGIES, EpochMetrics, build_strategy, strategy_of_device
from lcpjax.training.train_state import NEVER, Best, TrainState, initial_state

__all__ = [
    "LOSSES",
    "NEVER",
    "NO_MASKS",
    "ONLY_GROUP",
    "PLAIN",
    "SCHEDULES",
    "STRATEGIES",
    "AnyRepresentation",
    "Best",
    "CheckpointError",
    "Checkpoints",
    "DensityOfAnyGamma",
    "EpochData",
    "EpochMetrics",
    "FailedBatch",
    "FlowDensity",
    "FlowTraining",
    "Gaussians",
    "Hyperparameters",
    "LatentDensity",
    "LossTerms",
    "Mixtures",
    "ModelSetting",
    "Objective",
    "PixelWeights",
    "Regressed",
    "Regression",
    "StandardDensity",
    "TrainState",
    "TrainingPlan",
    "build_strategy",
    "cut_state",
    "evaluate",
    "fit",
    "fit_flow",
    "fit_gaussians",
    "fit_mixtures",
    "has_failed",
    "initial_state",
    "loss_terms",
    "padded_state",
    "regress_coordinates",
    "strategy_of_device",
    "with_latents",
]
