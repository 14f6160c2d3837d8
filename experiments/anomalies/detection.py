"""AUROC of each score on each anomalous set, relative to the exact likelihood ratio."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lcpjax.evaluation.anomalies import Detection, Quality
from lcpjax.evaluation.latents.gamma_information import gamma_information, index_of_gamma, linear_probe
from lcpjax.pipeline.latent_codes import GroundTruth, labelled
from lcpjax.pipeline.summary import grouped_means
from lcpjax.report import RunFolder
from lcpjax.sampler.diagnostics import LARGEST_Z

from .scores import ORACLE, FittedDetector, Scores
from .sets import Sets


def detection_rows(sets: Sets, scores: Sequence[Scores]) -> list[dict[str, Any]]:
    """A row for each set and score, the exact ratio first.

    - set, variant (physics: without a model; NAME: input: of what that model is given), seed, score.
    - auroc, auroc_low, auroc_high, auroc_error; aupr and false_positive_rate (of normal ones, at the threshold that
      finds 95 % of the anomalies) likewise: with bootstrap intervals of 95 %.
    - oracle_auroc: of the exact likelihood ratio of that kind of anomaly; margin_fraction: (auroc - 0.5) over the
      oracle's, margin_fraction_low, margin_fraction_high.
    - leak: auroc less the oracle's in standard errors of their difference; above 4.3 a score has seen more.
    """
    rows = []
    for each in sets.anomalous:
        oracle = each.detection(each.normal_oracle, each.oracle)
        own = [one for one in scores if each.name in one.of_sets]
        for one in sorted(own, key=lambda score: score.score != ORACLE):
            detection = each.detection(one.normal, one.of_sets[each.name])
            ids = {"set": each.name, "variant": one.variant, "seed": one.seed, "score": one.score}
            rows.append(ids | _figures(detection) | _relative_to(detection.auroc, oracle.auroc))
    return rows


def _figures(detection: Detection) -> dict[str, float]:
    return {
        column: value
        for name, quality in detection._asdict().items()
        for column, value in (
            (name, quality.value),
            (f"{name}_low", quality.low),
            (f"{name}_high", quality.high),
            (f"{name}_error", quality.error),
        )
    }


def _relative_to(own: Quality, oracle: Quality) -> dict[str, float]:
    differences = own.resampled - oracle.resampled
    scatter = float(differences.std(ddof=1))
    # Both are resampled together, which keeps their correlation.
    with np.errstate(divide="ignore", invalid="ignore"):
        fractions = (own.resampled - 0.5) / (oracle.resampled - 0.5)
        fraction = np.float64(own.value - 0.5) / np.float64(oracle.value - 0.5)
    low, high = np.quantile(fractions, (0.025, 0.975))
    return {
        "oracle_auroc": oracle.value,
        "margin_fraction": float(fraction),
        "margin_fraction_low": float(low),
        "margin_fraction_high": float(high),
        "leak": (own.value - oracle.value) / scatter if scatter > 0 else 0.0,
    }


def warn_of_detection_leaks(rows: Sequence[Mapping[str, Any]], run_folder: RunFolder) -> None:
    """Warn of scores whose AUROC is significantly above that of the exact ratio."""
    for row in rows:
        if row["leak"] > LARGEST_Z:
            run_folder.warn(
                f"{row['variant']}, seed {row['seed']}: {row['score']} identifies {row['set']} with an AUROC of "
                f"{row['auroc']:.3f}, {row['leak']:.1f} standard errors above the exact ratio's: a leak"
            )


def by_gamma_rows(sets: Sets, scores: Sequence[Scores]) -> list[dict[str, Any]]:
    """A row for each score, set with the training gammas, and gamma: against normal ones of the same gamma.

    Columns: set, gamma, variant, seed, score; auroc, auroc_error; oracle_auroc: of the exact ratio, without gamma.
    """
    rows = []
    for each in sets.anomalous:
        if not np.isin(each.gamma, sets.ground_truth.gammas).all():
            continue
        for gamma in sets.ground_truth.gammas:
            own, normal = each.gamma == gamma, sets.normal_gamma == gamma
            oracle = each.detection(each.normal_oracle[normal], each.oracle[own]).auroc.value
            for one in scores:
                if each.name not in one.of_sets:
                    continue
                quality = each.detection(one.normal[normal], one.of_sets[each.name][own]).auroc
                ids = {"set": each.name, "gamma": float(gamma), "variant": one.variant, "seed": one.seed}
                figures = {"score": one.score, "auroc": quality.value, "auroc_error": quality.error}
                rows.append(ids | figures | {"oracle_auroc": oracle})
    return rows


def threshold_rows(
    detectors: Sequence[FittedDetector], sets: Sets, scores: Sequence[Scores], quantile: float
) -> list[dict[str, Any]]:
    """A row for each model and score: the threshold from held-out normal data, and its rates.

    Columns: variant, seed, score; threshold, threshold_low, threshold_high; false_positive_rate of the test set, which
    should be 1 - quantile; found_NAME: the fraction of each set above it.
    """
    rows = []
    for each in detectors:
        limits = each.detector.thresholds(quantile)
        for one in scores:
            if (one.variant, one.seed) != each.ids or one.score not in limits:
                continue
            limit = limits[one.score]
            rows.append(
                {"variant": one.variant, "seed": one.seed, "score": one.score}
                | {"threshold": limit.value, "threshold_low": limit.low, "threshold_high": limit.high}
                | {"false_positive_rate": float(np.mean(one.normal > limit.value))}
                | {f"found_{name}": float(np.mean(values > limit.value)) for name, values in one.of_sets.items()}
            )
    return rows


def clustering_rows(ground_truth: GroundTruth, detectors: Sequence[FittedDetector], sets: Sets) -> list[dict[str, Any]]:
    """A row for each model and set with the training gammas: accuracy of gamma from codes.

    Columns: variant, seed, set ("normal": the test set), accuracy of a linear probe of normal codes, accuracy_error.
    """
    rows = []
    for each in detectors:
        probe_of = labelled(ground_truth.train, each.codes)
        asked = {"normal": (each.normal_codes, sets.normal_gamma)} | {
            one.name: (each.codes_of_sets[one.name], one.gamma)
            for one in sets.anomalous
            if np.isin(one.gamma, ground_truth.gammas).all()
        }
        every = np.concatenate([codes for codes, _ in asked.values()])
        predicted = linear_probe(probe_of, labelled(ground_truth.validation, each.validation_codes), every)
        ends = np.cumsum([len(codes) for codes, _ in asked.values()])
        for (name, (_, gamma)), part in zip(asked.items(), np.split(predicted, ends[:-1]), strict=True):
            information = gamma_information(part, index_of_gamma(gamma))
            ids = {"variant": each.model.name, "seed": each.model.setting.seed, "set": name}
            rows.append(ids | {"accuracy": information.accuracy, "accuracy_error": information.accuracy_error})
    return rows


_DETECTION = {
    "auroc": "anomalies/auroc",
    "aupr": "anomalies/average_precision",
    "false_positive_rate": "anomalies/false_positive_rate_at_95",
    "margin_fraction": "anomalies/fraction_of_exact_margin",
}
_CHOSEN = {"auroc": "anomalies/chosen_auroc", "margin_fraction": "anomalies/chosen_fraction_of_exact_margin"}
_PARTICLES = {"auroc": "anomalies/particle_auroc", "margin_fraction": "anomalies/particle_fraction_of_exact_margin"}
_SHIFT = {"output_fraction": "anomalies/change_in_displaced_rows_fraction", "size": "anomalies/change_ratio"}
_CLUSTERING = {"accuracy": "anomalies/gamma_accuracy"}


def anomaly_summary(
    detection: Sequence[Mapping[str, Any]],
    chosen: Sequence[Mapping[str, Any]],
    particles: Sequence[Mapping[str, Any]],
    shifts: Sequence[Mapping[str, Any]],
    clustering: Sequence[Mapping[str, Any]],
) -> dict[str, float]:
    """Means over seeds: AUROC of each score and of those chosen beforehand, localization of particles, and shifts."""
    return {
        **grouped_means(detection, _DETECTION, ("set", "variant", "score")),
        **grouped_means(chosen, _CHOSEN, ("set", "variant")),
        **grouped_means(particles, _PARTICLES, ("set", "variant", "score")),
        **grouped_means(shifts, _SHIFT, ("set", "variant")),
        **grouped_means(clustering, _CLUSTERING, ("set", "variant")),
    }
