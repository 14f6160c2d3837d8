"""Loss terms of a trained model on a whole part of the data, from the latent mean."""

import functools

import jax
import jax.numpy as jnp
import numpy as np

from lcpjax.array_types import Configurations2D, Scalar
from lcpjax.model import Variables, decode, encode
from lcpjax.training.objective import LossTerms, loss_terms
from lcpjax.training.plan import TrainingPlan


def evaluate(plan: TrainingPlan, variables: Variables, kl_weight: Scalar, ordered: Configurations2D) -> LossTerms:
    """Means over all configurations of the loss terms, decoding the latent mean.

    Args:
        ordered: (configurations, particles, 2), in the model's particle order.
    """
    num_configurations = ordered.shape[0]
    size = min(plan.evaluation_batch_size, num_configurations)
    sums = None
    for first in range(0, num_configurations, size):
        # The last chunk reaches back instead of being shorter, so that one program serves all.
        start = min(first, num_configurations - size)
        start_and_first = jax.device_put((np.int32(start), np.int32(first)))
        chunk = _chunk_sums(plan, size, variables, kl_weight, ordered, *start_and_first)
        sums = chunk if sums is None else jax.tree.map(jnp.add, sums, chunk)
    return jax.tree.map(lambda total: total / num_configurations, sums)


@functools.partial(jax.jit, static_argnames=("plan", "size"))
def _chunk_sums(
    plan: TrainingPlan,
    size: int,
    variables: Variables,
    kl_weight: Scalar,
    ordered: Configurations2D,
    start: jax.Array,
    first: jax.Array,
) -> LossTerms:
    """Sums of the loss terms over the rows of a chunk from ``first`` on."""
    samples = plan.representation.represent(jax.lax.dynamic_slice_in_dim(ordered, start, size))
    posterior = encode(plan.model, variables, samples)
    reconstruction = decode(plan.model, variables, posterior.mean)
    terms = loss_terms(reconstruction, samples, posterior, kl_weight)
    counted = start + jnp.arange(size, dtype=jnp.int32) >= first
    return jax.tree.map(lambda values: jnp.sum(jnp.where(counted, values, 0.0)), terms)
