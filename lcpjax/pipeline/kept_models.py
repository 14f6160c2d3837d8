"""Trained models that several runs share, kept in a folder by all that decides them."""

import hashlib
import json
import os
import shutil
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import jax
import numpy as np

from lcpjax.config.check import identity
from lcpjax.dataset import Dataset
from lcpjax.pipeline.run import Run
from lcpjax.report import RunFolder, print_line
from lcpjax.runtime.files import read_json, write_json
from lcpjax.training import ModelSetting

_DECIDING = ("system", "sampler", "dataset", "representation", "model", "training")
_INFO = ("convergence", "strategies")
_CHECKPOINTS, _ENTRY = "checkpoints", "models.json"


class KeptModels(NamedTuple):
    """Models of one group, wherever they are or will be kept.

    A run that takes them has them as if it had trained them itself: checkpoints,
    records of every epoch and verdicts on convergence lie in its own folder.
    """

    folder: Path
    decided_by: dict[str, Any]

    @classmethod
    def of_run(cls, run: Run, settings: Sequence[ModelSetting], dataset: Dataset) -> "KeptModels | None":
        """Those of a run's config; None where none are to be kept, or their data are new in every epoch."""
        if run.config.training.kept_models is None or run.config.dataset.source == "stream":
            return None
        values = identity(run.config)
        decided_by = {
            **{group: values[group] for group in _DECIDING},
            "models": [list(setting) for setting in settings],
            "positions": [_hash_of(part.positions) for part in (dataset.train, dataset.validation)],
            "versions": {name: version(name) for name in ("lcpjax", "jax", "flax", "optax")},
            "device": jax.local_devices()[0].device_kind,
        }
        decided_by = json.loads(json.dumps(decided_by))
        name = hashlib.sha256(json.dumps(decided_by, sort_keys=True).encode()).hexdigest()[:16]
        return cls(Path(run.config.training.kept_models).expanduser() / name, decided_by)

    def take(self, run_folder: RunFolder, group: str) -> bool:
        """Copy the models into a run's folder, unless it has begun to train them; returns whether it has them now."""
        own = run_folder.checkpoints / group
        if own.exists() or (entry := self._entry()) is None:
            return False
        about = {"stage": "training", "group": group}
        run_folder.forget(about, from_epoch=0)
        run_folder.log([record | about for record in entry["records"]], {})
        for name, said in entry["info"].items():
            run_folder.add_info(**{name: run_folder.info().get(name, {}) | {group: said}})
        _copy(self.folder / _CHECKPOINTS, own)
        return True

    def keep(self, run_folder: RunFolder, group: str) -> None:
        """Copy the models of a run that has trained them to the end; a folder that refuses costs a line."""
        if self._entry() is not None:
            return
        info = run_folder.info()
        entry = {
            "decided_by": self.decided_by,
            "commit": info.get("commit"),
            "records": run_folder.records({"stage": "training", "group": group}),
            "info": {name: info[name][group] for name in _INFO if group in info.get(name, {})},
        }
        try:
            shutil.rmtree(self.folder / _CHECKPOINTS, ignore_errors=True)
            _copy(run_folder.checkpoints / group, self.folder / _CHECKPOINTS)
            # Last: where it is, the models are whole.
            write_json(self.folder / _ENTRY, entry)
        except OSError as error:
            print_line(f"{group}: models cannot be kept ({error})")

    def _entry(self) -> dict[str, Any] | None:
        """What was kept with the models; None if there are none, or none that can be read."""
        try:
            entry = read_json(self.folder / _ENTRY)
        except (OSError, ValueError) as error:
            print_line(f"{self.folder / _ENTRY}: cannot be read ({type(error).__name__}); trained anew")
            return None
        return entry if entry is not None and entry.get("decided_by") == self.decided_by else None


def _hash_of(positions: Any) -> str:
    return hashlib.sha256(np.ascontiguousarray(positions).tobytes()).hexdigest()


def _copy(source: Path, target: Path) -> None:
    """A folder and all that is in it, complete or not at all."""
    unfinished = target.with_name(f".{target.name}.{os.getpid()}.unfinished")
    try:
        shutil.copytree(source, unfinished)
        unfinished.replace(target)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
