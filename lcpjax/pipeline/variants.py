"""Models of several kinds in one run: each case is the run's config with some keys changed."""

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
    """Of its checkpoints; letters, digits, hyphens."""
    changes: Mapping[str, Any]
    """Values by dotted key of the config."""


class VariantResult(NamedTuple):
    """What came of a case."""

    plan: TrainingPlan
    states: list[TrainState]
    bounds: Bounds
    rows: list[dict[str, Any]]
    """One a model, beginning with the case's name; linear PCA with as many components in it."""
    failures: list[str]


def check_names(key: str, names: Sequence[str], known: Iterable[str]) -> None:
    """Refuse names that an experiment does not know.

    Raises:
        ConfigError: the first of them, and what is near it.
    """
    for name in names:
        if name not in known:
            raise ConfigError(f"{key} = {name}: {did_you_mean(name, known)}")


def check_variants(config: Config, cases: Sequence[Variant]) -> None:
    """Build every case once and throw it away.

    Raises:
        ConfigError: the first that cannot be built.
    """
    for case in cases:
        build_plan(changed(config, case.changes))


def run_variant(run: Run, case: Variant, settings: Sequence[ModelSetting], dataset: Dataset) -> VariantResult:
    """All models of a case, trained and measured."""
    print_line(case.name)
    own = changed(run.config, case.changes)
    plan = learn_representation(build_plan(own), dataset, run.folder)
    bounds = learn_bounds(run.with_config(own), plan, dataset)
    dims = list(dict.fromkeys(setting.latent_dim for setting in settings))
    linear = linear_rows(plan, dataset, bounds, dims)
    states = train_models(run.with_config(own), plan, settings, dataset, group=case.name)
    models = trained_models(run, plan, settings, states, case.name)
    rows = [{"case": case.name, **row} for row in measured_rows(models, states, dataset, bounds, linear)]
    failures = [f"{case.name}: {line}" for line in failures_of(settings, states)]
    return VariantResult(plan, states, bounds, rows, failures)
