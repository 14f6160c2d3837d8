"""Training of models of images."""

import jax.numpy as jnp

from lcpjax.array_types import Configurations2D, HeldOutConfigurations
from lcpjax.build import num_per_epoch
from lcpjax.config.check import changed
from lcpjax.dataset import Dataset
from lcpjax.pipeline.fit_group import TrainingData
from lcpjax.pipeline.run import Run
from lcpjax.pipeline.training import TrainingError, failures_of, train_on, trained_models
from lcpjax.report import print_line
from lcpjax.representation import OccupancyGrid
from lcpjax.trained_model import TrainedModel
from lcpjax.training import ModelSetting, TrainingPlan, has_failed

from .settings import Settings
from .variants import BEST, SLIDES, image_config, image_plan

# Epochs in which a few images are overfitted, and how many times an epoch shows each.
_OVERFITTING = {"training.num_epochs": 10, "training.kl_weight": 0.0, "training.learning_rate": 3e-3}


def train_sweep(run: Run, dataset: Dataset) -> tuple[list[TrainedModel[OccupancyGrid]], list[str]]:
    """The study's route at every number of cells but the safe one, which is trained with the remedies."""
    sizes: Settings = run.config.settings
    others = [cells for cells in sizes.route_cells if cells != sizes.safe_cells]
    return _joined([_trained(run, SLIDES, cells, dataset) for cells in others])


def train_remedies(run: Run, dataset: Dataset) -> tuple[list[TrainedModel[OccupancyGrid]], list[str]]:
    """Every model of the config, at the safe number of cells.

    Raises:
        TrainingError: none could be trained to the end.
    """
    sizes: Settings = run.config.settings
    models, failures = _joined([_trained(run, name, sizes.safe_cells, dataset) for name in sizes.models])
    if not models:
        raise TrainingError(f"training stopped: {'; '.join(failures)}")
    return models, failures


def train_overfitted(run: Run, dataset: Dataset) -> list[tuple[TrainedModel[OccupancyGrid], Dataset]]:
    """The study's network and ours overfitted to a few images, as plain autoencoders, first seed.

    Each comes with its training images as a dataset.
    """
    sizes: Settings = run.config.settings
    few = dataset.train.positions[: sizes.num_overfitted]
    part = dataset.train._replace(positions=few, gamma=dataset.train.gamma[: sizes.num_overfitted])
    overfitted = []
    for name in (SLIDES, BEST):
        epochs, batch = _OVERFITTING["training.num_epochs"], len(few)
        own = changed(image_config(run.config, name), {**_OVERFITTING, "training.batch_size": batch})
        rows = jnp.tile(few, (max(sizes.overfitting_steps // int(epochs), 1), 1, 1))
        plan = image_plan(own, name, sizes.safe_cells, len(rows))
        setting = ModelSetting(0.0, own.model.latent_dim, run.config.sweep.seeds[0])
        models, failures = _fitted(run.with_config(own), name, plan, [setting], rows, few, f"overfitted-{name}")
        if failures:
            raise TrainingError(f"training stopped: {'; '.join(failures)}")
        overfitted.append((models[0], Dataset(part, part, part, dataset.gammas)))
    return overfitted


def _trained(run: Run, name: str, cells: int, dataset: Dataset) -> tuple[list[TrainedModel[OccupancyGrid]], list[str]]:
    print_line(f"{name}, {cells} x {cells} cells")
    own = image_config(run.config, name)
    shown = dataset.train.positions[: num_per_epoch(run.config)]
    rows = jnp.tile(shown, (run.config.settings.passes_per_epoch, 1, 1))
    plan = image_plan(own, name, cells, len(rows))
    settings = [ModelSetting(own.training.kl_weight, own.model.latent_dim, seed) for seed in run.config.sweep.seeds]
    group = f"{name}-{cells}".replace("_", "-")
    try:
        return _fitted(run.with_config(own), name, plan, settings, rows, dataset.validation.positions, group)
    except TrainingError as error:
        return [], [f"{name}, {cells} cells: {error}"]


def _fitted(
    run: Run,
    name: str,
    plan: TrainingPlan[OccupancyGrid],
    settings: list[ModelSetting],
    rows: Configurations2D,
    validation: HeldOutConfigurations,
    group: str,
) -> tuple[list[TrainedModel[OccupancyGrid]], list[str]]:
    data = TrainingData(rows, validation, {"learned_from": "images of particles"}, unit="count2")
    states = train_on(run, plan, settings, data, group)
    trained = trained_models(run, plan, settings, states, name)
    models = [model for model, state in zip(trained, states, strict=True) if not has_failed(state)]
    return models, [f"{group}: {line}" for line in failures_of(settings, states)]


def _joined(
    parts: list[tuple[list[TrainedModel[OccupancyGrid]], list[str]]],
) -> tuple[list[TrainedModel[OccupancyGrid]], list[str]]:
    return [model for models, _ in parts for model in models], [line for _, lines in parts for line in lines]
