"""Comparison of the three orders of a sweep."""

import dataclasses
import math
from typing import Any

import numpy as np

from lcpjax.report import RunFolder
from lcpjax.sampler import SWEEP_ORDERS
from lcpjax.sampler.equilibration import QUANTITIES, EquilibriumCheck, Verdict, equilibration_verdict

from .burn_in import BurnInStudy, followed, of_gamma


def order_rows(study: BurnInStudy, run_folder: RunFolder) -> list[dict[str, Any]]:
    """A row for each order and gamma: U and sum y at S sweeps, the criteria, and the difference.

    Differences are from the config's own order, in standard errors of both.
    """
    rows = []
    for order in SWEEP_ORDERS:
        verdict = study.verdict if order == study.box.config.sampler.order else _verdict(study, order, run_folder)
        for gamma in study.box.gammas:
            results = {name: of_gamma(verdict, gamma, name) for name in QUANTITIES}
            row = {"order": order, "gamma": gamma, "acceptance": results["pair_energy"].acceptance}
            for name, result in results.items():
                row |= {
                    name: result.mean,
                    f"{name}_standard_error": result.standard_error,
                    f"{name}_difference": _difference(result, of_gamma(study.verdict, gamma, name)),
                }
            row["largest_drift"] = max((result.drift for result in results.values()), key=abs)
            row["largest_nested_rhat"] = float(np.max([result.nested_rhat for result in results.values()]))
            rows.append(row | {"is_equilibrated": int(verdict.is_equilibrated)})
    return rows


def _verdict(study: BurnInStudy, order: str, run_folder: RunFolder) -> Verdict:
    # Random numbers of its own: the error of a difference is that of independent means.
    plan = dataclasses.replace(study.box.plan, order=order, seed=study.box.plan.seed + 1)
    return equilibration_verdict(followed(study.box, plan, run_folder))


def _difference(result: EquilibriumCheck, reference: EquilibriumCheck) -> float:
    if result is reference:
        return 0.0
    return (result.mean - reference.mean) / math.hypot(result.standard_error, reference.standard_error)
