"""Information about gamma in the latent space, relative to the exact bound."""

from lcpjax.config import Config
from lcpjax.pipeline.latent_codes import codes_of, ground_truth_of, latent_kl_rows
from lcpjax.pipeline.model_zoo import announce_models, model_variants, train_variants
from lcpjax.pipeline.run import Run
from lcpjax.pipeline.sampling import for_fits, sample_dataset

from .answer import answer
from .clusters import cluster_rows, draw_clusters
from .figures import draw_gamma_information, draw_readouts
from .gamma_information import gamma_rows, latent_summary, readout_rows, warn_of_gamma_leaks


def check(config: Config) -> None:
    """Refuse a config with a model that cannot be built."""
    model_variants(config)


def run(run: Run) -> None:
    """Sample once, train every model, measure the geometry and the information of its codes."""
    num_models = announce_models(run.config)
    dataset = sample_dataset(run)
    models, failures = train_variants(run, dataset)
    dataset = for_fits(run, dataset)
    ground_truth, codes = ground_truth_of(run, dataset), codes_of(models, dataset)

    clusters = cluster_rows(ground_truth, codes)
    run.folder.save_table("latent_clusters", clusters)
    of_latents = latent_kl_rows(codes)
    run.folder.save_table("kl_per_latent", of_latents)
    draw_clusters(ground_truth, codes, of_latents, run.folder)

    gammas, readouts = gamma_rows(ground_truth, codes, dataset), readout_rows(ground_truth, codes)
    run.folder.save_table("gamma", gammas)
    warn_of_gamma_leaks(gammas, run.folder)
    run.folder.save_table("readouts", readouts)
    run.folder.save_figure(
        "gamma_information",
        *draw_gamma_information(gammas, len(ground_truth.gammas)),
        caption=(
            "How often gamma is read rightly from the codes of each model, and from its input, each seed a point."
            " The exact line is the posterior of gamma given the sum of the heights: no reader can be right more "
            "often, but by chance."
        ),
    )
    run.folder.save_figure(
        "readouts",
        *draw_readouts(readouts),
        caption=(
            "How well observables are predicted from the first principal axes of the codes: R² against the number"
            " of axes. 1 is a perfect prediction."
        ),
    )
    run.finish(latent_summary(clusters, gammas), num_models, failures, answer)
