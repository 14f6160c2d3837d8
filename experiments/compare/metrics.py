"""Metrics that runs have in common."""

import math
from collections.abc import Sequence

from lcpjax.config.check import ConfigError
from lcpjax.errors import did_you_mean

from .finished_runs import FinishedRun

_FIRST = (
    "rate/above_entropy_nats",
    "reconstruction/mse_test_sigma2",
    "reconstruction/distance_mse_sigma2",
    "reconstruction/rmsd_of_sample_sigma",
    "rate/kl_nats",
)
MOST_SHOWN = 3
_OF_TIME = ("second", "time", "wall", "_per_", "memory")
_ERRORS = ("_error", "_sd")


def common_metrics(runs: Sequence[FinishedRun]) -> list[str]:
    """Metrics that every run has and that differ between runs; no times, which differ between equal runs."""
    shared = [name for name in runs[0].summary if all(name in run.summary for run in runs)]
    return [
        name
        for name in shared
        if not any(word in name for word in _OF_TIME) and len({run.summary[name] for run in runs}) > 1
    ]


def shown_metrics(asked: Sequence[str], common: Sequence[str]) -> list[str]:
    """The metrics of the figure: those asked for, else up to three.

    Raises:
        ConfigError: one that not every run has, or none to show.
    """
    for name in asked:
        if name not in common:
            raise ConfigError(f"settings.metrics = {name}: not in every run; {did_you_mean(name, common)}")
    if not common:
        raise ConfigError("settings.runs: the runs have no metric in common that differs")
    values = [name for name in common if not is_error(name)]
    preferred = [name for name in _FIRST if name in values]
    return list(asked) or [*preferred, *(name for name in values if name not in preferred)][:MOST_SHOWN]


def is_error(name: str) -> bool:
    """Whether a metric is the error of another."""
    return any(f"{ending}_" in name or name.endswith(ending) for ending in _ERRORS)


def error_of(run: FinishedRun, metric: str) -> float:
    """Error of a run's metric, standard error or standard deviation over seeds; nan if the run has none.

    >>> from pathlib import Path
    >>> error_of(FinishedRun(Path(), {}, {"a/b_nats/x": 1.0, "a/b_error_nats/x": 0.1}), "a/b_nats/x")
    0.1
    """
    quantity, *of = metric.split("/")[1:2] + metric.split("/")[2:]
    stem, _, unit = quantity.rpartition("_")
    names = ["/".join([metric.split("/")[0], f"{stem}{ending}_{unit}", *of]) for ending in _ERRORS]
    return next((run.summary[name] for name in names if name in run.summary), math.nan)
