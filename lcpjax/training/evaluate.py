"""Loss terms of a model on a whole split of the data."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import NamedSharding

from lcpjax.array_types import Count, Scalar, TrainingRows
from lcpjax.model import ALL_LATENTS, VAEOutput, Variables, autoencode, decode, encode, kl_divergence, mask_latents
from lcpjax.runtime.jax_settings import key_of_seed
from lcpjax.sampler.streams import Seed
from lcpjax.training.masking import encoder_input_in_evaluation
from lcpjax.training.objective import LossTerms, is_variational, squared_error
from lcpjax.training.plan import TrainingPlan
from lcpjax.training.train_step import on_devices


def evaluate(
    plan: TrainingPlan, variables: Variables, kl_weight: Scalar, ordered: TrainingRows, latent_dim: Count | None = None
) -> LossTerms:
    """Means over all configurations of the loss terms; the MSE from the latent mean.

    So are the others where the KL is known in closed form and no variance is
    learned. Else they come from one posterior sample of each configuration, the
    same in every call: a likelihood of the latent mean would flatter.

    Args:
        ordered: one row per configuration, in the model's particle order; of models trained with masks the encoder sees
            what each row's own mask leaves.
        latent_dim: number of latents in use; all if not given.
    """
    used = jax.device_put(np.int32(ALL_LATENTS)) if latent_dim is None else latent_dim

    def sums_of(size: int, start: Count, first: Count) -> LossTerms:
        return _chunk_sums(plan, size, variables, kl_weight, ordered, start, first, used)

    return mean_over_chunks(plan, ordered.shape[0], sums_of)


def mean_over_chunks(
    plan: TrainingPlan,
    num_configurations: int,
    sums_of: Callable[[int, Count, Count], LossTerms],
    where: jax.sharding.Sharding | None = None,
) -> LossTerms:
    """Means over all configurations, a chunk at a time.

    Args:
        sums_of: from a chunk's size, its first row and the first of its rows that counts to sums over those that count.
        where: the two rows' numbers are put; the default device if not given.
    """
    size = min(plan.evaluation_batch_size, num_configurations)
    sums = None
    for first in range(0, num_configurations, size):
        # The last chunk reaches back instead of being shorter, so that one program serves all.
        start = min(first, num_configurations - size)
        start_and_first = jax.device_put((np.int32(start), np.int32(first)), where)
        chunk = sums_of(size, *start_and_first)
        sums = chunk if sums is None else jax.tree.map(jnp.add, sums, chunk)
    return jax.tree.map(lambda total: total / num_configurations, sums)


def chunk_sums(
    plan: TrainingPlan,
    size: int,
    variables: Variables,
    kl_weight: Scalar,
    ordered: TrainingRows,
    start: jax.Array,
    first: jax.Array,
    latent_dim: Count,
    sharding: NamedSharding | None = None,
) -> LossTerms:
    """Sums of the loss terms over the rows of a chunk from ``first`` on.

    Args:
        sharding: of a chunk over devices; None: all of it is on one.
    """
    samples = plan.representation.represent(jax.lax.dynamic_slice_in_dim(ordered, start, size))
    samples = on_devices(samples, sharding)
    encoder_input = encoder_input_in_evaluation(plan, samples, start)
    posterior = mask_latents(encode(plan.model, variables, encoder_input), latent_dim)
    means, likelihood = decode(plan.model, variables, posterior.mean), plan.model.likelihood
    if plan.model.needs_posterior_samples:
        key = jax.random.fold_in(key_of_seed(Seed.EVALUATION), start)
        noise = is_variational(kl_weight)
        output = autoencode(plan.model, variables, samples, key, noise, latent_dim, encoder_input)
        mse = squared_error(likelihood.means(means), samples)
        terms = plan.objective.terms(likelihood, output, samples, kl_weight)._replace(mse=mse)
    else:
        output = VAEOutput(means, posterior, posterior.mean, kl_divergence(posterior), jnp.zeros(size))
        terms = plan.objective.terms(likelihood, output, samples, kl_weight)
    counted = start + jnp.arange(size, dtype=jnp.int32) >= first
    return jax.tree.map(lambda values: jnp.sum(jnp.where(counted, values, 0.0)), terms)


_chunk_sums = jax.jit(chunk_sums, static_argnames=("plan", "size"))
