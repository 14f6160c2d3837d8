"""A coupling flow over latents whitened by each gamma's Gaussian; it starts as those Gaussians."""

import functools
from typing import Any, NamedTuple, cast

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jaxtyping import Array, Float

from lcpjax.array_types import Latent, PRNGKey, Scalar
from lcpjax.model.priors import CouplingFlow
from lcpjax.training.latent_densities.density import (
    GammaIndex,
    LatentRows,
    NatsOfEach,
    OtherIndex,
    OtherRows,
)
from lcpjax.training.latent_densities.gaussians import Gammas, Gaussians, fit_gaussians, place_of

Condition = Float[Array, "batch 1"]


class FlowTraining(NamedTuple):
    """Hyperparameters of a flow's fit."""

    num_epochs: int = 60
    batch_size: int = 128
    learning_rate: float = 1e-3
    patience: int = 8
    """Epochs without a better held-out density after which it ends; the best is kept."""


TRAINING, FLOW = FlowTraining(), CouplingFlow()
"""The usual sizes."""


class FlowDensity(NamedTuple):
    """A fitted flow and its whitening."""

    flow: CouplingFlow
    variables: Any
    whitening: Gaussians

    def log_density_of_each(self, latents: LatentRows) -> NatsOfEach:
        """Ln p(z | gamma) in nats under every gamma, (codes, gammas)."""
        columns = []
        for index, gamma in enumerate(self.whitening.gammas):
            white = jnp.asarray(self.whitening.whiten(latents, index), jnp.float32)
            condition = _condition(self.whitening.gammas, np.full(len(latents), gamma))
            nats = np.asarray(_log_density(self.flow, self.variables, white, condition), np.float64)
            columns.append(nats + self.whitening.log_slope(index))
        return np.stack(columns, axis=1)

    def draw(self, key: PRNGKey, gamma_index: GammaIndex) -> LatentRows:
        """A latent for each given gamma, (codes, latent)."""
        return self.whitening.unwhiten_each(self._white(key, self.whitening.gammas[gamma_index]), gamma_index)

    def draw_at(self, key: PRNGKey, gamma: float, number: int) -> LatentRows:
        """Latents at any gamma, (number, latent)."""
        return self.whitening.unwhiten_at(self._white(key, np.full(number, gamma)), gamma)

    def _white(self, key: PRNGKey, gamma: np.ndarray) -> np.ndarray:
        condition = _condition(self.whitening.gammas, gamma)
        return np.asarray(_sample(self.flow, self.variables, key, condition, self.whitening.means.shape[1]), np.float64)


def fit_flow(
    key: PRNGKey,
    latents: LatentRows,
    gamma_index: GammaIndex,
    held_out: OtherRows,
    held_out_index: OtherIndex,
    gammas: Gammas,
    training: FlowTraining = TRAINING,
    flow: CouplingFlow = FLOW,
) -> FlowDensity:
    """The flow whose density of the held-out codes is highest; at worst the Gaussian of each gamma.

    It is conditioned on gamma as a number, so that it extends to others between and beyond.

    Args:
        key: of first parameters and batches.
        latents: (codes, latent), to learn from.
        gammas: increasing; codes are identified by their index among them.

    Raises:
        InputError: codes that have no density.
    """
    whitening = fit_gaussians(latents, gamma_index, gammas)
    own, other = (
        (_whitened(whitening, rows, index), _condition(gammas, gammas[index]))
        for rows, index in ((latents, gamma_index), (held_out, held_out_index))
    )
    first_key, batch_key = jax.random.split(key)
    variables = jax.jit(functools.partial(flow.init, method=CouplingFlow.log_density))(
        first_key, own[0][:1], own[1][:1]
    )
    optimizer = _adam(training.learning_rate)
    batch_size = min(training.batch_size, len(latents))
    state, best, waited = optimizer.init(variables), (_loss(flow, variables, *other), variables), 0
    for epoch in range(training.num_epochs):
        variables, state = _epoch(
            flow, optimizer, batch_size, jax.random.fold_in(batch_key, epoch), variables, state, *own
        )
        loss, waited = _loss(flow, variables, *other), waited + 1
        if loss < best[0]:
            best, waited = (loss, variables), 0
        if waited >= training.patience:
            break
    return FlowDensity(flow, best[1], whitening)


@functools.cache
def _adam(learning_rate: float) -> optax.GradientTransformation:
    """The same object for the same rate, so that no program is compiled twice."""
    return optax.adam(learning_rate)


def _whitened(whitening: Gaussians, latents: LatentRows, gamma_index: GammaIndex) -> Latent:
    white = np.zeros(latents.shape)
    for index in range(len(whitening.means)):
        white[gamma_index == index] = whitening.whiten(latents[gamma_index == index], index)
    return jnp.asarray(white, jnp.float32)


def _condition(gammas: Gammas, gamma: np.ndarray) -> Condition:
    """Input of the couplings for gamma: its place among those of the fit, between -1 and 1 there."""
    places = place_of(gammas)
    width = max(0.5 * float(places[-1] - places[0]), 1e-6)
    middle = 0.5 * (places[0] + places[-1])
    return jnp.asarray((place_of(gamma) - middle) / width, jnp.float32)[:, None]


@functools.partial(jax.jit, static_argnames="flow")
def _log_density(flow: CouplingFlow, variables: Any, latents: Latent, condition: Condition) -> Array:
    return cast(Array, flow.apply(variables, latents, condition, method=CouplingFlow.log_density))


@functools.partial(jax.jit, static_argnames=("flow", "size"))
def _sample(flow: CouplingFlow, variables: Any, key: PRNGKey, condition: Condition, size: int) -> Array:
    return cast(Array, flow.apply(variables, key, condition, size, method=CouplingFlow.sample))


def _loss(flow: CouplingFlow, variables: Any, latents: Latent, condition: Condition) -> float:
    return -float(jnp.mean(_log_density(flow, variables, latents, condition)))


@functools.partial(jax.jit, static_argnames=("flow", "optimizer", "batch_size"))
def _epoch(
    flow: CouplingFlow,
    optimizer: optax.GradientTransformation,
    batch_size: int,
    key: PRNGKey,
    variables: Any,
    state: Any,
    latents: Latent,
    condition: Condition,
) -> tuple[Any, Any]:
    number = latents.shape[0] // batch_size
    batches = jax.random.permutation(key, latents.shape[0])[: number * batch_size].reshape(number, batch_size)

    def loss(variables: Any, rows: Array) -> Scalar:
        return -jnp.mean(_log_density(flow, variables, latents[rows], condition[rows]))

    def step(carry: tuple[Any, Any], rows: Array) -> tuple[tuple[Any, Any], None]:
        variables, state = carry
        gradient = jax.grad(loss)(variables, rows)
        # Optax counts steps in integers.
        with jax.numpy_dtype_promotion("standard"):
            updates, state = optimizer.update(gradient, state, variables)
        return (optax.apply_updates(variables, updates), state), None

    return jax.lax.scan(step, (variables, state), batches)[0]
