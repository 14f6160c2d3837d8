"""Help on one experiment: its question, its time, its own keys."""

import dataclasses
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from lcpjax import experiments
from lcpjax.config.check import ConfigError, key_types
from lcpjax.config.experiments import config_type, experiment_names
from lcpjax.config.presets import CONF
from lcpjax.errors import did_you_mean


def experiment_help(name: str) -> str:
    """What ``--help experiment=NAME`` prints.

    Raises:
        ConfigError: no such experiment.
    """
    if name not in (names := experiment_names()):
        raise ConfigError(f"experiment = {name}: {did_you_mean(name, names)}")
    lines = [f"{name}: {experiments.question_of(name)}", "", f"  python -m lcpjax.run +experiment={name}"]
    if time := time_of(name):
        lines.append(f"  {time} on two CPU cores; with +scale=smoke seconds, to see that it works")
    keys = list(_own_keys(name))
    head = "Its own keys, with their values (KEY=VALUE on the command line changes one):" if keys else "No own keys."
    last = "All other keys: python -m lcpjax.run --help, or --cfg job with +experiment in front."
    return "\n".join([*lines, "", head, *keys, "", last])


def _own_keys(name: str) -> Iterator[str]:
    """Two lines a key: its value; its type, range and unit, and what it is."""
    text = (CONF / "experiment" / f"{name}.yaml").read_text(encoding="utf-8")
    values = yaml.safe_load(text)
    types = key_types(name)
    (settings,) = (field for field in dataclasses.fields(config_type(name)) if field.name == "settings")
    kind: Any = settings.type
    for field in dataclasses.fields(kind):
        key = f"settings.{field.name}"
        allowed = field.metadata.get("allowed") or ", ".join(field.metadata.get("names", ()))
        said = re.search(rf"^ +{field.name}:.*?\s# (.+)$", text, re.MULTILINE)
        parts = [types[key], str(allowed), said.group(1) if said else ""]
        yield f"  {key}={_written(values.get('settings', {}).get(field.name))}"
        yield f"      {'; '.join(part for part in parts if part)}"


def _written(value: Any) -> str:
    text = yaml.safe_dump(value, default_flow_style=True, width=10_000).strip()
    return text.removesuffix("...").strip().replace(", ", ",")


def time_of(name: str) -> str:
    """How long it takes, as the list of all experiments has it; "" if that is not installed."""
    for folder in experiments.__path__:
        page = Path(folder) / "README.md"
        rows = page.read_text(encoding="utf-8").splitlines() if page.is_file() else []
        for row in rows:
            if row.startswith(f"| [{name}]("):
                return row.strip("| ").rpartition("|")[2].strip()
    return ""
