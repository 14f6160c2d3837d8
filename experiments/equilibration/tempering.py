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
from .burn_in_length import converged_from

_NUM_SNAPSHOTS = 60
# Two or three snapshots, each with 11 % more sweeps than the one before at 300 sweeps: less is no difference.
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
                    **{f"sweeps_to_converge_{name}": sweeps for name, sweeps in converged.items()},
                    "moves_to_converge_per_particle": slowest * num_rungs,
                    "most_moves_per_particle": int(burn_in.sweeps[-1]) * num_rungs,
                }
            )
    return [row | _compared(row, _untempered(row, rows)) for row in rows]


def tempering_gains(rows: Sequence[Row]) -> dict[str, float]:
    """Factor by which each kind of tempering shortens burn-in in moves, the geometric mean over gammas.

    What never converged counts as if it had with its last move.
    """
    gains: dict[str, list[float]] = {}
    for row in rows:
        if row["tempering"] != "none":
            name = f"sampler/tempering_gain/{row['tempering']}/box_side={row['box_side']:g}"
            gain = row["gain"] if math.isfinite(row["gain"]) else _bound(row, _untempered(row, rows))
            gains.setdefault(name, []).append(gain)
    return {name: float(np.exp(np.mean(np.log(values)))) for name, values in gains.items()}


def _bound(row: Row, plain: Row) -> float:
    """The gain if whatever did not converge had done so with its last move."""
    needed = ((each["moves_to_converge_per_particle"], each["most_moves_per_particle"]) for each in (plain, row))
    before, after = (moves if math.isfinite(moves) else most for moves, most in needed)
    return before / after


def _untempered(row: Row, rows: Sequence[Row]) -> Row:
    """The row of the same box and gamma without tempering."""
    ids = row["box_side"], row["gamma"], "none"
    return next(other for other in rows if (other["box_side"], other["gamma"], other["tempering"]) == ids)


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
            nonlocal_fraction=box.config.sampler.nonlocal_fraction,
            on_moves=advance,
            num_snapshots=_NUM_SNAPSHOTS,
        )


def _convergence(burn_in: BurnIn, reference: BurnIn, index: int, quantity: str) -> float:
    long_run = getattr(reference, quantity)[reference.sweeps >= reference.num_sweeps, index]
    values = getattr(burn_in, quantity)[:, index]
    return converged_from(
        burn_in.sweeps, values.reshape(len(values), -1), float(long_run.mean()), float(long_run.std(ddof=1))
    )


def _compared(row: Row, plain: Row) -> Row:
    """Against the chains without tempering at the same gamma."""
    gain = plain["moves_to_converge_per_particle"] / row["moves_to_converge_per_particle"]
    if row is plain:
        return {"gain": gain, "shortens_burn_in": ""}
    # One that did not converge in as many moves is no shorter, whatever the other did.
    has_converged = math.isfinite(row["moves_to_converge_per_particle"])
    is_shorter = gain > _SMALLEST_GAIN if math.isfinite(gain) else has_converged
    return {"gain": gain, "shortens_burn_in": "yes" if is_shorter else "no"}


def _factors(ladder: Ladder) -> str:
    pairs = zip(ladder.temperature_factors, ladder.gamma_factors, strict=True)
    names = (("T", temperature) if temperature != 1 else ("gamma", gamma) for temperature, gamma in pairs)
    return " ".join("1" if factor == 1 else f"{name}*{factor:g}" for name, factor in names)
