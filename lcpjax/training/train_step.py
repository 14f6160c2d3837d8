"""One gradient step, and one epoch of them."""

import functools
from typing import cast

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax.sharding import NamedSharding

from lcpjax.array_types import Flag, TrainingRows
from lcpjax.model import Variables, autoencode
from lcpjax.runtime.jax_settings import key_of_seed
from lcpjax.training.masking import encoder_input_in_training
from lcpjax.training.objective import LossTerms, is_variational
from lcpjax.training.plan import Hyperparameters, TrainingPlan
from lcpjax.training.train_state import BATCH_ORDER, NEVER, POSTERIOR_NOISE, TrainState, optimizer_of


@functools.partial(jax.jit, static_argnames=("plan", "num_configurations"))
def batch_order(
    plan: TrainingPlan, hyperparameters: Hyperparameters, step: jax.Array, num_configurations: int
) -> jax.Array:
    """Rows of the training set in the order of the epoch that contains ``step``."""
    epoch = step // plan.steps_per_epoch(num_configurations)
    key = jax.random.fold_in(key_of_seed(hyperparameters.seed), BATCH_ORDER)
    return jax.random.permutation(jax.random.fold_in(key, epoch), num_configurations)


def batch_rows(plan: TrainingPlan, order: jax.Array, step: jax.Array) -> jax.Array:
    """Rows of the training set in the batch of one step."""
    in_epoch = step % plan.steps_per_epoch(order.shape[0])
    return jax.lax.dynamic_slice_in_dim(order, in_epoch * plan.batch_size, plan.batch_size)


def on_devices(rows: jax.Array, sharding: NamedSharding | None) -> jax.Array:
    """The same rows, distributed over devices as ``sharding`` says; means over them stay means over all."""
    return rows if sharding is None else jax.lax.with_sharding_constraint(rows, sharding)


def step_body(
    plan: TrainingPlan,
    state: TrainState,
    sums: LossTerms,
    hyperparameters: Hyperparameters,
    ordered: TrainingRows,
    order: jax.Array,
    sharding: NamedSharding | None = None,
) -> tuple[TrainState, LossTerms]:
    """State after one gradient step, and the epoch's sums of the loss terms with it added.

    Args:
        sharding: of a batch over devices; None: all of it is on one.
    """
    rows = on_devices(batch_rows(plan, order, state.step), sharding)
    samples = on_devices(plan.representation.represent(ordered[rows]), sharding)
    key = jax.random.fold_in(key_of_seed(hyperparameters.seed), POSTERIOR_NOISE)
    noise_key = jax.random.fold_in(key, state.step)
    encoder_input = encoder_input_in_training(plan, samples, hyperparameters, state.step)

    model, objective = plan.model, plan.objective
    num_steps = plan.num_epochs * plan.steps_per_epoch(ordered.shape[0])
    kl_weight = objective.kl_weight_at(hyperparameters.kl_weight, state.step, num_steps)
    progress = jnp.float32(state.step) / num_steps

    def mean_loss(params: Variables) -> tuple[jax.Array, LossTerms]:
        variables = state.variables | {"params": params}
        noise = is_variational(hyperparameters.kl_weight)
        output = autoencode(model, variables, samples, noise_key, noise, hyperparameters.latent_dim, encoder_input)
        means = jax.tree.map(jnp.mean, objective.terms(model.likelihood, output, samples, kl_weight, progress))
        return objective.minimised(means, output.posterior, kl_weight), means

    params = state.variables["params"]
    (_, terms), gradient = jax.value_and_grad(mean_loss, has_aux=True)(params)
    optimizer = optimizer_of(plan, hyperparameters, num_steps)
    # Adam's bias correction in optax raises a float to an integer power.
    with jax.numpy_dtype_promotion("standard"):
        updates, optimizer_state = optimizer.update(gradient, state.optimizer_state, params)
    new_params = cast(Variables, optax.apply_updates(params, updates))
    finite = jnp.isfinite(terms.loss) & jnp.isfinite(optax.tree.norm((gradient, new_params)))
    return _advance(state, new_params, optimizer_state, finite), jax.tree.map(jnp.add, sums, terms)


def _advance(state: TrainState, params: Variables, optimizer_state: object, finite: Flag) -> TrainState:
    """Next state; a failed model keeps what it had before it failed."""
    alive = finite & (state.failed_step == NEVER)
    keep = functools.partial(jax.tree.map, lambda new, old: jnp.where(alive, new, old))
    return TrainState(
        state.variables | {"params": keep(params, state.variables["params"])},
        keep(optimizer_state, state.optimizer_state),
        state.step + 1,
        jnp.where(alive | (state.failed_step != NEVER), state.failed_step, state.step),
        state.best,
    )


def steps_body(
    plan: TrainingPlan,
    num_steps: int,
    state: TrainState,
    sums: LossTerms,
    hyperparameters: Hyperparameters,
    ordered: TrainingRows,
    order: jax.Array,
    sharding: NamedSharding | None = None,
) -> tuple[TrainState, LossTerms]:
    """State after some gradient steps of one epoch, and the sums with their loss terms added."""
    if num_steps == 1:
        return step_body(plan, state, sums, hyperparameters, ordered, order, sharding)

    def body(carry: tuple[TrainState, LossTerms], _: None) -> tuple[tuple[TrainState, LossTerms], None]:
        return step_body(plan, carry[0], carry[1], hyperparameters, ordered, order, sharding), None

    carry, _ = jax.lax.scan(body, (state, sums), length=num_steps)
    return carry


train_steps = jax.jit(steps_body, static_argnames=("plan", "num_steps"), donate_argnames=("state", "sums"))


def steps_at_once(num_steps: int) -> int:
    """Number of an epoch's steps in one program.

    One on a CPU, where a convolution inside a scan is some twenty times slower
    (jax-ml/jax#12868); elsewhere all, since launching a step costs more than it.
    """
    return 1 if jax.default_backend() == "cpu" else num_steps


def train_epoch(
    plan: TrainingPlan, state: TrainState, hyperparameters: Hyperparameters, ordered: TrainingRows
) -> tuple[TrainState, LossTerms]:
    """State after one epoch and the loss terms' means over it; ``state`` is donated.

    The data stay where they are: each step gathers its batch on the device.
    """
    num_steps = plan.steps_per_epoch(ordered.shape[0])
    at_once = steps_at_once(num_steps)
    # Put there explicitly: a caller may refuse every other transfer.
    *zeros, factor = jax.device_put((np.float32(0), np.float32(0), np.float32(0), np.float32(1 / num_steps)))
    sums = LossTerms(*zeros)
    with jax.transfer_guard("disallow"):
        order = batch_order(plan, hyperparameters, state.step, ordered.shape[0])
        for _ in range(num_steps // at_once):
            state, sums = train_steps(plan, at_once, state, sums, hyperparameters, ordered, order)
        means = jax.tree.map(lambda total: total * factor, sums)
    return state, means
