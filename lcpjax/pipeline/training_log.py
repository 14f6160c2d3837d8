"""Records of a group of models in training, and their learning curves."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from lcpjax.report import RunFolder, print_line
from lcpjax.report.figures.learning_curves import draw_learning_curves
from lcpjax.training import ONLY_GROUP, EpochMetrics, FailedBatch, ModelSetting


def draw_curves(run_folder: RunFolder, unit: str) -> None:
    """The learning curves of a run's only group.

    Args:
        unit: of squared errors.
    """
    records = run_folder.records({"stage": "training", "group": ONLY_GROUP})
    rows = run_folder.info().get("convergence", {}).get(ONLY_GROUP, [])
    converged = {ModelSetting(*(row[name] for name in ModelSetting._fields)).label: row["is_converged"] for row in rows}
    run_folder.save_figure(
        "learning_curves",
        *draw_learning_curves(records, unit, converged=converged),
        caption=(
            "Error and KL over the epochs of training, a line for each model; the error solid for the validation "
            "set, dotted for the training set. An open circle ends the curve of a model that has not converged."
        ),
    )


class GroupLog:
    """Callbacks of a group's training that write records and files."""

    def __init__(
        self,
        run_folder: RunFolder,
        group: str,
        settings: Sequence[ModelSetting],
        advance: Callable[[float], None],
        loss_unit: str,
        unit: str,
        *,
        is_mirrored: bool = True,
    ) -> None:
        self._names = {"loss": f"loss_{loss_unit}", "mse": f"mse_{unit}", "kl_nats": "kl_nats"}
        self._run_folder, self._group, self._settings, self._advance = run_folder, group, settings, advance
        self._is_mirrored = is_mirrored
        self._last = time.perf_counter()

    def epoch(self, epoch: int, metrics: list[EpochMetrics | None]) -> None:
        """A record for each model that is still learning."""
        now = time.perf_counter()
        wall, self._last = {"training/epoch_wall_seconds": now - self._last}, now
        records: list[dict[str, Any]] = []
        mirrored: dict[str, Any] = {"epoch": epoch, **wall}
        for setting, metric in zip(self._settings, metrics, strict=True):
            if metric is None:
                continue
            values = _named(metric, self._names)
            ids = {"stage": "training", "group": self._group, "epoch": epoch, "model": setting.label}
            records.append(ids | setting._asdict() | values | wall)
            # One model keeps the plain names, so that runs can be compared.
            suffix = f"/{setting.label}" if len(self._settings) > 1 else ""
            mirrored |= {name + suffix: value for name, value in values.items()}
        self._run_folder.log(records, mirrored if self._is_mirrored else {})
        self._advance(1)

    def failure(self, index: int, batch: FailedBatch) -> None:
        """Keep the batch that a model failed on, and say so."""
        name = f"failed_batch-{self._group}-{index}"
        path = self._run_folder.save_arrays(name, step=np.array(batch.step), rows=batch.rows, positions=batch.positions)
        print_line(f"{self._settings[index].label}: failed at step {batch.step}; its batch is in {path}")


def _named(metric: EpochMetrics, names: Mapping[str, str]) -> dict[str, float]:
    """One epoch's loss terms by their metric names.

    Args:
        names: from a term to its name with its unit.
    """
    splits = {"": metric.train._asdict(), "validation_": metric.validation._asdict()}
    return {
        f"training/{split}{with_unit}": float(terms[name])
        for split, terms in splits.items()
        for name, with_unit in names.items()
    }
