"""The learning rate of each kind of model, chosen on the validation set with the same budget for all."""

import shutil
from collections.abc import Sequence
from typing import Any

from lcpjax.build import build_plan
from lcpjax.config.check import changed
from lcpjax.dataset import Dataset
from lcpjax.pipeline.fit_group import fit_group
from lcpjax.pipeline.run import Run
from lcpjax.pipeline.training import learn_representation, training_data
from lcpjax.report import print_line
from lcpjax.training import ModelSetting, has_failed

_NUM_SEEDS = 2
_LENGTH_FRACTION = 4


def with_best_learning_rate(run: Run, name: str, settings: Sequence[ModelSetting], dataset: Dataset) -> Run:
    """The run with the rate of ``sweep.learning_rates`` whose models have the lowest mean validation loss.

    Models of the first two seeds of the first setting are trained with a quarter of the steps at every rate; the
    table ``learning_rates`` has them all. Without rates to choose from, the run as it is.

    Args:
        name: of the kind of model.
        settings: of the models that are to be trained.
    """
    rates = run.config.sweep.learning_rates
    if not rates:
        return run
    known: dict[str, list[dict[str, Any]]] = run.folder.info().get("learning_rates", {})
    if name not in known:
        first = [setting for setting in settings if setting._replace(seed=0) == settings[0]._replace(seed=0)]
        known[name] = [_tried(run, name, first[:_NUM_SEEDS], dataset, rate) for rate in rates]
        run.folder.add_info(learning_rates=known)
        shutil.rmtree(run.folder.path / "learning_rates", ignore_errors=True)
    best = min(known[name], key=lambda row: row["validation_loss"])
    rows = [{"variant": other} | row for other, of_variant in known.items() for row in of_variant]
    run.folder.save_table("learning_rates", rows)
    print_line(f"{name}: learning rate {best['learning_rate']:g}")
    return run.with_config(changed(run.config, {"training.learning_rate": best["learning_rate"]}))


def _tried(run: Run, name: str, settings: Sequence[ModelSetting], dataset: Dataset, rate: float) -> dict[str, Any]:
    """One row: a learning rate, its steps, and the mean validation loss of its models; inf if one failed."""
    num_epochs = max(run.config.training.num_epochs // _LENGTH_FRACTION, 1)
    shorter = run.with_config(changed(run.config, {"training.learning_rate": rate, "training.num_epochs": num_epochs}))
    plan = learn_representation(build_plan(shorter.config), dataset, run.folder)
    data = training_data(shorter, plan, dataset)
    folder = run.folder.path / "learning_rates" / name / f"{rate:g}"
    states = fit_group(shorter, plan, settings, data, f"{name}, learning rate {rate:g}", folder, is_mirrored=False)
    losses = [float("inf") if has_failed(state) else float(state.best.loss) for state in states]
    return {
        "learning_rate": rate,
        "num_steps": num_epochs * plan.steps_per_epoch(len(data.train)),
        "num_seeds": len(losses),
        "validation_loss": sum(losses) / len(losses),
    }
