"""What is not of the fluid that was learnt: which scores tell it, and how far they are from the exact ratio.

Question: the study fed its network unseen gravities, a soft "fake" fluid, uniform points and configurations
with four displaced particles, and looked at histograms of the error, which held up "surprisingly well". Is
that a sign that anomalies are told, or that they are not?

Expectation, written before the run: the study's network reconstructs so badly (2.7 sigma) that its error is the same
for all that has the same heights: soft fluid and displaced particles are told as chance tells them, uniform points by
their spread alone. The likelihood tells more: soft fluid and uniform points by the bound of `best`, as well as by the
energy. An unseen gravity is no stranger than the fluid to any score that does not ask for it, for its configurations
are those that other gammas have too; asked for, by sum y, latents tell what sum y tells. Four particles moved by up
to 0.2 are hard for everyone: the exact ratio has an AUROC of 0.69, the energy 0.61; a density that moves each
particle back, as the exact ratio does, comes near it, and near it too in saying which ones they are. No model shifts
the whole matrix for that; it changes what it would change for noise.

Time: about fifteen minutes on two CPU cores (three models, three seeds).
"""

from lcpjax import road
from lcpjax.config import Config
from lcpjax.report import RunFolder
from lcpjax.road import detecting


def check(config: Config) -> None:
    """Refuse a config of which some model cannot be built, or more particles displaced than there are."""
    road.model_cases(config)
    detecting.check_displacements(config)


def run(config: Config, run_folder: RunFolder) -> None:
    """Sample once, train, make what is not normal, fit detectors to what is; every score beside the exact ratio."""
    num_models = road.announce_models(config)
    dataset = road.sample_dataset(config, run_folder)
    models, failures = road.train_cases(config, dataset, run_folder)
    facts = road.facts_of(config, dataset, run_folder)
    sets = detecting.anomalous_sets(config, facts, dataset, run_folder)

    detectors = detecting.fit_detectors(config, models, sets, dataset, run_folder)
    moved_back = detecting.displaced_scores(config, detectors, sets, run_folder)
    scores = detecting.all_scores(config, detectors, sets, dataset, run_folder)
    scores += detecting.scores_of_displacements(moved_back)

    detection = detecting.detection_rows(sets, scores)
    run_folder.save_table("detection", detection)
    detecting.warn_of_detection_leaks(detection, run_folder)
    run_folder.save_table("best_scores", detecting.best_of_each(detection, sets.anomalous))
    run_folder.save_table("by_gamma", detecting.by_gamma_rows(sets, scores))
    thresholds = detecting.threshold_rows(detectors, sets, scores, config.evaluation.anomalies.quantile)
    run_folder.save_table("thresholds", thresholds)
    clustering = detecting.clustering_rows(facts, detectors, sets)
    run_folder.save_table("clustering", clustering)
    particles = detecting.particle_rows(detectors, sets, moved_back)
    run_folder.save_table("particles", particles)
    shifts = detecting.shift_rows(detectors, sets)
    run_folder.save_table("shifts", shifts)
    detecting.draw_anomalies(detection, detectors, scores, sets, run_folder)
    run_folder.finish(
        {
            **detecting.anomaly_summary(detection, particles, shifts, clustering),
            "training/num_models": num_models,
            "training/num_failed_models": len(failures),
            **road.summary_of_stages(run_folder),
        },
        failures,
    )
