"""What the latent space knows of gamma, beside what can be known.

Question: the study saw clusters of gamma in the first two principal components, which
carried 8-15 % of the variance. How much is that, and how much of gamma do all latents know?

Expectation, written before the run: two axes carry little more than 2 / d, for a KL term makes
codes nearly isotropic; without it (the autoencoder) they carry most of the variance and
gammas lie further apart. Distances alone have lost the height above the floor: their codes
tell 70 to 80 % of what Bayes tells; four anchors or coordinates bring it to more than 95 %,
and none has more than the exact posterior of sum y, beyond its error. Neighbouring gammas
overlap in sum y itself, so clusters are never clean: k-means agrees with gamma little, whatever the model.

Time: about ten minutes on two CPU cores (five models, three seeds).
"""

from lcpjax import road
from lcpjax.config import Config
from lcpjax.report import RunFolder


def check(config: Config) -> None:
    """Refuse a config of which some model cannot be built."""
    road.model_cases(config)


def run(config: Config, run_folder: RunFolder) -> None:
    """Sample once, train every model, look at how its codes lie and at what they tell."""
    num_models = road.announce_models(config)
    dataset = road.sample_dataset(config, run_folder)
    models, failures = road.train_cases(config, dataset, run_folder)
    facts, codes = road.facts_of(config, dataset, run_folder), road.codes_of(models, dataset)

    clusters = road.cluster_rows(facts, codes)
    run_folder.save_table("latent_clusters", clusters)
    run_folder.save_table("kl_per_latent", road.latent_kl_rows(codes))
    road.draw_clusters(facts, codes, run_folder)

    gammas, readouts = road.gamma_rows(facts, codes, dataset), road.readout_rows(facts, codes)
    run_folder.save_table("gamma", gammas)
    road.warn_of_gamma_leaks(gammas, run_folder)
    run_folder.save_table("readouts", readouts)
    road.draw_information(facts, gammas, readouts, run_folder)
    run_folder.finish(
        {
            **road.latent_summary(clusters, gammas),
            "training/num_models": num_models,
            "training/num_failed_models": len(failures),
            **road.summary_of_stages(run_folder),
        },
        failures,
    )
