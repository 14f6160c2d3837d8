"""Names of the experiments, and their own keys."""

import dataclasses
import functools
import importlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lcpjax import experiments
from lcpjax.config.groups import Config


@dataclass(kw_only=True)
class NoSettings:
    """Settings of an experiment without keys of its own."""


def experiment_names() -> list[str]:
    """The names of all experiments."""
    folders = [Path(folder) for folder in experiments.__path__]
    return sorted(path.parent.name for folder in folders for path in folder.glob("*/experiment.py"))


@functools.cache
def config_type(experiment: str) -> type[Config]:
    """The config of an experiment: all groups, and in ``settings`` the dataclass of experiments/NAME/settings.py.

    An experiment that does not exist has no keys of its own; its name is refused where it is to be run.
    """
    own = any((Path(folder) / experiment / "settings.py").exists() for folder in experiments.__path__)
    kind = importlib.import_module(f"lcpjax.experiments.{experiment}.settings").Settings if own else NoSettings
    settings = [("settings", kind, dataclasses.field())]
    made: Any = dataclasses.make_dataclass("Config", settings, bases=(Config,), kw_only=True)
    return made
