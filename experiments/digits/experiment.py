"""The latent plane of an autoencoder against that of a VAE, on handwritten digits."""

from lcpjax.config import Config
from lcpjax.pipeline.run import Run
from lcpjax.pipeline.training import failures_of
from lcpjax.report import print_estimate

from .answer import answer
from .figures import draw_digits
from .images import load_digits
from .latents import latent_planes
from .scores import digits_summary, latent_rows, prior_rows
from .training import digits_plan, digits_settings, images_an_epoch, train_on_digits


def check(config: Config) -> None:
    """Refuse models whose latents are no plane, or that cannot be trained."""
    digits_plan(config)


def run(run: Run) -> None:
    """Train both with every seed, measure latents and priors, draw the planes."""
    plan, settings = digits_plan(run.config), digits_settings(run.config)
    shown = images_an_epoch(run.config) * run.config.training.num_epochs * len(settings)
    print_estimate(f"{run.config.experiment}: {len(settings)} models", {"images": shown})

    digits = load_digits(run.config.settings.validation_fraction, run.config.settings.test_fraction)
    states = train_on_digits(run, plan, settings, digits)
    planes = latent_planes(run.config, plan, settings, states, digits)

    latents = latent_rows(run.config, plan, planes, digits)
    run.folder.save_table("digits", latents)
    priors = prior_rows(planes, digits)
    run.folder.save_table("prior_samples", priors)
    draw_digits(run, planes, digits)
    run.finish(digits_summary(latents, priors), len(settings), failures_of(settings, states), answer)
