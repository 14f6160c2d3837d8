"""The latent plane of an autoencoder against that of a VAE, on handwritten digits.

Question: the slides show the plane in which an autoencoder puts digits ("can you
spot the issue?") and that of a VAE ("more coherent"). What is the issue in
numbers? How far are the latents from the prior N(0, I) (MMD^2, relative to chance),
how many samples of the prior decode to images farther from all training images than
95 % of held-out images are, and how coherent are the digits: do neighbours share a
label, are classes apart?

Expectation, results and how to run it: README.md.
"""

from lcpjax.config import Config
from lcpjax.pipeline.run import Run
from lcpjax.pipeline.training import failures_of
from lcpjax.report import print_estimate

from .figures import draw_digits
from .scores import digits_summary, latent_rows, prior_rows
from .training import digits_plan, digits_settings, images_an_epoch, load_splits, train_on_digits


def check(config: Config) -> None:
    """Refuse models whose latents are no plane, or that cannot be trained."""
    digits_plan(config)


def run(run: Run) -> None:
    """Train both with every seed, measure latents and priors, draw the planes."""
    plan, settings = digits_plan(run.config), digits_settings(run.config)
    shown = images_an_epoch(run.config) * run.config.training.num_epochs * len(settings)
    print_estimate(f"{run.config.experiment}: {len(settings)} models", {"images": shown})

    digits = load_splits(run.config)
    states = train_on_digits(run, plan, settings, digits)

    latents = latent_rows(run.config, plan, settings, states, digits)
    run.folder.save_table("digits", latents)
    priors = prior_rows(run.config, plan, settings, states, digits)
    run.folder.save_table("prior_samples", priors)
    draw_digits(run, plan, settings, states, digits)

    failures = failures_of(settings, states)
    counts = {"training/num_models": len(settings), "training/num_failed_models": len(failures)}
    run.folder.finish({**digits_summary(latents, priors), **counts}, failures)
