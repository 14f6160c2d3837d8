"""Summary metrics: means over groups of a table's rows."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

_NUMBERS = ("gamma", "sweeps")


def grouped_means(
    rows: Sequence[Mapping[str, Any]], metrics: Mapping[str, str], by: Sequence[str] = ("variant",)
) -> dict[str, float]:
    """Mean of each column over each group, named metric/group; what is not finite is left out.

    Args:
        metrics: column to name of metric.
        by: columns that identify groups.
    """
    groups: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        groups.setdefault("/".join(_label(name, row[name]) for name in by), []).append(row)
    means = {
        f"{metric}/{label}": float(np.mean([row[column] for row in members]))
        for label, members in groups.items()
        for column, metric in metrics.items()
    }
    return {name: value for name, value in means.items() if math.isfinite(value)}


def _label(name: str, value: Any) -> str:
    if name in _NUMBERS:
        return f"{name}_{value:g}"
    return str(value).replace(", ", "_").replace(" ", "_").replace("(", "").replace(")", "").lower()
