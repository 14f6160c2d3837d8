"""Anomalies: sets that were not learnt, scores of them, and how far each is from the exact ratio."""

from lcpjax.road.detecting.judging import (
    best_of_each,
    by_gamma_rows,
    clustering_rows,
    detection_rows,
    threshold_rows,
    warn_of_detection_leaks,
)
from lcpjax.road.detecting.particles import particle_rows, shift_rows
from lcpjax.road.detecting.scoring import all_scores, displacements_by_models, fit_detectors, scores_of_displacements
from lcpjax.road.detecting.sets import anomalous_sets, check_displacements
from lcpjax.road.detecting.showing import draw_anomalies
from lcpjax.road.detecting.summary import anomaly_summary

__all__ = [
    "all_scores",
    "anomalous_sets",
    "anomaly_summary",
    "best_of_each",
    "by_gamma_rows",
    "check_displacements",
    "clustering_rows",
    "detection_rows",
    "displacements_by_models",
    "draw_anomalies",
    "fit_detectors",
    "particle_rows",
    "scores_of_displacements",
    "shift_rows",
    "threshold_rows",
    "warn_of_detection_leaks",
]
