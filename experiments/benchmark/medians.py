"""Medians over rounds, and ratios of runs in the same round."""

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from lcpjax.config import Config
from lcpjax.report.tables import Row

from .programs import OURS
from .sizes import dataset_size

_RATE = "moves_per_second"
_OF_ONE_RUN = ("round", "wall_seconds", "one_sweep_wall_seconds")


def median_rows(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """A row for each program and size: the median rate, its range, and the median ratio to each reference program."""
    runs: dict[tuple[str, int, int], list[Row]] = {}
    for row in rows:
        runs.setdefault((row["program"], row["num_particles"], row["num_chains"]), []).append(row)
    # A reference program has one size for each number of particles.
    references = {ids[:2]: _rates(own) for ids, own in runs.items() if not ids[0].startswith(OURS)}
    medians = []
    for (_, num_particles, _), own in runs.items():
        others = {name: theirs for (name, number), theirs in references.items() if number == num_particles}
        kept = {name: value for name, value in own[0].items() if name not in _OF_ONE_RUN}
        medians.append({**kept, **rate_columns(_RATE, _rates(own), others)})
    return medians


def rate_columns(rate: str, values: Sequence[float], others: Mapping[str, Sequence[float]]) -> dict[str, float]:
    """The median of a rate over rounds, its range, and the median ratio to each other program in the same round."""
    ratios = {
        f"ratio_to_{metric_name(name)}_{rate}": statistics.median(
            mine / other for mine, other in zip(values, theirs, strict=True)
        )
        for name, theirs in others.items()
    }
    return {rate: statistics.median(values), f"lowest_{rate}": min(values), f"highest_{rate}": max(values), **ratios}


def headline(config: Config, medians: Sequence[Row]) -> dict[str, float]:
    """The metrics of the config's own system, at the dataset's number of chains."""
    dataset, summary = dataset_size(config), {}
    for row in medians:
        if row["num_particles"] != dataset.system.num_particles:
            continue
        if not row["program"].startswith(OURS):
            summary[f"sampler/{metric_name(row['program'])}_{_RATE}"] = row[_RATE]
        elif row["num_chains"] == dataset.num_chains:
            prefix = "" if row["program"] == OURS else f"{metric_name(row['program'].removeprefix(OURS))}_"
            measured = {_RATE: row[_RATE], **{name: row[name] for name in row if name.startswith("ratio_to_")}}
            summary |= {f"sampler/{prefix}{name}": value for name, value in measured.items()}
    return summary


def metric_name(program: str) -> str:
    """A program's name as part of a metric's name.

    >>> metric_name("scalar C++")
    'scalar_cpp'
    """
    return program.strip().lower().replace("++", "pp").replace(" ", "_")


def _rates(rows: Sequence[Row]) -> list[float]:
    return [row[_RATE] for row in sorted(rows, key=lambda row: row["round"])]
