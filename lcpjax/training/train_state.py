"""State of one model in training: what the next gradient step needs, and the best parameters so far."""

import functools
import operator
from collections.abc import Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from lcpjax.array_types import Count, Scalar, TrainingRows
from lcpjax.model import Variables, begins_linear, initial_variables, principal_parameters
from lcpjax.representation import learn_normalisation
from lcpjax.runtime.jax_settings import key_of_seed
from lcpjax.training.optimizer import build_optimizer
from lcpjax.training.plan import Hyperparameters, TrainingPlan

# Purposes that one seed serves, each with its own stream; the sampler's are below 16.
PARAMETERS, BATCH_ORDER, POSTERIOR_NOISE, TURNS, MISSING = 16, 17, 18, 19, 20

NEVER = -1


class Best(NamedTuple):
    """The parameters with the lowest validation loss so far."""

    variables: Variables
    loss: Scalar
    epoch: Count
    """Counted from 0; -1 before the first validation."""


class TrainState(NamedTuple):
    """One model in training; everything else about a step follows from its number."""

    variables: Variables
    optimizer_state: Any
    step: Count
    failed_step: Count
    """The step whose loss or gradient was not finite, -1 if none; the parameters stay as they were before it."""
    best: Best


@functools.partial(jax.jit, static_argnames="plan")
def initial_state(plan: TrainingPlan, hyperparameters: Hyperparameters, ordered: TrainingRows) -> TrainState:
    """A model before its first step: parameters from the seed, normalisation from the training set.

    Args:
        ordered: the training set, one row per configuration, in the model's particle order.
    """
    samples = plan.representation.represent(ordered[: plan.num_normalisation_configurations])
    key = jax.random.fold_in(key_of_seed(hyperparameters.seed), PARAMETERS)
    normalisation = learn_normalisation(samples)
    variables = initial_variables(plan.model, key, normalisation)
    if begins_linear(plan.model.encoder, plan.model.decoder):
        networks = plan.model.encoder, plan.model.decoder
        variables |= {"params": principal_parameters(variables["params"], *networks, samples, normalisation)}
    num_steps = plan.num_epochs * plan.steps_per_epoch(ordered.shape[0])
    optimizer = optimizer_of(plan, hyperparameters, num_steps)
    best = Best(jax.tree.map(jnp.copy, variables), jnp.float32(jnp.inf), jnp.int32(NEVER))
    return TrainState(variables, optimizer.init(variables["params"]), jnp.int32(0), jnp.int32(NEVER), best)


def optimizer_of(plan: TrainingPlan, hyperparameters: Hyperparameters, num_steps: int) -> Any:
    """Optimizer of one model under a plan."""
    return build_optimizer(
        plan.optimizer,
        hyperparameters.learning_rate,
        plan.schedule,
        num_steps,
        plan.warmup_fraction,
        plan.final_learning_rate_fraction,
        plan.gradient_clip,
    )


def keep_best(state: TrainState, loss: Scalar, epoch: Count) -> TrainState:
    """The state with its best parameters kept; one whose validation loss is not finite has failed."""
    healthy = state.failed_step == NEVER
    improved = healthy & (loss < state.best.loss)
    now = Best(state.variables, loss, epoch)
    best = jax.tree.map(lambda new, old: jnp.where(improved, new, old), now, state.best)
    failed_step = jnp.where(healthy & ~jnp.isfinite(loss), state.step - 1, state.failed_step)
    return state._replace(best=best, failed_step=failed_step)


def stack_models(trees: Sequence[Any]) -> Any:
    """Trees of all models, such as states, as one, along a new first axis of every array."""
    return jax.tree.map(lambda *leaves: jnp.stack(leaves), *trees)


def unstack_models(stacked: Any, num_models: int) -> list[Any]:
    """The trees of the first models: inverse of ``stack_models``."""
    return [jax.tree.map(operator.itemgetter(index), stacked) for index in range(num_models)]
