"""Latents of images, and decoded latents."""

from collections.abc import Sequence
from typing import NamedTuple

import jax
import jax.numpy as jnp

from lcpjax.array_types import Images, Latent, PRNGKey
from lcpjax.config import Config
from lcpjax.model import VAE, decode, encode, sample_posterior
from lcpjax.runtime.jax_settings import key_of_seed
from lcpjax.training import Best, ModelSetting, TrainingPlan, TrainState, has_failed

from .images import Digits

# Purposes of a model's seed other than training, each with its own stream.
AGGREGATE, PRIOR, SPLITS = 24, 25, 26

STANDARD, SCALED, HELD_OUT = "N(0, I)", "N(0, I) scaled", "held-out latents"
"""Sources of decoded latents; scaled: to mean and standard deviation of the model's own latents."""

AUTOENCODER, VARIATIONAL = "autoencoder", "vae"


class LatentPlane(NamedTuple):
    """A model at its lowest validation loss, and its latents."""

    model: VAE
    setting: ModelSetting
    best: Best
    train: Latent
    """Means of q(z | x)."""
    test: Latent
    aggregate: Latent
    """One sample of q(z | x) for each training image; its mean where the model is no VAE."""
    sources: dict[str, Latent]
    """Latents to decode, by source."""

    @property
    def kind(self) -> str:
        """Autoencoder or VAE, by lambda."""
        return VARIATIONAL if self.setting.kl_weight > 0 else AUTOENCODER

    def key(self, purpose: int) -> PRNGKey:
        """The random stream of the model's seed for a purpose."""
        return jax.random.fold_in(key_of_seed(self.setting.seed), purpose)

    def decode(self, latent: Latent) -> Images:
        """The images decoded from latents."""
        return decode(self.model, self.best.variables, latent)


def latent_planes(
    config: Config,
    plan: TrainingPlan,
    settings: Sequence[ModelSetting],
    states: Sequence[TrainState],
    digits: Digits,
) -> list[LatentPlane]:
    """The latents of every model that did not fail."""
    return [
        _plane(plan.model, setting, state.best, digits, config.settings.num_prior_samples)
        for setting, state in zip(settings, states, strict=True)
        if not has_failed(state)
    ]


def _plane(model: VAE, setting: ModelSetting, best: Best, digits: Digits, num_samples: int) -> LatentPlane:
    noise = float(setting.kl_weight > 0)
    train, test = (encode(model, best.variables, split.images) for split in (digits.train, digits.test))
    plane = LatentPlane(model, setting, best, train.mean, test.mean, train.mean, {})
    aggregate_key, held_out_key = jax.random.split(plane.key(AGGREGATE))
    aggregate = sample_posterior(train, aggregate_key, noise)
    standard = jax.random.normal(plane.key(PRIOR), (num_samples, setting.latent_dim))
    scaled = jnp.mean(aggregate, axis=0)[None] + jnp.std(aggregate, axis=0)[None] * standard
    held_out = sample_posterior(test, held_out_key, noise)
    return plane._replace(aggregate=aggregate, sources={STANDARD: standard, SCALED: scaled, HELD_OUT: held_out})
