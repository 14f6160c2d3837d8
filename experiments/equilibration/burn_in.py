"""Chains followed to equilibrium and as far again, and the verdict."""

import dataclasses
import math
from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

from lcpjax.dataset import SamplingPlan
from lcpjax.pipeline.equilibrium import follow
from lcpjax.report import RunFolder, print_line
from lcpjax.sampler.equilibration import (
    FEWEST_SNAPSHOTS,
    LARGEST_NESTED_RHAT,
    NUM_SNAPSHOTS,
    BurnIn,
    EquilibriumCheck,
    Verdict,
    equilibration_verdict,
)

from .boxes import Box


class BurnInStudy(NamedTuple):
    """Burn-in and verdict of one box."""

    box: Box
    burn_in: BurnIn
    verdict: Verdict
    sweeps_needed: float
    """The smallest of S, 2 S, 4 S, ... that is enough; nan: none of those tried."""


def follow_to_equilibrium(box: Box, run_folder: RunFolder) -> BurnInStudy:
    """The burn-in at the config's number of sweeps; if too small, the smallest sufficient one is searched."""
    burn_in = followed(box, box.plan, run_folder, NUM_SNAPSHOTS)
    verdict = equilibration_verdict(burn_in)
    print_line(f"{box.label}: {verdict}")
    needed = float(box.num_sweeps) if verdict.is_equilibrated else _sweeps_needed(box, run_folder)
    return BurnInStudy(box, burn_in, verdict, needed)


def _sweeps_needed(box: Box, run_folder: RunFolder) -> float:
    """The first of 2 S, 4 S, ... sweeps that is enough, or nan."""
    # With fewer chains the nested R-hat of equilibrium itself exceeds the limit: no number would be enough.
    if 1.0 + 0.5 / box.config.evaluation.equilibration.chains_per_superchain > LARGEST_NESTED_RHAT:
        return math.nan
    for doubling in range(1, box.config.settings.max_doublings + 1):
        num_sweeps = 2**doubling * box.num_sweeps
        plan = dataclasses.replace(box.plan, num_sweeps=num_sweeps)
        if equilibration_verdict(followed(box, plan, run_folder)).is_equilibrated:
            return float(num_sweeps)
    return math.nan


def followed(box: Box, plan: SamplingPlan, run_folder: RunFolder, num_snapshots: int = FEWEST_SNAPSHOTS) -> BurnIn:
    """Chains of a plan for the box, each group of them from one start."""
    with run_folder.stage("burn_in"):
        return follow(box.config, plan, num_snapshots)


def equilibration_rows(studies: Iterable[BurnInStudy]) -> list[dict[str, Any]]:
    """A row for each box and gamma: means at S and at 2 S sweeps, the criteria, and the verdict."""
    return [
        {
            "box_side": study.box.config.system.box_side,
            "gamma": gamma,
            "num_sweeps": study.box.num_sweeps,
            "num_chains": study.burn_in.pair_energy[0, 0].size,
            **_columns("pair_energy_epsilon", of_gamma(study.verdict, gamma, "pair_energy")),
            **_columns("sum_of_heights_sigma", of_gamma(study.verdict, gamma, "sum_of_heights")),
            "acceptance": of_gamma(study.verdict, gamma, "pair_energy").acceptance,
            "is_equilibrated": int(study.verdict.is_equilibrated),
            "reason": study.verdict.reason,
            "sweeps_needed": study.sweeps_needed,
        }
        for study in studies
        for gamma in study.box.gammas
    ]


def equilibration_summary(studies: Iterable[BurnInStudy]) -> dict[str, float]:
    """The verdicts and their criteria, by the names of metrics."""
    summary = {}
    for study in studies:
        label, checks = study.box.label, study.verdict.checks
        summary |= {
            f"sampler/is_equilibrated/{label}": int(study.verdict.is_equilibrated),
            f"sampler/largest_nested_rhat/{label}": study.verdict.largest_nested_rhat,
            f"sampler/largest_drift_standard_errors/{label}": study.verdict.largest_drift,
            f"sampler/acceptance/{label}": float(np.mean([result.acceptance for result in checks])),
        }
        if math.isfinite(study.sweeps_needed):
            summary[f"sampler/sweeps_needed/{label}"] = study.sweeps_needed
    return summary


def of_gamma(verdict: Verdict, gamma: float, quantity: str) -> EquilibriumCheck:
    """The result for one quantity."""
    return next(result for result in verdict.checks if (result.gamma, result.quantity) == (gamma, quantity))


def burn_in_rows(study: BurnInStudy) -> list[dict[str, float]]:
    """A row for each gamma and snapshot: the curves, with errors over starts."""
    num_particles = study.box.config.system.num_particles
    rows = []
    for row, gamma in enumerate(study.box.gammas):
        for snapshot, sweeps in enumerate(study.burn_in.sweeps):
            energy, energy_error = _over_starts(study.burn_in.pair_energy[snapshot, row] / num_particles)
            height, height_error = _over_starts(study.burn_in.sum_of_heights[snapshot, row] / num_particles)
            rows.append(
                {
                    "box_side": study.box.config.system.box_side,
                    "gamma": gamma,
                    "sweeps": int(sweeps),
                    "pair_energy_per_particle": energy,
                    "pair_energy_standard_error": energy_error,
                    "mean_height": height,
                    "mean_height_standard_error": height_error,
                    "acceptance": float(study.burn_in.acceptance[snapshot, row].mean()),
                }
            )
    return rows


def _over_starts(values: np.ndarray) -> tuple[float, float]:
    """Mean, and standard error over groups: chains of one start are not independent at first."""
    means = values.mean(axis=1)
    with np.errstate(invalid="ignore"):  # Overlapping starts may have infinite energies.
        return float(means.mean()), float(means.std(ddof=1) / len(means) ** 0.5)


def _columns(name: str, result: EquilibriumCheck) -> dict[str, float]:
    return {
        name: result.mean,
        f"{name}_standard_error": result.standard_error,
        f"{name}_at_twice": result.mean_at_twice,
        f"{name}_drift": result.drift,
        f"{name}_nested_rhat": result.nested_rhat,
    }
