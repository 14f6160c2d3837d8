"""Training of a group of models together, from the last checkpoint where there is one."""

import dataclasses
from collections.abc import Sequence
from typing import Any, NamedTuple

from lcpjax.array_types import HeldOutRows, TrainingRows
from lcpjax.build import build_system, num_per_epoch
from lcpjax.config.check import plain
from lcpjax.dataset import Dataset
from lcpjax.errors import OneLineError
from lcpjax.pipeline.run import Run
from lcpjax.pipeline.streaming import parted_epochs, streamed_epochs
from lcpjax.pipeline.training_log import GroupLog, draw_curves
from lcpjax.report import RunFolder, print_line, progress
from lcpjax.runtime.interruption import deferred, stop_requested
from lcpjax.trained_model import TrainedModel
from lcpjax.training import (
    ONLY_GROUP,
    STRATEGIES,
    Callbacks,
    Checkpoints,
    EpochData,
    Hyperparameters,
    ModelSetting,
    TrainingPlan,
    TrainState,
    build_strategy,
    cut_state,
    fit,
    has_failed,
    padded_state,
    strategy_of_device,
    with_latents,
)


class TrainingError(OneLineError):
    """No model of a run could be trained to the end."""


class TrainingData(NamedTuple):
    """Data of a group of models."""

    train: TrainingRows
    validation: HeldOutRows
    description: dict[str, Any]
    """What checkpoints say of them."""
    unit: str = "sigma2"
    """Of squared errors."""
    epochs: EpochData | None = None
    """From an epoch to its rows; None: ``train`` in every one."""


def train_models(
    run: Run,
    plan: TrainingPlan,
    settings: Sequence[ModelSetting],
    dataset: Dataset,
    group: str = ONLY_GROUP,
) -> list[TrainState]:
    """``train_on`` the dataset's configurations, in the model's particle order; all of them in an epoch or a part."""
    representation = plan.representation
    validation, num_shown = representation.order(dataset.validation.positions), num_per_epoch(run.config)
    parts = parted_epochs(dataset.train.positions, num_shown, representation)
    epochs = parts if num_shown < len(dataset.train.gamma) else None
    if run.config.dataset.source == "stream":
        epochs = streamed_epochs(run.config, representation)
    data = TrainingData(parts(0), validation, {"template": representation.template}, epochs=epochs)
    return train_on(run, plan, settings, data, group)


def train_on(
    run: Run,
    plan: TrainingPlan,
    settings: Sequence[ModelSetting],
    data: TrainingData,
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
    plan = with_latents(plan, max(setting.latent_dim for setting in settings))
    rate, latent_dims = run.config.training.learning_rate, [setting.latent_dim for setting in settings]
    models = [Hyperparameters.on_device(each.kl_weight, rate, each.seed, each.latent_dim) for each in settings]
    states = [padded_state(plan, model, dim, data.train) for model, dim in zip(models, latent_dims, strict=True)]
    description = {
        "config": plain(run.config),
        "models": [setting._asdict() for setting in settings],
        **data.description,
    }
    with (
        deferred(),
        Checkpoints(run.folder.checkpoints / group) as checkpoints,
        run.folder.stage("training"),
        progress("training", plan.num_epochs, "epochs") as advance,
    ):
        first_epoch = checkpoints.latest_epoch()
        # Those of later epochs, which are trained again.
        run.folder.forget({"stage": "training", "group": group}, from_epoch=first_epoch)
        states = checkpoints.restore_latest(states) if first_epoch else states
        advance(first_epoch)
        strategy = build_strategy(strategy_of_run(run, len(models), group), plan, models)
        log = GroupLog(run.folder, group, settings, advance, _loss_unit(plan, data), data.unit)
        callbacks = Callbacks(
            on_epoch=log.epoch,
            on_checkpoint=lambda done, states: checkpoints.save(done, states, description),
            on_failure=log.failure,
            stop=stop_requested,
        )
        rows, checkpoint_every = data.epochs or data.train, run.config.training.epochs_per_checkpoint
        states = fit(strategy, states, rows, data.validation, callbacks, checkpoint_every, first_epoch)
    if all(has_failed(state) for state in states):
        raise TrainingError(f"training stopped: {'; '.join(failures_of(settings, states))}")
    if group == ONLY_GROUP:
        draw_curves(run.folder, data.unit)
    return [
        cut_state(plan, model, state, dim, data.train)
        for model, state, dim in zip(models, states, latent_dims, strict=True)
    ]


def _loss_unit(plan: TrainingPlan, data: TrainingData) -> str:
    if plan.objective.pixels.weighs:
        return "weighed_nats"
    return "nats" if plan.model.likelihood.is_learned else data.unit


def strategy_of_run(run: Run, num_models: int, group: str = ONLY_GROUP) -> str:
    """The strategy asked for or that of the device; a resumed run keeps its own, so that it resumes exactly."""
    if run.config.sweep.strategy != "auto":
        return run.config.sweep.strategy
    recorded = run.folder.info().get("strategies", {})
    # Earlier versions had a third one.
    if group not in recorded or recorded[group]["strategy"] not in STRATEGIES:
        recorded[group] = {"strategy": strategy_of_device(num_models)}
        run.folder.add_info(strategies=recorded)
        if num_models > 1:
            print_line(f"{num_models} models train by {recorded[group]['strategy']}")
    return recorded[group]["strategy"]


def failures_of(settings: Sequence[ModelSetting], states: Sequence[TrainState]) -> list[str]:
    """One line for each model that failed."""
    return [
        f"{setting.label}: the loss or gradient of step {int(state.failed_step)} was not finite"
        for setting, state in zip(settings, states, strict=True)
        if has_failed(state)
    ]


def trained_models(
    run: Run, plan: TrainingPlan, settings: Sequence[ModelSetting], states: Sequence[TrainState], name: str = ONLY_GROUP
) -> list[TrainedModel]:
    """The models of a group, each with its best parameters, failed ones too.

    Args:
        plan: that they were trained by.
        name: of their kind.
    """
    system = build_system(run.config)
    return [
        TrainedModel(
            name=name,
            model=with_latents(plan, setting.latent_dim).model,
            representation=plan.representation,
            variables=state.best.variables,
            setting=setting,
            system=system,
            batch_size=plan.evaluation_batch_size,
            masks=plan.masks,
        )
        for setting, state in zip(settings, states, strict=True)
    ]


def learn_representation(plan: TrainingPlan, dataset: Dataset, run_folder: RunFolder) -> TrainingPlan:
    """The plan with its template learned, if its ordering has one; a resumed run keeps its own."""
    representation = plan.representation
    if not representation.lacks_template:
        return plan
    kept = run_folder.info().get("template")
    if kept is None:
        with run_folder.stage("representation"):
            representation = representation.learn(dataset.train.positions)
        run_folder.add_info(template=representation.template)
    else:
        representation = dataclasses.replace(representation, template=tuple(tuple(place) for place in kept))
    return dataclasses.replace(plan, representation=representation)
