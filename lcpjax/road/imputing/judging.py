"""How good every method's imputations are, beside the exact posterior's."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lcpjax.evaluation import HIGHEST, compare_energies
from lcpjax.evaluation.imputation import ImputationQuality, energies_of_distances, quality_of
from lcpjax.report import RunFolder
from lcpjax.road.imputing.families import Asked, MaskedPart
from lcpjax.road.imputing.methods import EXACT, EXACT_IN_FRAME, Imputed
from lcpjax.sampler.diagnostics import LARGEST_Z
from lcpjax.system import System

# In sigma: what observed distances fix has intervals without width, and single precision.
_ROUNDING = 1e-3


def imputation_rows(
    system: System, asked: Sequence[Asked], imputed: Mapping[str, Sequence[Imputed]]
) -> list[dict[str, Any]]:
    """A row for each family and method; distances in sigma, of missing pairs alone.

    - masks, rigid_share; case (physics: without a model), seed, method.
    - rmse: of the point, which is the mean of the draws where there are.
    - coverage, coverage_error: of central intervals of 90 % of the draws; width; crps, crps_error: continuous ranked
      probability score; diversity: standard deviation of draws; all nan without draws.
    - oracle_crps: of the exact posterior of the same question, with or without the frame; crps_excess,
      crps_excess_error: above it, paired; below 0 by more than 4.3 errors is a leak.
    - energy_wasserstein: W1 in epsilon of the pair energies of one draw of each (of the point without draws), taken
      from the distances themselves, clipped at 100, against the true ones; energy_median, true_energy_median;
      overlap_share: of configurations with a pair below 0.9 sigma, true_overlap_share.
    - effective_share: of proposals that count; of the exact posterior, of chains that settled.
    """
    rows = []
    for each in asked:
        own = imputed[each.name]
        oracles = {one.method: _crps_of_each(one, each.test) for one in own if one.method in (EXACT, EXACT_IN_FRAME)}
        for one in own:
            oracle = oracles.get(EXACT_IN_FRAME if "frame" in one.method else EXACT)
            about = {"masks": each.name, "rigid_share": each.rigid_share, "case": one.case, "seed": one.seed}
            rows.append(
                about
                | {"method": one.method}
                | _quality(one, each.test)
                | _beside(one, each.test, oracle)
                | _energies(system, one, each.test)
                | {"effective_share": one.effective_share}
            )
    return rows


def _quality(imputed: Imputed, part: MaskedPart) -> dict[str, float]:
    if imputed.draws is not None:
        found = quality_of(
            imputed.draws, np.asarray(part.distances), part.missing, scale=imputed.scale, rounding=_ROUNDING
        )
        return found._asdict()
    missing = part.missing
    squares = np.where(missing, (imputed.point - np.asarray(part.distances)) ** 2, 0.0)
    # Every configuration counts the same, as with draws.
    rmse = float(np.sqrt((squares.sum(axis=(1, 2)) / missing.sum(axis=(1, 2))).mean()))
    return dict.fromkeys(ImputationQuality._fields, math.nan) | {"rmse": rmse}


def _crps_of_each(imputed: Imputed, part: MaskedPart) -> np.ndarray | None:
    if imputed.draws is None:
        return None
    of_each = zip(imputed.draws, np.asarray(part.distances), part.missing, strict=True)
    return np.array([quality_of(*(one[None] for one in each), scale=imputed.scale).crps for each in of_each])


def _beside(imputed: Imputed, part: MaskedPart, oracle: np.ndarray | None) -> dict[str, float]:
    own = _crps_of_each(imputed, part)
    if own is None or oracle is None:
        return {"oracle_crps": math.nan, "crps_excess": math.nan, "crps_excess_error": math.nan}
    excess = own - oracle
    error = float(excess.std(ddof=1) / np.sqrt(len(excess))) if len(excess) > 1 else math.nan
    return {"oracle_crps": float(oracle.mean()), "crps_excess": float(excess.mean()), "crps_excess_error": error}


def _energies(system: System, imputed: Imputed, part: MaskedPart) -> dict[str, float]:
    made = imputed.point if imputed.draws is None else imputed.draws[:, 0]
    own, true = (energies_of_distances(distances, system) for distances in (made, np.asarray(part.distances)))
    found = compare_energies(own, true)
    return {
        "energy_wasserstein": found.wasserstein,
        "energy_median": found.median,
        "true_energy_median": float(np.median(np.minimum(true, HIGHEST))),
        "overlap_share": _overlap_share(made),
        "true_overlap_share": _overlap_share(np.asarray(part.distances)),
    }


def _overlap_share(distances: np.ndarray) -> float:
    first, second = np.triu_indices(distances.shape[-1], k=1)
    return float(np.mean(distances[:, first, second].min(axis=1) < 0.9))


def warn_of_imputation_leaks(rows: Sequence[Mapping[str, Any]], run_folder: RunFolder) -> None:
    """Nothing that sees observed distances alone is better than their exact posterior."""
    for row in rows:
        if row["crps_excess"] < -LARGEST_Z * row["crps_excess_error"]:
            run_folder.warn(
                f"{row['case']}, seed {row['seed']}: {row['method']} of {row['masks']} has a CRPS of {row['crps']:.3f} "
                f"sigma, below the exact posterior's {row['oracle_crps']:.3f}: a leak, or chains that did not settle"
            )
