"""Sweeps and time saved by chains that start from generated configurations."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from .warm_start import Followed

# For a start that never passed.
_OVER_SEEDS = {
    "sweeps": math.inf,
    "sweeps_ratio": 0.0,
    "wall_time_ratio": 0.0,
    "with_training_wall_time_ratio": 0.0,
}


def warm_start_rows(followed: Sequence[Followed], data_sweeps: int, num_data_chains: int) -> list[dict[str, Any]]:
    """A row for each start and gamma: the number of sweeps from which all exact tests pass.

    - variant, seed, source of the start; moves of the chains; gamma.
    - sweeps: the fewest from which the tests pass; sweeps_before: the snapshot before, which failed; nan if passing, or
      failing, was never seen.
    - sweeps_ratio: sweeps_before of a uniform start with the same moves, a lower bound, over sweeps (0 counts as 1).
      Where sweeps is 0 the ratio is only a lower bound.
    - start_wall_seconds: to make the start of all chains; sweeping_wall_seconds: of these sweeps;
      training_wall_seconds: of the model and of the densities of its codes; data_wall_seconds: of sampling its training
      data, at the speed of these chains.
    - wall_time_ratio: time of sweeps_before sweeps of a uniform start over that of start and sweeping;
      with_training_wall_time_ratio: over training and data too. Both of as many chains as were tried.

    The training set as a start needs no model; what it costs to continue it is in ``continued_rows``. A corrected prior
    was fitted to energies and heights of the training set, which are tested here against thermodynamic integration and
    other chains; the walls, the smallest distance and later sweeps are independent.

    Args:
        followed: of each kind of moves the uniform start first.
        data_sweeps: of each chain of the training data.
    """
    rows = []
    for each in followed:
        uniform = next(other for other in followed if other.moves == each.moves)
        data = data_sweeps * uniform.seconds_per_sweep * num_data_chains / uniform.num_chains
        rows += [_row(each, uniform, gamma, data) for gamma in next(iter(each.agreements.values()))]
    return rows


def _row(each: Followed, uniform: Followed, gamma: float, data_seconds: float) -> dict[str, Any]:
    (before, needed), (plain_before, _) = (_sweeps_needed(one, gamma) for one in (each, uniform))
    start, sweeping = each.start, needed * each.seconds_per_sweep
    elapsed, plain = start.wall_seconds + sweeping, plain_before * uniform.seconds_per_sweep
    learned = start.training_wall_seconds + start.fitting_wall_seconds
    data = data_seconds if start.positions is not None else 0.0
    in_all = elapsed + learned + data
    return _ids(each) | {
        "gamma": gamma,
        "sweeps": needed,
        "sweeps_before": before,
        "sweeps_ratio": plain_before / max(needed, 1.0),
        "start_wall_seconds": start.wall_seconds,
        "sweeping_wall_seconds": sweeping,
        "training_wall_seconds": learned,
        "data_wall_seconds": data,
        "wall_time_ratio": plain / elapsed if elapsed > 0 else math.nan,
        "with_training_wall_time_ratio": plain / in_all if in_all > 0 else math.nan,
    }


def _ids(followed: Followed) -> dict[str, Any]:
    start = followed.start
    return {"variant": start.variant, "seed": start.seed, "source": start.source, "moves": followed.moves}


def warm_start_over_seeds(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """A row for each kind of start, of moves and gamma: median, smallest and largest over the models.

    Columns: variant, source, moves, gamma, number of models; sweeps, sweeps_ratio, wall_time_ratio and
    with_training_wall_time_ratio, each with _median, _least and _most; a start that never passed counts as infinitely
    many sweeps, none of them saved.
    """
    groups: dict[tuple[Any, ...], list[Mapping[str, Any]]] = {}
    for row in rows:
        groups.setdefault((row["variant"], row["source"], row["moves"], row["gamma"]), []).append(row)
    summary = []
    for (variant, source, moves, gamma), own in groups.items():
        columns: dict[str, float] = {}
        for name, of_never in _OVER_SEEDS.items():
            values = [of_never if math.isnan(row["sweeps"]) else row[name] for row in own]
            columns |= {f"{name}_median": float(np.median(values)), f"{name}_least": min(values)}
            columns[f"{name}_most"] = max(values)
        ids = {"variant": variant, "source": source, "moves": moves, "gamma": gamma}
        summary.append(ids | {"number": len(own)} | columns)
    return summary


def _sweeps_needed(followed: Followed, gamma: float) -> tuple[float, float]:
    """The last snapshot that failed, and the first of those after it."""
    needed = math.nan
    for sweeps in sorted(followed.agreements, reverse=True):
        if not followed.agreements[sweeps][gamma].passes:
            return float(sweeps), needed
        needed = float(sweeps)
    return math.nan, needed


def snapshot_rows(followed: Sequence[Followed]) -> list[dict[str, Any]]:
    """A row for each start, gamma and number of sweeps: agreement with the exact distributions.

    Columns: variant, seed, source, moves, gamma, sweeps; deviation: the largest, in standard errors, inf where some are
    outside the box; check: the one with it; joint_p_value of all checks; passes.
    """
    return [
        _ids(each)
        | {"gamma": gamma, "sweeps": sweeps, "deviation": agreement.largest_deviate, "check": agreement.worst_check}
        | {"joint_p_value": agreement.joint_p_value, "passes": agreement.passes}
        for each in followed
        for sweeps, of_gamma in each.agreements.items()
        for gamma, agreement in of_gamma.items()
    ]
