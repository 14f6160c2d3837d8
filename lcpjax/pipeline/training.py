"""Training of a group of models together, from the last checkpoint where there is one."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path

from lcpjax.build import build_system, num_per_epoch
from lcpjax.dataset import Dataset
from lcpjax.errors import OneLineError
from lcpjax.pipeline.convergence import check_convergence
from lcpjax.pipeline.fit_group import TrainingData, fit_group, hyperparameters
from lcpjax.pipeline.kept_models import KeptModels
from lcpjax.pipeline.run import Run
from lcpjax.pipeline.streaming import parted_epochs, streamed_epochs
from lcpjax.pipeline.training_log import draw_curves
from lcpjax.report import RunFolder, print_line
from lcpjax.trained_model import TrainedModel
from lcpjax.training import (
    ONLY_GROUP,
    Checkpoints,
    ModelSetting,
    TrainingPlan,
    TrainState,
    cut_state,
    has_failed,
    with_latents,
)


class TrainingError(OneLineError):
    """No model of a run could be trained to the end."""


def train_models(
    run: Run,
    plan: TrainingPlan,
    settings: Sequence[ModelSetting],
    dataset: Dataset,
    group: str = ONLY_GROUP,
) -> list[TrainState]:
    """``train_on`` the dataset's configurations, or take models that another run has kept.

    Args:
        plan: that of the run's config, and of nothing else.
    """
    data = training_data(run, plan, dataset)
    models = KeptModels.of_run(run, settings, dataset)
    if models and not run.config.restart and models.take(run.folder, group):
        print_line(f"{group}: trained before by a run of the same models; taken from {models.folder}")
    states = train_on(run, plan, settings, data, group)
    if models and not any(has_failed(state) for state in states):
        models.keep(run.folder, group)
    return states


def training_data(run: Run, plan: TrainingPlan, dataset: Dataset) -> TrainingData:
    """The dataset's configurations in the model's particle order; in an epoch all of them or a part."""
    representation = plan.representation
    validation, num_shown = representation.order(dataset.validation.positions), num_per_epoch(run.config)
    parts = parted_epochs(dataset.train.positions, num_shown, representation)
    epochs = parts if num_shown < len(dataset.train.gamma) else None
    if run.config.dataset.source == "stream":
        epochs = streamed_epochs(run.config, representation)
    return TrainingData(parts(0), validation, {"template": representation.template}, epochs=epochs)


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
    states = fit_group(run, plan, settings, data, group, run.folder.checkpoints / group)
    if all(has_failed(state) for state in states):
        raise TrainingError(
            f"training stopped: {'; '.join(failures_of(settings, states))}; batches: {run.folder.path}/failed_batch-"
            f"{group}-*.npz; last good state: {_last_state(run.folder.checkpoints / group)}"
        )
    check_convergence(run, plan, settings, states, data, group)
    if group == ONLY_GROUP:
        draw_curves(run.folder, data.unit)
    return [
        cut_state(plan, model, state, setting.latent_dim, data.train)
        for setting, model, state in zip(settings, hyperparameters(run, settings), states, strict=True)
    ]


def _last_state(folder: Path) -> str:
    """Where the parameters from before the failure are; a model that failed keeps them from then on."""
    with Checkpoints(folder) as checkpoints:
        epoch = checkpoints.latest_epoch()
    return str(folder / str(epoch)) if epoch else "as it was initialised, no checkpoint was due before"


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
