"""Detection of anomalous configurations, relative to the exact likelihood ratio."""

from lcpjax.config import Config
from lcpjax.pipeline.latent_codes import ground_truth_of
from lcpjax.pipeline.model_zoo import announce_models, model_variants, train_variants
from lcpjax.pipeline.run import Run
from lcpjax.pipeline.sampling import for_fits, sample_dataset

from .detection import (
    anomaly_summary,
    best_of_each,
    by_gamma_rows,
    clustering_rows,
    detection_rows,
    threshold_rows,
    warn_of_detection_leaks,
)
from .figures import draw_anomalies
from .particles import particle_rows, shift_rows
from .scores import all_scores, displacements_by_models, fit_detectors, scores_of_displacements
from .sets import anomalous_sets, check_sets


def check(config: Config) -> None:
    """Refuse a config with a model that cannot be built, or anomalies that there cannot be."""
    model_variants(config)
    check_sets(config)


def run(run: Run) -> None:
    """Sample once, train, generate anomalous sets, fit detectors to normal data, score relative to the exact ratio."""
    num_models = announce_models(run.config)
    dataset = sample_dataset(run)
    models, failures = train_variants(run, dataset)
    dataset = for_fits(run, dataset)
    ground_truth = ground_truth_of(run, dataset)
    sets = anomalous_sets(run, ground_truth, dataset)

    detectors = fit_detectors(run, models, sets, dataset)
    moved_back = displacements_by_models(run, detectors, sets)
    scores = all_scores(run, detectors, sets, dataset)
    scores += scores_of_displacements(moved_back)

    detection = detection_rows(sets, scores)
    run.folder.save_table("detection", detection)
    warn_of_detection_leaks(detection, run.folder)
    run.folder.save_table("best_scores", best_of_each(detection))
    run.folder.save_table("by_gamma", by_gamma_rows(sets, scores))
    thresholds = threshold_rows(detectors, sets, scores, run.config.settings.quantile)
    run.folder.save_table("thresholds", thresholds)
    clustering = clustering_rows(ground_truth, detectors, sets)
    run.folder.save_table("clustering", clustering)
    particles = particle_rows(detectors, sets, moved_back)
    run.folder.save_table("particles", particles)
    shifts = shift_rows(detectors, sets)
    run.folder.save_table("shifts", shifts)
    draw_anomalies(detection, detectors, scores, sets, run.folder)
    run.finish(anomaly_summary(detection, particles, shifts, clustering), num_models, failures)
