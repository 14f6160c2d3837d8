"""Latents of images, and decoded latents."""

from typing import NamedTuple

import jax
import jax.numpy as jnp

from lcpjax.array_types import Images, Latent, PRNGKey
from lcpjax.model import decode, encode, sample_posterior
from lcpjax.runtime.jax_settings import key_of_seed
from lcpjax.training import ModelSetting, TrainingPlan, TrainState

from .images import Digits

# Purposes of a model's seed other than training, each with its own stream.
AGGREGATE, PRIOR, SPLITS = 24, 25, 26

STANDARD, SCALED, HELD_OUT = "N(0, I)", "N(0, I) scaled", "held-out latents"
"""Sources of decoded latents; scaled: to mean and standard deviation of the model's own latents."""


class Latents(NamedTuple):
    """Latents of one model."""

    train: Latent
    """Means of q(z | x)."""
    test: Latent
    aggregate: Latent
    """One sample of q(z | x) for each training image; its mean where the model is no VAE."""
    sources: dict[str, Latent]
    """Latents to decode, by source."""


def key_of(setting: ModelSetting, purpose: int) -> PRNGKey:
    """The random stream of a model's seed for a purpose."""
    return jax.random.fold_in(key_of_seed(setting.seed), purpose)


def latents_of(
    plan: TrainingPlan, setting: ModelSetting, state: TrainState, digits: Digits, num_samples: int
) -> Latents:
    """The latents of one model at its lowest validation loss."""
    noise = float(setting.kl_weight > 0)
    train, test = (encode(plan.model, state.best.variables, split.images) for split in (digits.train, digits.test))
    aggregate_key, held_out_key = jax.random.split(key_of(setting, AGGREGATE))
    aggregate = sample_posterior(train, aggregate_key, noise)
    standard = jax.random.normal(key_of(setting, PRIOR), (num_samples, setting.latent_dim))
    scaled = jnp.mean(aggregate, axis=0)[None] + jnp.std(aggregate, axis=0)[None] * standard
    held_out = sample_posterior(test, held_out_key, noise)
    return Latents(train.mean, test.mean, aggregate, {STANDARD: standard, SCALED: scaled, HELD_OUT: held_out})


def decoded(plan: TrainingPlan, state: TrainState, latent: Latent) -> Images:
    """The images decoded from latents."""
    return decode(plan.model, state.best.variables, latent)
