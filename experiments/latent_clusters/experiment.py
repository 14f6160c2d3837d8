"""What the latent space knows of gamma, beside what can be known.

Question: the study saw clusters of gamma in the first two principal components, which
carried 8-15 % of the variance. How much is that, and how much of gamma do all latents know?

Expectation, written before the run: two axes carry little more than 2 / d, for a KL term makes
codes nearly isotropic; without it (the autoencoder) they carry most of the variance and
gammas lie further apart. Distances alone have lost the height above the floor: their codes
tell 70 to 80 % of what Bayes tells; four anchors or coordinates bring it to more than 95 %,
and none has more than the exact posterior of sum y, beyond its error. Neighbouring gammas
overlap in sum y itself, so clusters are never clean: k-means agrees with gamma little, whatever the model.

Seen (three seeds, 400 test configurations, exact accuracy by sum y 0.795 +- 0.020): two axes carry 19.3 % (the
study's network), 17.5 % (autoencoder), 19.7 % (anchored), 6.7 % (`sigma_vae`) and 17.7 % (`best`), where codes with no
direction at all would have 8, 8, 8, 6 and 6 % in a sample of this size (2 / d is 5, 5, 5, 3.1 and 3.3 %). The study's
8-15 % were little more than nothing; the autoencoder's axes are no longer than the others', against expectation, for
the error alone spreads codes too. Weighted by the decoder two axes carry more: 35, 30, 40, 61 and 18 %. Of the exact
accuracy codes of distances tell 0.922 (study) and 0.932 (autoencoder), each +- 0.026, more than expected: heights are
in the order of the rows; a probe of the distances themselves reads 0.893 +- 0.028 linearly. Anchored ones tell 0.997 +-
0.020, `sigma_vae` **1.001** +- 0.016 and `best` 0.987 +- 0.014: nothing missing in accuracy, but in nats anchored codes
miss 0.056 +- 0.018 of 0.938, codes of distances 0.17 (study) and 0.16,
`sigma_vae` 0.035 +- 0.016, `best` 0.020 +- 0.010. `best`'s codes are the
coordinates in height order themselves, whatever the seed, so that its three rows are one. It keeps gamma in two axes
(1.009); `sigma_vae`, whose KL term makes codes nearly isotropic, has no axis for it: its first two tell 0 to 0.06 nats.
k-means in all latents agrees with gamma little (adjusted Rand index 0.06 to 0.37; 0.46 in two axes of `best`).

Time: about seven minutes on two CPU cores (five models, three seeds).
"""

from lcpjax.config import Config
from lcpjax.pipeline.latent_codes import codes_of, facts_of, latent_kl_rows
from lcpjax.pipeline.model_zoo import announce_models, model_cases, train_cases
from lcpjax.pipeline.run import Run
from lcpjax.pipeline.sampling import sample_dataset

from .clusters import cluster_rows, draw_clusters
from .gamma_information import draw_information, gamma_rows, latent_summary, readout_rows, warn_of_gamma_leaks


def check(config: Config) -> None:
    """Refuse a config of which some model cannot be built."""
    model_cases(config)


def run(run: Run) -> None:
    """Sample once, train every model, look at how its codes lie and at what they tell."""
    num_models = announce_models(run.config)
    dataset = sample_dataset(run)
    models, failures = train_cases(run, dataset)
    facts, codes = facts_of(run, dataset), codes_of(models, dataset)

    clusters = cluster_rows(facts, codes)
    run.folder.save_table("latent_clusters", clusters)
    of_latents = latent_kl_rows(codes)
    run.folder.save_table("kl_per_latent", of_latents)
    draw_clusters(facts, codes, of_latents, run.folder)

    gammas, readouts = gamma_rows(facts, codes, dataset), readout_rows(facts, codes)
    run.folder.save_table("gamma", gammas)
    warn_of_gamma_leaks(gammas, run.folder)
    run.folder.save_table("readouts", readouts)
    draw_information(facts, gammas, readouts, run.folder)
    run.finish(latent_summary(clusters, gammas), num_models, failures)
