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
        finished = [path for path in _matched(pattern) if (path / "summary.json").is_file()]
        if not finished:
            raise ConfigError(f"settings.runs = {pattern}: no folder of a finished run, one with summary.json")
        found |= dict.fromkeys(finished)
    if len(found) < FEWEST:
        raise ConfigError(
            f"settings.runs: {len(found)} finished run(s); a comparison takes at least {FEWEST}, as in "
            "'settings.runs=[outputs/first,outputs/grid-*/*]'"
        )
    return list(found)


def unfinished_folders(patterns: Sequence[str]) -> list[Path]:
    """Run folders that are matched and have not come to a summary."""
    matched = [path for pattern in patterns for path in _matched(pattern)]
    return [path for path in matched if (path / "config.yaml").is_file() and not (path / "summary.json").is_file()]


def _matched(pattern: str) -> list[Path]:
    # A folder may have a name that would be a pattern.
    there = Path(pattern).expanduser()
    matched = [there] if there.exists() else sorted(map(Path, glob.glob(str(there))))
    return [path for path in matched if ".set-aside" not in path.name]


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
    """A name for each run: what it has of its own, else the end of its path by which it is the only one."""
    names = [key.rpartition(".")[2] for key in keys]
    short = [name if names.count(name) == 1 else key for name, key in zip(names, keys, strict=True)]
    pairs = list(zip(short, keys, strict=True))
    said = [", ".join(f"{name} = {run.keys.get(key, '-')}" for name, key in pairs) for run in runs]
    if all(0 < len(label) <= _LONGEST for label in said) and len(set(said)) == len(said):
        return said
    paths = [run.folder.resolve().parts for run in runs]
    length = next(
        length for length in range(1, max(map(len, paths)) + 1) if len({p[-length:] for p in paths}) == len(paths)
    )
    return ["/".join(path[-length:]) for path in paths]


_LONGEST = 60


def _leaves(values: Mapping[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    leaves = []
    for name, value in values.items():
        leaves += _leaves(value, f"{prefix}{name}.") if isinstance(value, dict) else [(prefix + name, value)]
    return leaves
