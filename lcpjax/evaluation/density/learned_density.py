"""The learned prior of a model of particle tokens as a density of configurations: normalised, with exact draws."""

import functools
from collections.abc import Callable
from typing import NamedTuple, cast

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float64

from lcpjax.array_arguments import takes_arrays
from lcpjax.array_types import Configurations2D, Nats, PRNGKey
from lcpjax.errors import InputError
from lcpjax.model import VAE, Variables, in_batches
from lcpjax.model.sample_kinds import PARTICLES
from lcpjax.representation import Representation
from lcpjax.trained_model import TrainedModel

_BATCH = 512

PerConfiguration = Float64[np.ndarray, " configurations"]


class LearnedDensity(NamedTuple):
    """A density q(x) of particles in height order whose integral over all of space is 1; no VAE, no noise.

    A little of it lies outside the box and out of order, by about the model's resolution, where the fluid has none.
    """

    model: VAE
    variables: Variables

    @takes_arrays
    def log_density(self, positions: Configurations2D) -> PerConfiguration:
        """Ln q(x) in nats, x in sigma.

        Args:
            positions: (configurations, particles, 2), in sigma; out of height order there is next to no density.
        """
        nats = in_batches(functools.partial(_log_density, self.model, self.variables), positions, _BATCH)
        return np.asarray(nats, np.float64)

    @takes_arrays
    def draw(self, key: PRNGKey, number: int, on_draws: Callable[[int], None] | None = None) -> Configurations2D:
        """Independent configurations, (number, particles, 2), in sigma, drawn in whole batches.

        Args:
            on_draws: called after every batch with the number of draws it made.
        """
        batches, size = [], min(number, _BATCH)
        for first in range(0, number, size):
            batches.append(np.asarray(_draw(self.model, self.variables, jax.random.fold_in(key, first), size)))
            if on_draws is not None:
                on_draws(min(size, number - first))
        return jnp.asarray(np.concatenate(batches)[:number])


def learned_density_of(trained: TrainedModel[Representation]) -> LearnedDensity:
    """The learned prior of a model as a density of configurations.

    Raises:
        InputError: a model without a learned prior over particles.
    """
    prior = trained.model.prior
    if prior.latents != PARTICLES or not trained.model.has_learned_prior:
        raise InputError(f"{trained.name}: its prior is no density of particles; model=best has one")
    return LearnedDensity(trained.model, trained.variables)


@functools.partial(jax.jit, static_argnames="model")
def _log_density(model: VAE, variables: Variables, positions: Configurations2D) -> Nats:
    return cast(Nats, model.apply(variables, positions, method=lambda bound, rows: bound.prior.log_density(rows)))


@functools.partial(jax.jit, static_argnames=("model", "number"))
def _draw(model: VAE, variables: Variables, key: PRNGKey, number: int) -> Configurations2D:
    drawn = model.apply(variables, key, number, method=lambda bound, *args: bound.prior.sample(*args))
    return cast(Configurations2D, drawn)
