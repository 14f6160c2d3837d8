"""One group of models trained together, from the last checkpoint where there is one."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from lcpjax.array_types import HeldOutRows, TrainingRows
from lcpjax.config.check import plain
from lcpjax.pipeline.run import Run
from lcpjax.pipeline.training_log import GroupLog
from lcpjax.report import RunFolder, RunFolderError, print_line, progress
from lcpjax.runtime.checksums import hash_of_values
from lcpjax.runtime.interruption import deferred, stop_requested
from lcpjax.runtime.processes import num_processes
from lcpjax.training import (
    BATCHES,
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
    fit,
    padded_state,
    strategy_of_device,
)

# Of the records in metrics.jsonl, in what checkpoints say.
_RECORDS = "records_sha256"


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


def fit_group(
    run: Run,
    plan: TrainingPlan,
    settings: Sequence[ModelSetting],
    data: TrainingData,
    group: str,
    folder: Path,
    *,
    is_mirrored: bool = True,
) -> list[TrainState]:
    """All models of a group after their last epoch, each with as many latents as the plan's model.

    Args:
        group: names their records.
        folder: of their checkpoints.
        is_mirrored: whether W&B sees them; False for trainings that only serve others.

    Raises:
        Interrupted: a signal ended it at an epoch, which is in the checkpoints.
        RunFolderError: the records of epochs before the checkpoint are lost or changed.
    """
    models = hyperparameters(run, settings)
    states = [
        padded_state(plan, model, setting.latent_dim, data.train)
        for model, setting in zip(models, settings, strict=True)
    ]
    description = {
        "config": plain(run.config),
        "models": [setting._asdict() for setting in settings],
        **data.description,
    }
    with (
        deferred(),
        Checkpoints(folder) as checkpoints,
        run.folder.stage("training"),
        progress("training", plan.num_epochs, "epochs") as advance,
    ):
        for line in checkpoints.set_damaged_aside():
            print_line(line)
        about = {"stage": "training", "group": group}
        first_epoch = checkpoints.latest_epoch()
        # Those of later epochs, which are trained again.
        run.folder.forget(about, from_epoch=first_epoch)
        if first_epoch:
            states = checkpoints.restore_latest(states)
            expect_records(run.folder, about, checkpoints.config().get(_RECORDS))
        advance(first_epoch)
        strategy = build_strategy(strategy_of_run(run, len(models), group), plan, models)
        log = GroupLog(run.folder, group, settings, advance, loss_unit(plan, data), data.unit, is_mirrored=is_mirrored)
        callbacks = Callbacks(
            on_epoch=log.epoch,
            on_checkpoint=lambda done, states: checkpoints.save(
                done, states, description | {_RECORDS: hash_of_records(run.folder, about)}
            ),
            on_failure=log.failure,
            stop=stop_requested,
        )
        rows, checkpoint_every = data.epochs or data.train, run.config.training.epochs_per_checkpoint
        return fit(strategy, states, rows, data.validation, callbacks, checkpoint_every, first_epoch)


def hash_of_records(folder: RunFolder, about: dict[str, Any]) -> str:
    """Of the group's records so far; its name apart, for a run may take them from one that names it otherwise."""
    return hash_of_values([record | {"group": ""} for record in folder.records(about)])


def expect_records(folder: RunFolder, about: dict[str, Any], expected: str | None) -> None:
    """Raise unless metrics.jsonl holds what it held when a checkpoint was saved; earlier versions kept no hash of it.

    Raises:
        RunFolderError: a record was lost or changed since.
    """
    if expected not in (None, hash_of_records(folder, about)):
        raise RunFolderError(
            f"{folder.path / 'metrics.jsonl'}: its records of {about['group']} are not those that were written before "
            "the last checkpoint; restart=true sets the folder aside and makes it anew"
        )


def hyperparameters(run: Run, settings: Sequence[ModelSetting]) -> list[Hyperparameters]:
    """Those of each model, on the device."""
    rate = run.config.training.learning_rate
    return [Hyperparameters.on_device(each.kl_weight, rate, each.seed, each.latent_dim) for each in settings]


def loss_unit(plan: TrainingPlan, data: TrainingData) -> str:
    """Unit of the loss, by its name in metrics."""
    if plan.objective.pixels.weighs:
        return "weighed_nats"
    return "nats" if plan.model.likelihood.is_learned else data.unit


def strategy_of_run(run: Run, num_models: int, group: str = ONLY_GROUP) -> str:
    """The strategy asked for or that of the device; a resumed run keeps its own, so that it resumes exactly.

    In several processes it is always ``batches``, from where such a run goes on.
    """
    if run.config.sweep.strategy != "auto":
        return run.config.sweep.strategy
    recorded = run.folder.info().get("strategies", {})
    # Earlier versions had a third one.
    is_known = group in recorded and recorded[group]["strategy"] in STRATEGIES
    if not is_known or (num_processes() > 1 and recorded[group]["strategy"] != BATCHES):
        recorded[group] = {"strategy": strategy_of_device(num_models)}
        run.folder.add_info(strategies=recorded)
        if num_models > 1:
            print_line(f"{num_models} models train by {recorded[group]['strategy']}")
    return recorded[group]["strategy"]
