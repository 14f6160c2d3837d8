"""Trained models that several runs share, kept in a folder by all that decides them."""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import jax
import numpy as np

from lcpjax.config.check import identity
from lcpjax.dataset import Dataset
from lcpjax.pipeline.run import Run
from lcpjax.report import RunFolder, print_line
from lcpjax.runtime.checksums import hashes_of_files
from lcpjax.runtime.files import read_json, write_json
from lcpjax.runtime.processes import num_processes
from lcpjax.runtime.versions import package_version, source_hash
from lcpjax.training import ModelSetting

_DECIDING = ("system", "sampler", "dataset", "representation", "model", "training")
_PACKAGES = ("jax", "jaxlib", "flax", "optax")
# Of the sampler it is the positions that count, and they are hashed themselves.
_SOURCES = ("build", "dataset", "model", "representation", "system", "training")
_INFO = ("convergence", "strategies")
_CHECKPOINTS, _ENTRY = "checkpoints", "models.json"


class KeptModels(NamedTuple):
    """Models of one group, wherever they are or will be kept.

    A run that takes them has them as if it had trained them itself: checkpoints,
    the records of their epochs and the verdicts on convergence lie in its own folder.
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
            "strategy": run.config.sweep.strategy,
            "positions": [_hash_of(part.positions) for part in (dataset.train, dataset.validation)],
            "source": source_hash(_SOURCES),
            "versions": {name: package_version(name) for name in _PACKAGES},
            "device": [jax.local_devices()[0].device_kind, os.environ.get("XLA_FLAGS", "")],
            # Other numbers of devices add up batches in other orders.
            **({"processes": [num_processes(), jax.device_count()]} if num_processes() > 1 else {}),
        }
        decided_by = json.loads(json.dumps(decided_by))
        name = hashlib.sha256(json.dumps(decided_by, sort_keys=True).encode()).hexdigest()[:16]
        return cls(Path(run.config.training.kept_models).expanduser() / name, decided_by)

    def take(self, run_folder: RunFolder, group: str) -> bool:
        """Copy the models into a run's folder, unless it has begun to train them; returns whether it did.

        What is damaged costs a line, and the run trains.
        """
        own = run_folder.checkpoints / group
        if own.exists() or (entry := self._entry()) is None:
            return False
        # Not among the checkpoints, where a kill would leave half a group.
        unfinished = run_folder.path / ".taken.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        try:
            shutil.copytree(self.folder / _CHECKPOINTS, unfinished)
            if hashes_of_files(unfinished) != entry["files"]:
                raise OSError("its files are not those that were kept")
        except OSError as error:
            shutil.rmtree(unfinished, ignore_errors=True)
            print_line(f"{self.folder}: cannot be read ({error}); {group} is trained anew")
            return False
        about = {"stage": "training", "group": group}
        run_folder.forget(about, from_epoch=0)
        run_folder.log([record | about for record in entry["records"]], {})
        for name, said in entry["info"].items():
            run_folder.add_info(**{name: run_folder.info().get(name, {}) | {group: said}})
        run_folder.checkpoints.mkdir(exist_ok=True)
        unfinished.replace(own)
        return True

    def keep(self, run_folder: RunFolder, group: str) -> None:
        """Copy the models of a run that has trained them to the end; a folder that refuses costs a line.

        Two runs may keep the same ones at once: the first one counts.
        """
        if self._entry() is not None:
            return
        try:
            self.folder.parent.mkdir(parents=True, exist_ok=True)
            unfinished = Path(tempfile.mkdtemp(dir=self.folder.parent, prefix=".", suffix=".unfinished"))
        except OSError as error:
            print_line(f"{group}: models cannot be kept ({error})")
            return
        try:
            shutil.copytree(run_folder.checkpoints / group, unfinished / _CHECKPOINTS)
            write_json(unfinished / _ENTRY, self._content(run_folder, group, unfinished / _CHECKPOINTS))
            if self.folder.exists() and self._entry() is None:
                self.folder.rename(unfinished.with_suffix(".damaged"))
            unfinished.replace(self.folder)
        except OSError as error:
            if self._entry() is None:
                print_line(f"{group}: models cannot be kept ({error})")
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)

    def _content(self, run_folder: RunFolder, group: str, checkpoints: Path) -> dict[str, Any]:
        info = run_folder.info()
        return {
            "decided_by": self.decided_by,
            "commit": info.get("commit"),
            "records": run_folder.records({"stage": "training", "group": group}),
            "info": {name: info[name][group] for name in _INFO if group in info.get(name, {})},
            "files": hashes_of_files(checkpoints),
        }

    def _entry(self) -> dict[str, Any] | None:
        """What was kept with the models; None if there are none, or none that can be read."""
        try:
            entry = read_json(self.folder / _ENTRY)
            return None if entry is None or entry["decided_by"] != self.decided_by else entry
        except (OSError, ValueError, KeyError, TypeError) as error:
            print_line(f"{self.folder / _ENTRY}: cannot be read ({type(error).__name__}); trained anew")
            return None


def _hash_of(positions: Any) -> str:
    return hashlib.sha256(np.ascontiguousarray(positions).tobytes()).hexdigest()
