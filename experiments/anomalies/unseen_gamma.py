"""The exact ratio of an unseen gamma with sum y read from codes: no learned score, so a table of its own."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from lcpjax.evaluation.density.importance import log_tilt_of_sums

from .detection import detection_rows
from .scores import FittedDetector, Scores
from .sets import Sets

TILT = "latent_gamma_ratio"

# Of the scatter of sum y: more than a linear regression in single precision leaves of an identity.
_OF_AN_IDENTITY = 1e-3


def gamma_ratios(detectors: Sequence[FittedDetector], sets: Sets) -> list[Scores]:
    """The exact ratio of each unseen gamma, with sum y read from the codes by a supervised linear regression."""
    scores = []
    for each in sets.anomalous:
        if each.new_gamma is None:
            continue
        for fitted in detectors:
            normal, own = (
                log_tilt_of_sums(sets.ground_truth.system, sets.free_energy, _sums_read(fitted, codes), each.new_gamma)
                for codes in (fitted.normal_codes, fitted.codes_of_sets[each.name])
            )
            scores.append(Scores(*fitted.ids, TILT, normal, {each.name: own}))
    return scores


def gamma_ratio_rows(detectors: Sequence[FittedDetector], sets: Sets, ratios: Sequence[Scores]) -> list[dict[str, Any]]:
    """``detection_rows`` of the ratios, and what they rest on: a reading of sum y, not a model's density.

    The exact ratio depends on sum y alone. Where codes are the coordinates or a linear image of them, sum y is read
    back to rounding, and the AUROC is the exact one whatever was learned.

    - sum_y_rms_error: of sum y read from the codes of the test set, in sigma; sum_y_sd: scatter of sum y itself.
    - is_identity: 1 where that error is below a thousandth of the scatter.
    """
    sums = np.asarray(sets.normal[..., 1], np.float64).sum(axis=1)
    scatter = float(sums.std(ddof=1))
    errors = {each.ids: _root_mean_square(_sums_read(each, each.normal_codes) - sums) for each in detectors}
    rows = []
    for row in detection_rows(sets, ratios):
        error = errors[row["variant"], row["seed"]]
        is_identity = int(error < _OF_AN_IDENTITY * scatter)
        rows.append(row | {"sum_y_rms_error": error, "sum_y_sd": scatter, "is_identity": is_identity})
    return rows


def _sums_read(fitted: FittedDetector, codes: np.ndarray) -> np.ndarray:
    reference = fitted.detector.reference
    assert reference is not None  # All detectors are fitted.
    return reference.heights.sums_of_heights(codes)


def _root_mean_square(errors: np.ndarray) -> float:
    return float(np.sqrt(np.mean(errors**2)))
