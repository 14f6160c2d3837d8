"""A network that learns coordinates from distance matrices, by one loss that knows the frame and two that do not."""

import functools
from collections.abc import Callable
from typing import Any, NamedTuple, cast

import jax
import jax.numpy as jnp
import numpy as np
import optax

from lcpjax.array_types import Configurations2D, Count, ManyPositions, PRNGKey, Scalar, Words
from lcpjax.errors import InputError, did_you_mean
from lcpjax.model import CoordinateNetwork, Variables, coordinates_of, initial_coordinate_variables
from lcpjax.reconstruction import aligned_square
from lcpjax.representation import Normalisation, distance_matrix, learn_normalisation
from lcpjax.runtime.jax_settings import key_of_seed
from lcpjax.training.optimizer import build_optimizer
from lcpjax.training.train_state import BATCH_ORDER, PARAMETERS, TURNS
from lcpjax.training.train_step import steps_at_once

Loss = Callable[[ManyPositions, ManyPositions], jax.Array]


def _in_the_frame(found: ManyPositions, positions: ManyPositions) -> jax.Array:
    return jnp.sum((found - positions) ** 2, axis=(-2, -1)) / positions.shape[-2]


def _of_distances(found: ManyPositions, positions: ManyPositions) -> jax.Array:
    return jnp.mean((distance_matrix(found) - distance_matrix(positions)) ** 2, axis=(-2, -1))


LOSSES: dict[str, Loss] = {
    "coordinates": _in_the_frame,
    "procrustes": aligned_square,
    "distances": _of_distances,
}
"""By name, of each configuration in sigma^2: squared error in the frame of the box (the study's), what remains of it
after the best rigid motion and mirror, and the squared error of the distances."""


class Regression(NamedTuple):
    """Training of a network; hashable, since a program is compiled for it."""

    network: CoordinateNetwork
    loss: str
    """A name in ``LOSSES``."""
    turned: bool
    """Whether every configuration is rotated by a random angle, each time it is seen."""
    batch_size: int
    num_epochs: int
    learning_rate: float
    optimizer: str = "adam"
    schedule: str = "cosine"
    warmup_fraction: float = 0.05
    final_learning_rate_fraction: float = 0.01
    gradient_clip: float = 1.0


class Regressed(NamedTuple):
    """A trained network, and the normalisation of its input."""

    variables: Variables
    normalisation: Normalisation


class _Carried(NamedTuple):
    variables: Variables
    optimizer_state: Any
    step: Count


def regress_coordinates(regression: Regression, ordered: Configurations2D, seed: int) -> Regressed:
    """The network after its last epoch.

    Args:
        ordered: the training set, (configurations, particles, 2), in sigma, in the model's particle order.
        seed: decides the first parameters, the order of the batches and the angles.

    Raises:
        InputError: an unknown loss, or fewer configurations than a batch.
    """
    if regression.loss not in LOSSES:
        raise InputError(f"loss = {regression.loss}: {did_you_mean(regression.loss, LOSSES)}")
    if ordered.shape[0] < regression.batch_size:
        raise InputError(f"batch_size = {regression.batch_size}: there are only {ordered.shape[0]} configurations")
    key = key_of_seed(np.uint32(seed))
    samples = distance_matrix(ordered)
    # What is turned is so around its own centroid; else the frame is the box's, around the mean particle.
    ordered = ordered - jnp.mean(ordered, axis=1 if regression.turned else (0, 1), keepdims=True)
    normalisation = learn_normalisation(samples)
    first = normalisation.normalise(samples[:1])
    variables = initial_coordinate_variables(regression.network, jax.random.fold_in(key, PARAMETERS), first)
    steps = ordered.shape[0] // regression.batch_size
    carried = _Carried(variables, _optimizer(regression, steps).init(variables), jnp.int32(0))
    at_once = steps_at_once(steps)
    for epoch in range(regression.num_epochs):
        epoch_key = jax.random.fold_in(jax.random.fold_in(key, BATCH_ORDER), epoch)
        order = jax.random.permutation(epoch_key, ordered.shape[0]).astype(jnp.uint32)
        for _ in range(0, steps, at_once):
            carried = _steps(regression, at_once, carried, normalisation, ordered, order, key)
    return Regressed(carried.variables, normalisation)


def _optimizer(regression: Regression, steps_per_epoch: int) -> optax.GradientTransformation:
    return build_optimizer(
        regression.optimizer,
        jnp.float32(regression.learning_rate),
        regression.schedule,
        regression.num_epochs * steps_per_epoch,
        regression.warmup_fraction,
        regression.final_learning_rate_fraction,
        regression.gradient_clip,
    )


@functools.partial(jax.jit, static_argnames=("regression", "num_steps"), donate_argnames="carried")
def _steps(
    regression: Regression,
    num_steps: int,
    carried: _Carried,
    normalisation: Normalisation,
    ordered: Configurations2D,
    order: Words,
    key: PRNGKey,
) -> _Carried:
    step = functools.partial(_step, regression, normalisation, ordered, order, key)
    if num_steps == 1:
        return step(carried)
    return jax.lax.fori_loop(0, num_steps, lambda _, each: step(each), carried)


def _step(
    regression: Regression,
    normalisation: Normalisation,
    ordered: Configurations2D,
    order: Words,
    key: PRNGKey,
    carried: _Carried,
) -> _Carried:
    steps_per_epoch = ordered.shape[0] // regression.batch_size
    first = (carried.step % steps_per_epoch) * regression.batch_size
    positions = ordered[jax.lax.dynamic_slice_in_dim(order, first, regression.batch_size)]
    normalised = normalisation.normalise(distance_matrix(positions))
    target = (
        _turned(jax.random.fold_in(jax.random.fold_in(key, TURNS), carried.step), positions)
        if regression.turned
        else positions
    )

    def loss(variables: Variables) -> Scalar:
        return jnp.mean(LOSSES[regression.loss](coordinates_of(regression.network, variables, normalised), target))

    optimizer = _optimizer(regression, steps_per_epoch)
    # Adam's bias correction in optax raises a float to an integer power.
    with jax.numpy_dtype_promotion("standard"):
        updates, state = optimizer.update(jax.grad(loss)(carried.variables), carried.optimizer_state, carried.variables)
    return _Carried(cast(Variables, optax.apply_updates(carried.variables, updates)), state, carried.step + 1)


def _turned(key: PRNGKey, positions: Configurations2D) -> Configurations2D:
    """Each configuration rotated around the origin by an angle of its own."""
    angle = jax.random.uniform(key, (positions.shape[0], 1), maxval=2 * np.pi)
    cosine, sine = jnp.cos(angle), jnp.sin(angle)
    x, y = positions[..., 0], positions[..., 1]
    return jnp.stack([cosine * x - sine * y, sine * x + cosine * y], axis=-1)
