"""Statistics of chains by gamma, as sums that add up over stretches."""

import math
from collections.abc import Iterable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lcpjax.array_arguments import takes_arrays
from lcpjax.array_types import Configurations2D, PerConfiguration, Positions, Scalar
from lcpjax.sampler import Configurations

Sums = dict[str, float | None]
"""Of one gamma; None where a value was not finite, which JSON cannot hold."""


@takes_arrays
def sums_by_gamma(configurations: Configurations, gammas: Sequence[float]) -> list[Sums]:
    """For each gamma the count and the sums over its configurations, in double precision."""
    values = configurations._asdict()
    values["height"], values["distance"] = _heights_and_distances(values.pop("positions"))
    columns = {name: np.asarray(value, np.float64) for name, value in jax.device_get(values).items()}
    return [
        _sums({name: column[rows] for name, column in columns.items()})
        for rows in (columns["gamma"] == np.float32(value) for value in gammas)
    ]


@takes_arrays
def merged(parts: Iterable[Sequence[Sums]], gammas: Sequence[float]) -> list[dict[str, Any]]:
    """A row for each gamma over all parts: count, means, standard deviation of the energy, smallest distance."""
    columns = zip(*parts, strict=True)
    return [{"gamma": gamma, **totals(column)} for gamma, column in zip(gammas, columns, strict=False)]


def totals(column: Sequence[Sums]) -> dict[str, Any]:
    """Count, means, standard deviation of the energy and smallest distance over several sums."""
    count = sum(int(part["count"] or 0) for part in column)

    def mean(name: str) -> float | None:
        # Sums of chains stored before there were non-local moves say nothing of them.
        terms = [part.get(name, 0.0) for part in column if part["count"]]
        return math.fsum(term for term in terms if term is not None) / count if terms and None not in terms else None

    energy, squared = mean("energy"), mean("squared_energy")
    distances = [part["minimum_distance"] for part in column if part["minimum_distance"] is not None]
    spread = None if energy is None or squared is None else math.sqrt(max(squared - energy**2, 0.0))
    return {
        "num_configurations": count,
        "energy_epsilon": energy,
        "energy_standard_deviation_epsilon": spread,
        "mean_height_sigma": mean("height"),
        "acceptance": mean("acceptance"),
        "step_size_sigma": mean("step_size"),
        "nonlocal_fraction": mean("nonlocal_fraction"),
        "minimum_distance_sigma": min(distances, default=None),
    }


def _sums(columns: dict[str, np.ndarray]) -> Sums:
    energy = columns["energy"]
    sums = {
        "energy": energy.sum(),
        "squared_energy": (energy**2).sum(),
        "height": columns["height"].sum(),
        "acceptance": columns["acceptance"].sum(),
        "step_size": columns["step_size"].sum(),
        "nonlocal_fraction": columns["nonlocal_fraction"].sum(),
        "minimum_distance": columns["distance"].min(initial=math.inf),
    }
    finite = {name: float(value) if np.isfinite(value) else None for name, value in sums.items()}
    return {"count": int(energy.size), **finite}


@jax.jit
def _heights_and_distances(positions: Configurations2D) -> tuple[PerConfiguration, PerConfiguration]:
    """Mean height and smallest pair distance of each configuration, in sigma."""

    def of_one(positions: Positions) -> tuple[Scalar, Scalar]:
        difference = positions[:, None, :] - positions[None, :, :]
        squared = jnp.sum(difference**2, axis=-1)
        # A particle's distance to itself is no pair's.
        others = jnp.where(jnp.eye(positions.shape[0], dtype=bool), jnp.inf, squared)
        return jnp.mean(positions[:, 1]), jnp.sqrt(jnp.min(others))

    # So many at a time: all pairs of a large part at once would not fit next to it.
    return jax.lax.map(of_one, positions, batch_size=512)
