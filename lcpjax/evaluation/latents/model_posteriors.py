"""The posteriors of many configurations, a batch at a time."""

import jax
import jax.numpy as jnp

from lcpjax.array_arguments import takes_arrays
from lcpjax.array_types import Configurations2D
from lcpjax.model import VAE, Posterior, Variables, encode
from lcpjax.representation import Representation


@takes_arrays
def posterior_of_all(
    model: VAE, representation: Representation, variables: Variables, ordered: Configurations2D, batch_size: int
) -> Posterior:
    """q(z | x) of every configuration: mean and log variance, each (configurations, latent).

    Args:
        ordered: (configurations, particles, 2), in sigma, in the model's particle order.
        batch_size: configurations at once.
    """
    chunks = [
        encode(model, variables, representation.represent(ordered[first : first + batch_size]))
        for first in range(0, len(ordered), batch_size)
    ]
    return jax.tree.map(lambda *parts: jnp.concatenate(parts), *chunks)
