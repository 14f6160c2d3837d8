"""Encoder input: samples, or what masks leave of them, with 0 for the rest."""

import jax
import jax.numpy as jnp

from lcpjax.array_types import Samples
from lcpjax.dataset.masks import mixed_masks
from lcpjax.runtime.jax_settings import key_of_seed
from lcpjax.sampler.streams import Seed
from lcpjax.training.plan import NO_MASKS, Hyperparameters, TrainingPlan
from lcpjax.training.train_state import MISSING


def encoder_input_in_training(
    plan: TrainingPlan, samples: Samples, hyperparameters: Hyperparameters, step: jax.Array
) -> Samples:
    """Masked samples of one step's batch: other masks in every step."""
    if plan.masks == NO_MASKS:
        return samples
    key = jax.random.fold_in(key_of_seed(hyperparameters.seed), MISSING)
    observed = mixed_masks(jax.random.fold_in(key, step), *samples.shape[:2])
    return jnp.where(observed, samples, 0.0)


def encoder_input_in_evaluation(plan: TrainingPlan, samples: Samples, start: jax.Array) -> Samples:
    """Masked samples of consecutive rows from ``start`` on: each row keeps its mask, so that epochs compare."""
    if plan.masks == NO_MASKS:
        return samples
    key = jax.random.fold_in(key_of_seed(Seed.EVALUATION), MISSING)
    number, num_particles = samples.shape[:2]

    def mask_of(row: jax.Array) -> jax.Array:
        return mixed_masks(jax.random.fold_in(key, row), 1, num_particles)[0]

    observed = jax.vmap(mask_of)(start + jnp.arange(number, dtype=jnp.int32))
    return jnp.where(observed, samples, 0.0)
