"""Models of several kinds in one run: each variant is the run's config with some keys changed."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from lcpjax.build import build_plan
from lcpjax.config import Config
from lcpjax.config.check import ConfigError, changed
from lcpjax.dataset import Dataset
from lcpjax.errors import did_you_mean
from lcpjax.pipeline.bounds import Bounds, learn_bounds, linear_rows
from lcpjax.pipeline.metrics import measured_rows
from lcpjax.pipeline.run import Run
from lcpjax.pipeline.training import failures_of, learn_representation, train_models, trained_models
from lcpjax.report import print_line
from lcpjax.training import ModelSetting, TrainingPlan, TrainState


class Variant(NamedTuple):
    """One kind of model."""

    name: str
    """Also of its checkpoints; letters, digits, hyphens."""
    changes: Mapping[str, Any]
    """Values by dotted key of the config."""


class VariantResult(NamedTuple):
    """Models of a variant and their metrics."""

    plan: TrainingPlan
    states: list[TrainState]
    bounds: Bounds
    rows: list[dict[str, Any]]
    """One a model, beginning with the variant's name, with linear PCA of as many components."""
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


def run_variant(run: Run, variant: Variant, settings: Sequence[ModelSetting], dataset: Dataset) -> VariantResult:
    """All models of a variant, trained and measured."""
    print_line(variant.name)
    run_of_variant = run.with_config(changed(run.config, variant.changes))
    plan = learn_representation(build_plan(run_of_variant.config), dataset, run.folder)
    bounds = learn_bounds(run_of_variant, plan, dataset)
    dims = list(dict.fromkeys(setting.latent_dim for setting in settings))
    linear = linear_rows(plan, dataset, bounds, dims)
    states = train_models(run_of_variant, plan, settings, dataset, group=variant.name)
    models = trained_models(run, plan, settings, states, variant.name)
    rows = [{"variant": variant.name, **row} for row in measured_rows(models, states, dataset, bounds, linear)]
    failures = [f"{variant.name}: {line}" for line in failures_of(settings, states)]
    return VariantResult(plan, states, bounds, rows, failures)
