"""Density of configurations learned by a model of particle tokens."""

import functools
from collections.abc import Callable

import jax

from lcpjax.array_types import Configurations2D, Nats
from lcpjax.model import VAE, Variables, encode, log_prior
from lcpjax.representation import Representation
from lcpjax.trained_model import TrainedModel


def particle_density_of(trained: TrainedModel[Representation]) -> Callable[[Configurations2D], Nats]:
    """A function for ln p in nats up to a constant, (configurations,), of positions in sigma in any order.

    The learned prior at tokens without noise: the density of positions blurred by the model's resolution.
    """
    return functools.partial(_log_density, trained.model, trained.representation, trained.variables)


@functools.partial(jax.jit, static_argnames=("model", "representation"))
def _log_density(model: VAE, representation: Representation, variables: Variables, positions: Configurations2D) -> Nats:
    posterior = encode(model, variables, representation.of(positions))
    return log_prior(model, variables, posterior.mean)
