"""Detection of anomalous configurations, relative to the exact likelihood ratio."""

from collections.abc import Sequence

from lcpjax.config import Config
from lcpjax.dataset import Dataset
from lcpjax.pipeline.latent_codes import GroundTruth, ground_truth_of
from lcpjax.pipeline.model_zoo import announce_models, model_variants, train_variants
from lcpjax.pipeline.run import Run
from lcpjax.pipeline.sampling import for_fits, sample_dataset

from .answer import answer
from .choice import Choice, choose_scores, chosen_rows
from .detection import (
    anomaly_summary,
    by_gamma_rows,
    clustering_rows,
    detection_rows,
    threshold_rows,
    warn_of_detection_leaks,
)
from .figures import draw_anomalies
from .moved_back import displacements_by_models, scores_of_displacements
from .particles import particle_rows, shift_rows
from .scores import (
    FittedDetector,
    all_scores,
    first_seeds,
    fit_detectors,
    on_other_sets,
)
from .sets import anomalous_sets, check_sets, choosing_sets
from .unseen_gamma import gamma_ratio_rows, gamma_ratios


def check(config: Config) -> None:
    """Refuse a config with a model that cannot be built, or anomalies that there cannot be."""
    model_variants(config)
    check_sets(config)


def run(run: Run) -> None:
    """Sample once, train, generate anomalous sets, fit detectors, choose scores, test them against the exact ratio."""
    num_models = announce_models(run.config)
    dataset = sample_dataset(run)
    models, failures = train_variants(run, dataset)
    dataset = for_fits(run, dataset)
    ground_truth = ground_truth_of(run, dataset)
    sets = anomalous_sets(run, ground_truth, dataset)

    detectors = fit_detectors(run, models, sets, dataset)
    choices = _choices(run, ground_truth, detectors, dataset)
    moved_back = displacements_by_models(run, detectors, sets)
    scores = all_scores(run, detectors, sets, dataset) + scores_of_displacements(moved_back)

    detection = detection_rows(sets, scores)
    run.folder.save_table("detection", detection)
    gamma_ratio = gamma_ratio_rows(detectors, sets, gamma_ratios(detectors, sets))
    warn_of_detection_leaks(detection + gamma_ratio, run.folder)
    chosen = chosen_rows(choices, sets, scores)
    run.folder.save_table("chosen_scores", chosen)
    # None, where no gamma is asked for.
    if gamma_ratio:
        run.folder.save_table("gamma_ratio", gamma_ratio)
    run.folder.save_table("by_gamma", by_gamma_rows(sets, scores))
    thresholds = threshold_rows(detectors, sets, scores, run.config.settings.quantile)
    run.folder.save_table("thresholds", thresholds)
    clustering = clustering_rows(ground_truth, detectors, sets)
    run.folder.save_table("clustering", clustering)
    particles = particle_rows(detectors, sets, moved_back)
    run.folder.save_table("particles", particles)
    shifts = shift_rows(detectors, sets)
    run.folder.save_table("shifts", shifts)
    draw_anomalies(chosen, detectors, scores, sets, run.folder)
    summary = anomaly_summary(detection + gamma_ratio, chosen, particles, shifts, clustering)
    run.finish(summary, num_models, failures, answer)


def _choices(
    run: Run, ground_truth: GroundTruth, detectors: Sequence[FittedDetector], dataset: Dataset
) -> list[Choice]:
    """One score of each variant for each question, chosen before a test set is looked at, by models of one seed."""
    sets = choosing_sets(run, ground_truth, dataset)
    detectors = on_other_sets(first_seeds(detectors), sets)
    moved_back = displacements_by_models(run, detectors, sets)
    return choose_scores(sets, all_scores(run, detectors, sets, dataset) + scores_of_displacements(moved_back))
