"""Scores of every method's imputations, relative to the exact posterior's."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lcpjax.evaluation.imputation import ImputationQuality, energies_of_distances, quality_of
from lcpjax.evaluation.reconstruction.energies import HIGHEST, compare_energies
from lcpjax.pipeline.summary import grouped_means
from lcpjax.report import RunFolder
from lcpjax.sampler.diagnostics import LARGEST_Z
from lcpjax.system import System

from .masks import AskedFamily, MaskedSet
from .methods import EXACT, EXACT_IN_FRAME, Imputed

# In sigma: determined distances have intervals of no width, and single precision.
_ROUNDING = 1e-3

_ENERGIES = ("energy_wasserstein", "energy_median", "true_energy_median", "overlap_fraction", "true_overlap_fraction")


def imputation_rows(
    system: System, asked: Sequence[AskedFamily], imputed: Mapping[str, Sequence[Imputed]]
) -> list[dict[str, Any]]:
    """A row for each family and method; distances in sigma, of missing pairs alone.

    - masks, rigid_fraction; variant (physics: without a model), seed, method.
    - rmse: of the point estimate, the mean of the draws if there are any.
    - coverage: of central intervals of 90 % of the draws; coverage_error: its standard error over configurations;
      coverage_low, coverage_high: its interval of 95 %, Wilson's; width; crps, crps_error: continuous ranked
      probability score; diversity: standard deviation of draws; all nan without draws.
    - oracle_crps: of the exact posterior of the same question, with or without the frame; crps_above_exact,
      crps_above_exact_error: above it, paired; below 0 by more than 4.3 errors is a leak.
    - energy_wasserstein: W1 in epsilon of the pair energies of one draw of each (of the point without draws), taken
      from the distances themselves, clipped at 100, against the true ones; energy_median, true_energy_median;
      overlap_fraction: of configurations with a pair below 0.9 sigma, true_overlap_fraction.
    - kl_nats: of a network's posterior given what is observed, to the prior.
    - effective_number, least_effective_number: of proposals or candidates that count, of the exact posterior's
      converged chains; mean and smallest over configurations. num_scored: configurations that have draws.
    """
    rows = []
    for each in asked:
        own = imputed[each.name]
        exact = [one for one in own if one.method in (EXACT, EXACT_IN_FRAME)]
        oracles = {one.knows_frame: _crps_of_each(one, each.test) for one in exact}
        for one in own:
            oracle = oracles.get(one.knows_frame)
            ids = {"masks": each.name, "rigid_fraction": each.rigid_fraction, "variant": one.variant, "seed": one.seed}
            rows.append(
                ids
                | {"method": one.method}
                | _quality(one, each.test)
                | _relative_to(one, each.test, oracle)
                | _energies(system, one, each.test)
                | _numbers(one)
            )
    return rows


def _has_draws(imputed: Imputed) -> np.ndarray:
    """Whether each configuration has draws; a method without draws is scored on all of them."""
    if imputed.effective_number is None:
        return np.ones(len(imputed.point), bool)
    return np.asarray(np.isfinite(imputed.point).all(axis=(1, 2)))


def _numbers(imputed: Imputed) -> dict[str, float]:
    numbers = imputed.effective_number
    mean, least = (math.nan, math.nan) if numbers is None else (float(np.nanmean(numbers)), float(np.nanmin(numbers)))
    scored = int(_has_draws(imputed).sum())
    return {"kl_nats": imputed.kl_nats, "effective_number": mean, "least_effective_number": least, "num_scored": scored}


def _quality(imputed: Imputed, data: MaskedSet) -> dict[str, float]:
    scored = _has_draws(imputed)
    truth, missing = np.asarray(data.distances)[scored], data.missing[scored]
    if not scored.any():
        return dict.fromkeys(ImputationQuality._fields, math.nan)
    if imputed.draws is not None:
        draws = imputed.draws[scored]
        return quality_of(draws, truth, missing, rounding=_ROUNDING)._asdict()
    squares = np.where(missing, (imputed.point[scored] - truth) ** 2, 0.0)
    # Every configuration counts the same, as with draws.
    rmse = float(np.sqrt((squares.sum(axis=(1, 2)) / missing.sum(axis=(1, 2))).mean()))
    return dict.fromkeys(ImputationQuality._fields, math.nan) | {"rmse": rmse}


def _crps_of_each(imputed: Imputed, data: MaskedSet) -> np.ndarray | None:
    """Nan for a configuration without draws."""
    if imputed.draws is None:
        return None
    of_each = zip(imputed.draws, np.asarray(data.distances), data.missing, strict=True)
    return np.array([quality_of(*(one[None] for one in each)).crps for each in of_each])


def _relative_to(imputed: Imputed, data: MaskedSet, oracle: np.ndarray | None) -> dict[str, float]:
    own = _crps_of_each(imputed, data)
    if own is None or oracle is None or not (both := np.isfinite(own - oracle)).any():
        return {"oracle_crps": math.nan, "crps_above_exact": math.nan, "crps_above_exact_error": math.nan}
    above = (own - oracle)[both]
    error = float(above.std(ddof=1) / np.sqrt(len(above))) if len(above) > 1 else math.nan
    return {
        "oracle_crps": float(oracle[both].mean()),
        "crps_above_exact": float(above.mean()),
        "crps_above_exact_error": error,
    }


def _energies(system: System, imputed: Imputed, data: MaskedSet) -> dict[str, float]:
    scored = _has_draws(imputed)
    if not scored.any():
        return dict.fromkeys(_ENERGIES, math.nan)
    made = (imputed.point if imputed.draws is None else imputed.draws[:, 0])[scored]
    truth = np.asarray(data.distances)[scored]
    own, true = (energies_of_distances(distances, system) for distances in (made, truth))
    stats = compare_energies(own, true)
    medians = stats.median, float(np.median(np.minimum(true, HIGHEST)))
    return dict(
        zip(_ENERGIES, (stats.wasserstein, *medians, _overlap_fraction(made), _overlap_fraction(truth)), strict=True)
    )


def _overlap_fraction(distances: np.ndarray) -> float:
    first, second = np.triu_indices(distances.shape[-1], k=1)
    return float(np.mean(distances[:, first, second].min(axis=1) < 0.9))


def warn_of_imputation_leaks(rows: Sequence[Mapping[str, Any]], run_folder: RunFolder) -> None:
    """Warn of methods significantly better than the exact posterior of the observed distances."""
    for row in rows:
        if row["crps_above_exact"] < -LARGEST_Z * row["crps_above_exact_error"]:
            run_folder.warn(
                f"{row['variant']}, seed {row['seed']}: {row['method']} of {row['masks']} has a CRPS of "
                f"{row['crps']:.3f} sigma, below the exact posterior's {row['oracle_crps']:.3f}: a leak, or "
                "chains that did not converge"
            )


_IMPUTED = {
    "rmse": "imputation/rmse_sigma",
    "coverage": "imputation/coverage_of_90_fraction",
    "width": "imputation/interval_width_sigma",
    "crps": "imputation/crps_sigma",
    "crps_above_exact": "imputation/crps_above_exact_sigma",
    "diversity": "imputation/diversity_sigma",
    "energy_wasserstein": "imputation/energy_wasserstein_epsilon",
    "kl_nats": "imputation/kl_nats",
    "least_effective_number": "imputation/least_effective_number",
}
_COMPLETED = {"solved_fraction": "completion/solved_fraction", "rmse": "completion/rmse_sigma"}
_MASKS = {"missing_fraction": "masks/missing_fraction", "rigid_fraction": "masks/globally_rigid_fraction"}


def imputation_summary(
    masks: Sequence[Mapping[str, Any]],
    completed: Sequence[Mapping[str, Any]],
    imputed: Sequence[Mapping[str, Any]],
) -> dict[str, float]:
    """Means over seeds of recovery and imputation, and the masks that determine all distances."""
    return {
        **grouped_means(masks, _MASKS, ("masks",)),
        **grouped_means(completed, _COMPLETED, ("masks", "start")),
        **grouped_means(imputed, _IMPUTED, ("masks", "variant", "method")),
    }
