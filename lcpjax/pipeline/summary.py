"""Rows of a table by names of metrics: means over all that is not told apart."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

_NUMBERS = ("gamma", "sweeps")


def grouped_means(
    rows: Sequence[Mapping[str, Any]], metrics: Mapping[str, str], by: Sequence[str] = ("case",)
) -> dict[str, float]:
    """Of each group the mean of each column, named metric/group; what is not finite is left out.

    Args:
        metrics: column to name of metric.
        by: columns that tell groups apart.
    """
    groups: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        groups.setdefault("/".join(_label(name, row[name]) for name in by), []).append(row)
    means = {
        f"{metric}/{label}": float(np.mean([row[column] for row in own]))
        for label, own in groups.items()
        for column, metric in metrics.items()
    }
    return {name: value for name, value in means.items() if math.isfinite(value)}


def _label(name: str, value: Any) -> str:
    if name in _NUMBERS:
        return f"{name}_{value:g}"
    return str(value).replace(", ", "_").replace(" ", "_").replace("(", "").replace(")", "").lower()
