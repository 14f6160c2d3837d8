"""A coupling flow over latents whitened by each gamma's Gaussian: it begins as those Gaussians, and can only gain."""

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
    check_codes,
)

Factors = Float[np.ndarray, "gammas latent other_latent"]
Classes = Float[Array, "batch classes"]


class FlowTraining(NamedTuple):
    """How a flow is fitted."""

    num_epochs: int = 60
    batch_size: int = 128
    learning_rate: float = 1e-3
    patience: int = 8
    """Epochs without a better held-out density after which it ends; the best is kept."""


TRAINING, FLOW = FlowTraining(), CouplingFlow()
"""The usual sizes."""


class Whitening(NamedTuple):
    """The Gaussian of each gamma's codes."""

    means: Float[np.ndarray, "gammas latent"]
    factors: Factors
    """Lower triangular, of the covariances."""

    def whiten(self, latents: LatentRows, index: int) -> np.ndarray:
        """Latents as those of a standard normal, if gamma is the one of this index."""
        return np.linalg.solve(self.factors[index], (np.asarray(latents, np.float64) - self.means[index]).T).T

    def log_slope(self, index: int) -> float:
        """Ln of the determinant of that map, in nats."""
        return -float(np.log(np.diagonal(self.factors[index])).sum())


class FlowDensity(NamedTuple):
    """A fitted flow and its whitening."""

    flow: CouplingFlow
    variables: Any
    whitening: Whitening

    def log_density_of_each(self, latents: LatentRows) -> NatsOfEach:
        """Ln p(z | gamma) in nats under every gamma, (codes, gammas)."""
        num_gammas = len(self.whitening.means)
        columns = []
        for index in range(num_gammas):
            white = jnp.asarray(self.whitening.whiten(latents, index), jnp.float32)
            classes = _one_hot(np.full(len(latents), index), num_gammas)
            nats = np.asarray(_log_density(self.flow, self.variables, white, classes), np.float64)
            columns.append(nats + self.whitening.log_slope(index))
        return np.stack(columns, axis=1)

    def draw(self, key: PRNGKey, gamma_index: GammaIndex) -> LatentRows:
        """A latent for each gamma asked for, (codes, latent)."""
        num_gammas, size = self.whitening.means.shape
        white = np.asarray(_sample(self.flow, self.variables, key, _one_hot(gamma_index, num_gammas), size))
        drawn = np.zeros((len(gamma_index), size), np.float32)
        for index in range(num_gammas):
            own = gamma_index == index
            drawn[own] = self.whitening.means[index] + white[own] @ self.whitening.factors[index].T
        return drawn


def fit_flow(
    key: PRNGKey,
    latents: LatentRows,
    gamma_index: GammaIndex,
    held_out: OtherRows,
    held_out_index: OtherIndex,
    training: FlowTraining = TRAINING,
    flow: CouplingFlow = FLOW,
) -> FlowDensity:
    """The flow whose density of the held-out codes is highest; at worst the Gaussian of each gamma.

    Args:
        key: of first parameters and batches.
        latents: (codes, latent), to learn from.

    Raises:
        DensityError: codes that have no density.
    """
    check_codes(latents, gamma_index)
    num_gammas = int(gamma_index.max()) + 1
    whitening = _whitening(latents, gamma_index, num_gammas)
    own, other = (
        (_whitened(whitening, rows, index), _one_hot(index, num_gammas))
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


def _whitening(latents: LatentRows, gamma_index: GammaIndex, num_gammas: int) -> Whitening:
    means, factors = [], []
    for index in range(num_gammas):
        own = np.asarray(latents[gamma_index == index], np.float64)
        centred = own - own.mean(axis=0)
        # So that a covariance of few codes, or of latents that never change, has a factor.
        ridge = (1e-4 * np.var(own) + 1e-12) * np.eye(own.shape[1])
        means.append(own.mean(axis=0))
        factors.append(np.linalg.cholesky(centred.T @ centred / len(own) + ridge))
    return Whitening(np.stack(means), np.stack(factors))


def _whitened(whitening: Whitening, latents: LatentRows, gamma_index: GammaIndex) -> Latent:
    white = np.zeros(latents.shape)
    for index in range(len(whitening.means)):
        white[gamma_index == index] = whitening.whiten(latents[gamma_index == index], index)
    return jnp.asarray(white, jnp.float32)


def _one_hot(gamma_index: GammaIndex, num_gammas: int) -> Classes:
    return jax.nn.one_hot(jnp.asarray(gamma_index), num_gammas)


@functools.partial(jax.jit, static_argnames="flow")
def _log_density(flow: CouplingFlow, variables: Any, latents: Latent, classes: Classes) -> Array:
    return cast(Array, flow.apply(variables, latents, classes, method=CouplingFlow.log_density))


@functools.partial(jax.jit, static_argnames=("flow", "size"))
def _sample(flow: CouplingFlow, variables: Any, key: PRNGKey, classes: Classes, size: int) -> Array:
    return cast(Array, flow.apply(variables, key, classes, size, method=CouplingFlow.sample))


def _loss(flow: CouplingFlow, variables: Any, latents: Latent, classes: Classes) -> float:
    return -float(jnp.mean(_log_density(flow, variables, latents, classes)))


@functools.partial(jax.jit, static_argnames=("flow", "optimizer", "batch_size"))
def _epoch(
    flow: CouplingFlow,
    optimizer: optax.GradientTransformation,
    batch_size: int,
    key: PRNGKey,
    variables: Any,
    state: Any,
    latents: Latent,
    classes: Classes,
) -> tuple[Any, Any]:
    number = latents.shape[0] // batch_size
    batches = jax.random.permutation(key, latents.shape[0])[: number * batch_size].reshape(number, batch_size)

    def loss(variables: Any, rows: Array) -> Scalar:
        return -jnp.mean(_log_density(flow, variables, latents[rows], classes[rows]))

    def step(carry: tuple[Any, Any], rows: Array) -> tuple[tuple[Any, Any], None]:
        variables, state = carry
        gradient = jax.grad(loss)(variables, rows)
        # Optax counts steps in integers.
        with jax.numpy_dtype_promotion("standard"):
            updates, state = optimizer.update(gradient, state, variables)
        return (optax.apply_updates(variables, updates), state), None

    return jax.lax.scan(step, (variables, state), batches)[0]
