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
_ERRORS = ("_error", "_standard_error", "_sd")


def common_metrics(runs: Sequence[FinishedRun]) -> list[str]:
    """Metrics that every run has as a finite number; no times, which differ between equal runs."""
    return [
        name
        for name in runs[0].summary
        if all(math.isfinite(run.summary.get(name, math.nan)) for run in runs)
        and not any(word in name for word in _OF_TIME)
    ]


def shown_metrics(asked: Sequence[str], runs: Sequence[FinishedRun]) -> list[str]:
    """The metrics of the figure: those asked for, else up to three in which the runs differ.

    Raises:
        ConfigError: one that not every run has, or none to show.
    """
    common = common_metrics(runs)
    for name in asked:
        if name not in common:
            raise ConfigError(
                f"settings.metrics = {name}: not a finite number in every run; {did_you_mean(name, common)}"
            )
    differing = [name for name in common if len({run.summary[name] for run in runs}) > 1 and not is_error(name, common)]
    preferred = [name for first in _FIRST for name in differing if name == first or name.startswith(f"{first}/")]
    shown = list(asked) or list(dict.fromkeys([*preferred, *differing]))[:MOST_SHOWN]
    if not shown:
        raise ConfigError("settings.runs: the runs have no metric in common that differs")
    return shown


def is_error(name: str, names: Sequence[str]) -> bool:
    """Whether a metric is the error of another one of these.

    >>> is_error("a/b_sd_nats/x", ["a/b_nats/x"]), is_error("a/b_sd_nats/x", ["a/c_nats/x"])
    (True, False)
    """
    return any(name in error_names(other) for other in names)


def error_of(run: FinishedRun, metric: str) -> float:
    """Error of a run's metric, standard error or standard deviation over seeds; nan if the run has none."""
    return next((run.summary[name] for name in error_names(metric) if name in run.summary), math.nan)


def error_names(metric: str) -> list[str]:
    """Names that the error of a metric may have.

    >>> error_names("a/b_nats/x")
    ['a/b_error_nats/x', 'a/b_standard_error_nats/x', 'a/b_sd_nats/x']
    """
    stage, _, rest = metric.partition("/")
    quantity, *of = rest.split("/")
    stem, _, unit = quantity.rpartition("_")
    return ["/".join([stage, f"{stem}{ending}_{unit}", *of]) for ending in _ERRORS]


def of_different_quantities(runs: Sequence[FinishedRun], metrics: Sequence[str]) -> str:
    """Why metrics of one name are no quantities of one kind; "" where they are.

    The test MSE is over the entries of what a model sees: squares of distances, or of coordinates.
    """
    seen = sorted({str(run.keys.get("representation.name", "")) for run in runs} - {""})
    if len(seen) < 2 or not any("/mse_test" in name for name in metrics):
        return ""
    return (
        f"test MSE is the error of what a model sees, here of {' and of '.join(seen)}: these do not compare; take "
        "settings.metrics=[reconstruction/distance_mse_sigma2] where all runs have it"
    )
