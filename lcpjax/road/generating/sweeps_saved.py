"""How many sweeps, and how much time, chains save that start from something generated."""

import math
from collections.abc import Sequence
from typing import Any

from lcpjax.road.generating.warm_start import Followed


def warm_start_rows(followed: Sequence[Followed], data_sweeps: int, num_data_chains: int) -> list[dict[str, Any]]:
    """A row for each start and gamma: from how many sweeps on all exact tests pass.

    - case, seed, source of the start; gamma.
    - sweeps: the fewest looked at from which on the tests pass; sweeps_before: the look before, which failed; nan if
      passing was never seen, or failing.
    - sweeps_ratio: sweeps_before of a uniform start, at least so many are needed, over sweeps (0 counts as 1).
    - start_wall_seconds: to make the start, of all chains; sweeping_wall_seconds: to sweep them so often;
      training_wall_seconds: of the model and what was fitted to its codes; data_wall_seconds: of sampling what it
      learnt from, at the speed of these chains.
    - wall_time_ratio: of a uniform start's sweeping, sweeps_before of it, over start and sweeping;
      with_training_wall_time_ratio: over training and data too. Of as many chains as were tried.

    A corrected prior was chosen by energies and heights of the training part. Those are tested here, but against
    thermodynamic integration; the walls, the smallest distance and the sweeps after it owe nothing to the choice.

    Args:
        data_sweeps: of each chain that models learnt from.
        num_data_chains: how many they are.
    """
    uniform = followed[0]
    data = data_sweeps * uniform.seconds_per_sweep * num_data_chains / uniform.num_chains
    return [_row(each, uniform, gamma, data) for each in followed for gamma in next(iter(each.agreements.values()))]


def _row(each: Followed, uniform: Followed, gamma: float, data_seconds: float) -> dict[str, Any]:
    (before, needed), (plain_before, _) = (_sweeps_needed(one, gamma) for one in (each, uniform))
    start, sweeping = each.start, needed * each.seconds_per_sweep
    spent, plain = start.wall_seconds + sweeping, plain_before * uniform.seconds_per_sweep
    learnt = start.training_wall_seconds + start.fitting_wall_seconds
    data = data_seconds if start.positions is not None else 0.0
    return {
        "case": start.case,
        "seed": start.seed,
        "source": start.source,
        "gamma": gamma,
        "sweeps": needed,
        "sweeps_before": before,
        "sweeps_ratio": plain_before / max(needed, 1.0),
        "start_wall_seconds": start.wall_seconds,
        "sweeping_wall_seconds": sweeping,
        "training_wall_seconds": learnt,
        "data_wall_seconds": data,
        "wall_time_ratio": plain / spent if spent > 0 else math.nan,
        "with_training_wall_time_ratio": plain / (spent + learnt + data) if spent > 0 else math.nan,
    }


def _sweeps_needed(followed: Followed, gamma: float) -> tuple[float, float]:
    """The last look that failed, and the first of those after it."""
    needed = math.nan
    for look in sorted(followed.agreements, reverse=True):
        if not followed.agreements[look][gamma].passes:
            return float(look), needed
        needed = float(look)
    return math.nan, needed


def look_rows(followed: Sequence[Followed]) -> list[dict[str, Any]]:
    """A row for each start, gamma and number of sweeps: how the exact laws are obeyed then.

    Columns: case, source, gamma, sweeps; deviation: the largest, in standard errors; joint_p_value of all laws; passes.
    """
    return [
        {"case": each.start.case, "source": each.start.source, "gamma": gamma, "sweeps": look}
        | {"deviation": found.largest_deviate, "joint_p_value": found.joint_p_value, "passes": found.passes}
        for each in followed
        for look, of_gamma in each.agreements.items()
        for gamma, found in of_gamma.items()
    ]
