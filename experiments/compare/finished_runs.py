"""Finished runs, and what tells them apart."""

import glob
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from lcpjax.config.check import ConfigError, deciding_values
from lcpjax.runtime.files import read_json, read_text

FEWEST = 2


class FinishedRun(NamedTuple):
    """One run folder."""

    folder: Path
    keys: dict[str, Any]
    """Values of its config by dotted key, less those that change no result."""
    summary: dict[str, float]


def folders_of(patterns: Sequence[str]) -> list[Path]:
    """The folders that are named or matched, in the order in which they are named; those set aside are left out.

    Raises:
        ConfigError: a pattern without a finished run, or fewer than two runs in all.
    """
    found: dict[Path, None] = {}
    for pattern in patterns:
        # A folder may have a name that would be a pattern.
        there = Path(pattern).expanduser()
        matched = [there] if there.exists() else sorted(map(Path, glob.glob(str(there))))
        finished = [path for path in matched if (path / "summary.json").is_file() and ".set-aside" not in path.name]
        if not finished:
            raise ConfigError(f"settings.runs = {pattern}: no folder of a finished run, one with summary.json")
        found |= dict.fromkeys(finished)
    if len(found) < FEWEST:
        raise ConfigError(f"settings.runs: {len(found)} finished run(s); a comparison takes at least {FEWEST}")
    return list(found)


def read_run(folder: Path) -> FinishedRun:
    """What a run folder holds.

    Raises:
        ConfigError: its config or summary cannot be read.
    """
    try:
        config = deciding_values(yaml.safe_load(read_text(folder / "config.yaml")))
        summary = {name: float(value) for name, value in read_json(folder / "summary.json").items()}
    except (OSError, ValueError, TypeError, AttributeError, yaml.YAMLError) as error:
        raise ConfigError(f"settings.runs = {folder}: cannot be read ({' '.join(str(error).split())})") from None
    return FinishedRun(folder, dict(_leaves(config)), summary)


def differing_keys(runs: Sequence[FinishedRun]) -> list[str]:
    """Keys whose values are not the same in all runs; one that a run lacks differs."""
    names = dict.fromkeys(name for run in runs for name in run.keys)
    return [name for name in names if any(run.keys.get(name) != runs[0].keys.get(name) for run in runs)]


def labels_of(runs: Sequence[FinishedRun], keys: Sequence[str]) -> list[str]:
    """A name for each run: what it has of its own, else the name of its folder."""
    said = [", ".join(f"{key.rpartition('.')[2]} = {run.keys.get(key, '-')}" for key in keys) for run in runs]
    return [
        label if label and said.count(label) == 1 and len(label) <= _LONGEST else run.folder.name
        for label, run in zip(said, runs, strict=True)
    ]


_LONGEST = 60


def _leaves(values: Mapping[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    leaves = []
    for name, value in values.items():
        leaves += _leaves(value, f"{prefix}{name}.") if isinstance(value, dict) else [(prefix + name, value)]
    return leaves
