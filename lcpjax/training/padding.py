"""Models with different numbers of latents as one program: all are padded to the largest."""

import dataclasses
import functools

import jax

from lcpjax.array_types import TrainingRows
from lcpjax.model.padding import cut, padded, with_latent_dim
from lcpjax.training.plan import Hyperparameters, TrainingPlan
from lcpjax.training.train_state import TrainState, initial_state


def with_latents(plan: TrainingPlan, latent_dim: int) -> TrainingPlan:
    """The same plan for a model with another number of latents.

    Raises:
        InputError: its prior is a learned one.
    """
    return dataclasses.replace(plan, model=with_latent_dim(plan.model, latent_dim))


@functools.partial(jax.jit, static_argnames=("plan", "latent_dim"))
def padded_state(
    plan: TrainingPlan, hyperparameters: Hyperparameters, latent_dim: int, ordered: TrainingRows
) -> TrainState:
    """A model of ``latent_dim`` latents before its first step, in the shapes of a plan for that number or more.

    Raises:
        InputError: the model with fewer latents is not contained in the one with more.
    """
    own = initial_state(with_latents(plan, latent_dim), hyperparameters, ordered)
    shapes = jax.eval_shape(lambda: initial_state(plan, hyperparameters, ordered))
    return padded(own, shapes, latent_dim, plan.model.encoder.latent_dim)


def cut_state(
    plan: TrainingPlan, hyperparameters: Hyperparameters, state: TrainState, latent_dim: int, ordered: TrainingRows
) -> TrainState:
    """Inverse of ``padded_state``."""
    own = with_latents(plan, latent_dim)
    if own == plan:
        return state
    return cut(state, jax.eval_shape(lambda: initial_state(own, hyperparameters, ordered)))
