"""A group of models trained side by side, from the last checkpoint where there is one."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from lcpjax.array_types import HeldOutRows, TrainingRows
from lcpjax.config import Config
from lcpjax.config_check import plain
from lcpjax.dataset import Dataset
from lcpjax.errors import OneLineError
from lcpjax.interruption import deferred, stop_requested
from lcpjax.report import RunFolder, progress, say
from lcpjax.report.figures import draw_learning_curves
from lcpjax.road.strategy_cache import keep_timings, kept_timings
from lcpjax.road.streaming import streamed_epochs
from lcpjax.training import (
    ONLY_GROUP,
    Checkpoints,
    EpochData,
    EpochMetrics,
    FailedBatch,
    Hyperparameters,
    ModelSetting,
    TrainingPlan,
    TrainState,
    choose_strategy,
    cut_state,
    fit,
    has_failed,
    padded_state,
    with_latents,
)


class TrainingError(OneLineError):
    """No model of a run could be trained to the end."""


class TrainingData(NamedTuple):
    """What a group of models learns from."""

    train: TrainingRows
    validation: HeldOutRows
    about: dict[str, Any]
    """What a checkpoint says of them."""
    unit: str = "sigma2"
    """Of squared errors."""
    epochs: EpochData | None = None
    """From an epoch to its own rows; None: those of ``train`` in every one."""


def train_models(
    config: Config,
    plan: TrainingPlan,
    settings: Sequence[ModelSetting],
    dataset: Dataset,
    run_folder: RunFolder,
    group: str = ONLY_GROUP,
) -> list[TrainState]:
    """``train_on`` the dataset's configurations, in the model's particle order."""
    representation = plan.representation
    train = representation.order(representation.augmented(dataset.train.positions))
    validation = representation.order(dataset.validation.positions)
    epochs = streamed_epochs(config, representation) if config.dataset.source == "stream" else None
    data = TrainingData(train, validation, {"template": representation.template}, epochs=epochs)
    return train_on(config, plan, settings, data, run_folder, group)


def train_on(
    config: Config,
    plan: TrainingPlan,
    settings: Sequence[ModelSetting],
    data: TrainingData,
    run_folder: RunFolder,
    group: str = ONLY_GROUP,
) -> list[TrainState]:
    """All models of a group after their last epoch; they share one plan and one compiled program.

    Models of several latent dimensions are padded to the largest, and returned cut to their own.

    Args:
        group: names the checkpoints and records of models that share a plan, where a run has several;
            learning curves are drawn where it has one.

    Raises:
        TrainingError: none of them could be trained to the end.
        Interrupted: a signal ended it at an epoch, which is in the checkpoints.
    """
    rate = config.training.learning_rate
    plan = with_latents(plan, max(setting.latent_dim for setting in settings))
    models = [Hyperparameters.on_device(each.kl_weight, rate, each.seed, each.latent_dim) for each in settings]
    states = _first_states(plan, models, settings, data)
    description = {"config": plain(config), "models": [setting._asdict() for setting in settings], **data.about}
    with (
        deferred(),
        Checkpoints(run_folder.checkpoints / group) as checkpoints,
        run_folder.stage("training"),
        progress("training", plan.num_epochs, "epochs") as advance,
    ):
        if first_epoch := checkpoints.latest_epoch():
            states = checkpoints.restore_latest(states)
        run_folder.forget({"stage": "training", "group": group}, from_epoch=first_epoch)
        advance(first_epoch)
        loss_unit = "nats" if plan.model.likelihood.is_learned else data.unit
        strategy = _strategy(config, plan, models, states, data, run_folder, group)
        log = _GroupLog(run_folder, group, settings, advance, loss_unit, data.unit)
        states = fit(
            plan,
            models,
            states,
            data.epochs or data.train,
            data.validation,
            on_epoch=log.epoch,
            on_checkpoint=lambda done, states: checkpoints.save(done, states, description),
            on_failure=log.failure,
            epochs_per_checkpoint=config.training.epochs_per_checkpoint,
            first_epoch=first_epoch,
            stop=stop_requested,
            strategy=strategy,
        )
    if all(has_failed(state) for state in states):
        raise TrainingError(f"training stopped: {'; '.join(failures_of(settings, states))}")
    if group == ONLY_GROUP:
        _draw_curves(run_folder, data.unit)
    return _cut_states(plan, models, settings, data, states)


def _first_states(
    plan: TrainingPlan, models: Sequence[Hyperparameters], settings: Sequence[ModelSetting], data: TrainingData
) -> list[TrainState]:
    return [
        padded_state(plan, model, setting.latent_dim, data.train)
        for model, setting in zip(models, settings, strict=True)
    ]


def _cut_states(
    plan: TrainingPlan,
    models: Sequence[Hyperparameters],
    settings: Sequence[ModelSetting],
    data: TrainingData,
    states: Sequence[TrainState],
) -> list[TrainState]:
    """Padded models at their own sizes."""
    return [
        cut_state(plan, model, state, setting.latent_dim, data.train)
        for model, state, setting in zip(models, states, settings, strict=True)
    ]


def _strategy(
    config: Config,
    plan: TrainingPlan,
    models: Sequence[Hyperparameters],
    states: Sequence[TrainState],
    data: TrainingData,
    run_folder: RunFolder,
    group: str,
) -> str:
    """The strategy asked for or chosen; a run that goes on keeps the one it began with, so that it goes on exactly."""
    if config.sweep.strategy != "auto":
        return config.sweep.strategy
    chosen = run_folder.info().get("strategies", {})
    if group not in chosen:
        choice = choose_strategy(plan, models, states, data.train, data.validation, kept_timings, keep_timings)
        chosen[group] = choice._asdict()
        run_folder.add_info(strategies=chosen)
        if len(models) > 1:
            say(f"{len(models)} models train by {choice.strategy}: {choice.reason}")
    return chosen[group]["strategy"]


def failures_of(settings: Sequence[ModelSetting], states: Sequence[TrainState]) -> list[str]:
    """One line for each model that failed."""
    return [
        f"{setting.label}: the loss or gradient of step {int(state.failed_step)} was not finite"
        for setting, state in zip(settings, states, strict=True)
        if has_failed(state)
    ]


def _draw_curves(run_folder: RunFolder, unit: str) -> None:
    records = run_folder.records({"stage": "training", "group": ONLY_GROUP})
    run_folder.save_figure("learning_curves", *draw_learning_curves(records, unit))


class _GroupLog:
    """Turns what happens to a group of models into records and files."""

    def __init__(
        self,
        run_folder: RunFolder,
        group: str,
        settings: Sequence[ModelSetting],
        advance: Callable[[float], None],
        loss_unit: str,
        unit: str,
    ) -> None:
        self._names = {"loss": f"loss_{loss_unit}", "mse": f"mse_{unit}", "kl_nats": "kl_nats"}
        self._run_folder, self._group, self._settings, self._advance = run_folder, group, settings, advance
        self._last = time.perf_counter()

    def epoch(self, epoch: int, metrics: list[EpochMetrics | None]) -> None:
        """A record for each model that is still learning."""
        now = time.perf_counter()
        wall, self._last = {"training/epoch_wall_seconds": now - self._last}, now
        records: list[dict[str, Any]] = []
        mirrored: dict[str, Any] = {"epoch": epoch, **wall}
        for setting, metric in zip(self._settings, metrics, strict=True):
            if metric is None:
                continue
            values = _named(metric, self._names)
            about = {"stage": "training", "group": self._group, "epoch": epoch, "model": setting.label}
            records.append(about | setting._asdict() | values | wall)
            # One model keeps the plain names, so that runs can be laid over each other.
            suffix = f"/{setting.label}" if len(self._settings) > 1 else ""
            mirrored |= {name + suffix: value for name, value in values.items()}
        self._run_folder.log(records, mirrored)
        self._advance(1)

    def failure(self, index: int, batch: FailedBatch) -> None:
        """Keep the batch that a model failed on, and say so."""
        name = f"failed_batch-{self._group}-{index}"
        path = self._run_folder.save_arrays(name, step=np.array(batch.step), rows=batch.rows, positions=batch.positions)
        say(f"{self._settings[index].label}: failed at step {batch.step}; its batch is in {path}")


def _named(metric: EpochMetrics, names: Mapping[str, str]) -> dict[str, float]:
    """One epoch's loss terms by their metric names.

    Args:
        names: from a term to its name with its unit.
    """
    parts = {"": metric.train._asdict(), "validation_": metric.validation._asdict()}
    return {
        f"training/{part}{with_unit}": float(terms[name])
        for part, terms in parts.items()
        for name, with_unit in names.items()
    }
