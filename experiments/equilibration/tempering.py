"""Burn-in with parallel tempering and without, at equal numbers of moves."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from lcpjax.report import RunFolder, progress
from lcpjax.sampler import ChainProgram, Ladder
from lcpjax.sampler.equilibration import QUANTITIES, BurnIn, follow_burn_in
from lcpjax.sampler.streams import Stream

from .boxes import Box
from .burn_in import BurnInStudy
from .burn_in_length import settled_from

_NUM_LOOKS = 60
# Two snapshots, each with 15 % more sweeps than the one before at 3,000 sweeps: less is no difference.
_SMALLEST_GAIN = 1.3

Row = dict[str, Any]


def tempering_rows(study: BurnInStudy, run_folder: RunFolder) -> list[Row]:
    """A row for each kind of tempering and gamma: moves a particle until U and sum y stay at their long-run value.

    The long-run value is that of the chains of ``study`` from S to 2 S sweeps. All
    replicas of a ladder count: R rungs make R times the moves in a sweep, and get an R-th
    of the sweeps.
    """
    rows: list[Row] = []
    for kind, ladder in {"none": None, **study.box.ladders}.items():
        num_rungs = 1 if ladder is None else ladder.num_rungs
        burn_in = _followed(study.box, run_folder, ladder, num_rungs)
        for index, gamma in enumerate(study.box.gammas):
            converged = {name: _convergence(burn_in, study.burn_in, index, name) for name in QUANTITIES}
            # max forgets a nan that does not come first.
            slowest = float(np.max(list(converged.values())))
            rows.append(
                {
                    "box_side": study.box.config.system.box_side,
                    "gamma": gamma,
                    "tempering": kind,
                    "factors": "" if ladder is None else _factors(ladder),
                    "num_rungs": num_rungs,
                    "num_chains": burn_in.pair_energy[0, 0].size,
                    **{f"sweeps_to_settle_{name}": sweeps for name, sweeps in converged.items()},
                    "moves_to_settle_per_particle": slowest * num_rungs,
                    "most_moves_per_particle": int(burn_in.sweeps[-1]) * num_rungs,
                }
            )
    return [row | _compared(row, rows) for row in rows]


def tempering_gains(rows: Sequence[Row]) -> dict[str, float]:
    """Factor by which each kind of tempering shortens burn-in in moves, the geometric mean over gammas.

    What never converged counts as if it had with its last move.
    """
    gains: dict[str, list[float]] = {}
    for row in rows:
        if row["tempering"] != "none":
            name = f"sampler/tempering_gain/{row['tempering']}/box_side={row['box_side']:g}"
            gains.setdefault(name, []).append(row["gain"] if math.isfinite(row["gain"]) else _bound(row, rows))
    return {name: float(np.exp(np.mean(np.log(values)))) for name, values in gains.items()}


def _bound(row: Row, rows: Sequence[Row]) -> float:
    """The gain if whatever did not converge had done so with its last move."""
    (plain,) = (other for other in rows if _is_untempered_twin(other, row))
    needed = (each["moves_to_settle_per_particle"] for each in (plain, row))
    most = (each["most_moves_per_particle"] for each in (plain, row))
    before, after = (moves if math.isfinite(moves) else bound for moves, bound in zip(needed, most, strict=True))
    return before / after


def _is_untempered_twin(other: Row, row: Row) -> bool:
    return other["tempering"] == "none" and all(other[name] == row[name] for name in ("box_side", "gamma"))


def _followed(box: Box, run_folder: RunFolder, ladder: Ladder | None, num_rungs: int) -> BurnIn:
    """Chains that each have a start of their own."""
    num_chains, num_sweeps = box.config.dataset.chains_per_gamma, max(box.num_sweeps // num_rungs, 1)
    num_moves = 2 * num_sweeps * num_rungs * box.config.system.num_particles * num_chains * len(box.gammas)
    kernel = box.config.sampler.kernel if ladder is None else "portable"
    with run_folder.stage("tempering"), progress("tempering", num_moves, "moves") as advance:
        return follow_burn_in(
            box.key(Stream.TEMPERING),
            ChainProgram(box.plan.system, box.rules, ladder, kernel),
            box.gammas,
            num_sweeps,
            num_superchains=num_chains,
            chains_per_superchain=1,
            step_size=box.config.sampler.step_size,
            on_moves=advance,
            num_looks=_NUM_LOOKS,
        )


def _convergence(burn_in: BurnIn, reference: BurnIn, index: int, quantity: str) -> float:
    long_run = getattr(reference, quantity)[reference.sweeps >= reference.num_sweeps, index]
    values = getattr(burn_in, quantity)[:, index]
    return settled_from(
        burn_in.sweeps, values.reshape(len(values), -1), float(long_run.mean()), float(long_run.std(ddof=1))
    )


def _compared(row: Row, rows: Sequence[Row]) -> Row:
    """Against the chains without tempering at the same gamma."""
    (plain,) = (other for other in rows if _is_untempered_twin(other, row))
    gain = plain["moves_to_settle_per_particle"] / row["moves_to_settle_per_particle"]
    if row is plain:
        return {"gain": gain, "shortens_burn_in": ""}
    if math.isfinite(gain):
        return {"gain": gain, "shortens_burn_in": "yes" if gain > _SMALLEST_GAIN else "no"}
    # One that did not converge in as many moves is no shorter, whatever the other did.
    has_converged = math.isfinite(row["moves_to_settle_per_particle"])
    return {"gain": gain, "shortens_burn_in": "yes" if has_converged else "no"}


def _factors(ladder: Ladder) -> str:
    pairs = zip(ladder.temperature_factors, ladder.gamma_factors, strict=True)
    names = (("T", temperature) if temperature != 1 else ("gamma", gamma) for temperature, gamma in pairs)
    return " ".join("1" if factor == 1 else f"{name}*{factor:g}" for name, factor in names)
