"""The density of configurations that a model of particle tokens has learnt."""

from collections.abc import Callable

import jax
import jax.numpy as jnp

from lcpjax.array_types import Configurations2D, Nats
from lcpjax.model import VAE, Variables, encode, log_prior
from lcpjax.representation import Representation


def particle_log_density(
    model: VAE, representation: Representation, variables: Variables
) -> Callable[[Configurations2D], Nats]:
    """Ln p in nats up to a constant, (configurations,), of positions (configurations, particles, 2) in any order.

    The learned prior at tokens without noise: the density of positions blurred by the model's resolution.
    """

    @jax.jit
    def log_density(positions: Configurations2D) -> Nats:
        posterior = encode(model, variables, representation.of(positions))
        return log_prior(model, variables, posterior.mean)

    def of_all(positions: Configurations2D) -> Nats:
        return jnp.asarray(log_density(positions))

    return of_all
