"""Training of autoencoders and VAEs on the bundled images, which differ in lambda and seed alone."""

from collections.abc import Sequence

import jax.numpy as jnp

from lcpjax.build import build_image_plan
from lcpjax.config import Config
from lcpjax.config.check import ConfigError
from lcpjax.dataset import split_sizes
from lcpjax.pipeline.fit_group import TrainingData
from lcpjax.pipeline.run import Run
from lcpjax.pipeline.training import TrainingError, failures_of, train_on
from lcpjax.representation import Identity
from lcpjax.training import ModelSetting, TrainingPlan, TrainState, has_failed

from .images import IMAGE_SHAPE, NUM_DIGITS, Digits

# Latents of a plane.
_PLANE = 2


def digits_plan(config: Config) -> TrainingPlan[Identity]:
    """Training plan of all models: autoencoder and VAE share networks, batches and program.

    Raises:
        ConfigError: not two latents, a lambda of 0 for the VAE, or an invalid plan.
    """
    if config.model.latent_dim != _PLANE:
        raise ConfigError(f"model.latent_dim = {config.model.latent_dim}: must be 2, since the latents are drawn")
    if config.training.kl_weight == 0:
        raise ConfigError("training.kl_weight = 0.0: must be above 0; the autoencoder is trained as well")
    if config.model.variance != "fixed" or config.model.prior != "standard":
        raise ConfigError("model.variance, model.prior: must be fixed and standard, so that lambda alone differs")
    return build_image_plan(config, Identity(), IMAGE_SHAPE, images_an_epoch(config))


def digits_settings(config: Config) -> list[ModelSetting]:
    """An autoencoder (lambda = 0) and a VAE for every seed."""
    kl_weights = (0.0, config.training.kl_weight)
    return [ModelSetting(weight, _PLANE, seed) for weight in kl_weights for seed in config.sweep.seeds]


def train_on_digits(
    run: Run, plan: TrainingPlan[Identity], settings: Sequence[ModelSetting], digits: Digits
) -> list[TrainState]:
    """All models after their last epoch.

    Raises:
        TrainingError: no autoencoder, or no VAE, could be trained to the end.
        Interrupted: by a signal, after an epoch that is in the checkpoints.
    """
    images = jnp.tile(digits.train.images, (passes_per_epoch(run.config), 1, 1))
    data = TrainingData(images, digits.validation.images, {"learned_from": "digits"}, unit="grey2")
    states = train_on(run, plan, settings, data)
    going = {setting.kl_weight for setting, state in zip(settings, states, strict=True) if not has_failed(state)}
    if going != {setting.kl_weight for setting in settings}:
        raise TrainingError(f"training stopped: {'; '.join(failures_of(settings, states))}")
    return states


def images_an_epoch(config: Config) -> int:
    """Number of images that an epoch shows each model."""
    fractions = config.settings.validation_fraction, config.settings.test_fraction
    return split_sizes(NUM_DIGITS, *fractions)[0] * passes_per_epoch(config)


def passes_per_epoch(config: Config) -> int:
    """Number of times that an epoch shows every image."""
    return max(round(config.settings.num_passes / config.training.num_epochs), 1)
