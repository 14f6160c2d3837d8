"""Models of several kinds in one run: each variant is the run's config with some keys changed."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from lcpjax.build import build_plan
from lcpjax.config import Config
from lcpjax.config.check import ConfigError, changed
from lcpjax.dataset import Dataset
from lcpjax.errors import did_you_mean
from lcpjax.pipeline.bounds import Bounds, learn_bounds, linear_rows
from lcpjax.pipeline.convergence import convergence_columns
from lcpjax.pipeline.learning_rates import with_best_learning_rate
from lcpjax.pipeline.metrics import kl_per_latent_rows, measured_rows
from lcpjax.pipeline.run import Run
from lcpjax.pipeline.training import failures_of, learn_representation, train_models, trained_models
from lcpjax.report import print_line
from lcpjax.trained_model import TrainedModel
from lcpjax.training import ONLY_GROUP, ModelSetting, TrainingPlan, TrainState


class Variant(NamedTuple):
    """One kind of model."""

    name: str
    """Also of its checkpoints; letters, digits, hyphens."""
    changes: Mapping[str, Any]
    """Values by dotted key of the config."""


class MeasuredModels(NamedTuple):
    """Models of one plan and their metrics."""

    plan: TrainingPlan
    models: list[TrainedModel]
    states: list[TrainState]
    bounds: Bounds
    linear: list[dict[str, Any]]
    """Rows of linear PCA: the mean alone, then as many components as the models have latents."""
    rows: list[dict[str, Any]]
    """One a model, beginning with the variant's name if it is one."""
    failures: list[str]


def check_names(key: str, names: Sequence[str], known: Iterable[str]) -> None:
    """Refuse names that an experiment does not know.

    Raises:
        ConfigError: the first of them, with similar names.
    """
    for name in names:
        if name not in known:
            raise ConfigError(f"{key} = {name}: {did_you_mean(name, known)}")


def check_variants(config: Config, variants: Sequence[Variant]) -> None:
    """Refuse variants that cannot be built.

    Raises:
        ConfigError: the first of them.
    """
    for variant in variants:
        build_plan(changed(config, variant.changes))


def train_and_measure(
    run: Run, settings: Sequence[ModelSetting], dataset: Dataset, group: str = ONLY_GROUP
) -> MeasuredModels:
    """All models of the run's config, trained and measured.

    Args:
        group: of their checkpoints, and their name.
    """
    plan = learn_representation(build_plan(run.config), dataset, run.folder)
    bounds = learn_bounds(run, plan, dataset)
    linear = linear_rows(plan, dataset, bounds, list(dict.fromkeys(setting.latent_dim for setting in settings)))
    states = train_models(run, plan, settings, dataset, group)
    models = trained_models(run, plan, settings, states, group)
    rows = [
        row | convergence_columns(run.folder, group, setting)
        for row, setting in zip(measured_rows(models, states, dataset, bounds, linear), settings, strict=True)
    ]
    return MeasuredModels(plan, models, states, bounds, linear, rows, failures_of(settings, states))


def run_variant(run: Run, variant: Variant, settings: Sequence[ModelSetting], dataset: Dataset) -> MeasuredModels:
    """All models of a variant, trained at the best of ``sweep.learning_rates`` and measured."""
    print_line(variant.name)
    own = run.with_config(changed(run.config, variant.changes))
    own = with_best_learning_rate(own, variant.name, settings, dataset)
    result = train_and_measure(own, settings, dataset, variant.name)
    return result._replace(
        rows=[{"variant": variant.name, **row} for row in result.rows],
        failures=[f"{variant.name}: {line}" for line in result.failures],
    )


def save_measured(run: Run, name: str, result: MeasuredModels, dataset: Dataset) -> None:
    """The tables of the models, of their latents, and of linear PCA."""
    run.folder.save_table(name, result.rows)
    if per_latent := kl_per_latent_rows(result.models, result.states, dataset):
        run.folder.save_table("kl_per_latent", per_latent)
    run.folder.save_table("linear_pca", result.linear[1:])
