"""Errors and rate of a model on each held-out configuration."""

import functools
from typing import NamedTuple

import jax
import jax.numpy as jnp

from lcpjax.array_arguments import takes_arrays
from lcpjax.array_types import Configurations2D, PRNGKey, Samples, Scalar
from lcpjax.evaluation.reconstruction.distance_geometry import fraction_of_triangle_violations, rank_two_fraction
from lcpjax.evaluation.reconstruction.reconstruction_error import aligned_rmsd, distance_mse, rmsd
from lcpjax.model import (
    VAE,
    Posterior,
    Variables,
    autoencode,
    decode,
    decoded_coordinates,
    in_batches_with_keys,
)
from lcpjax.representation import Representation
from lcpjax.trained_model import TrainedModel


class ModelErrors(NamedTuple):
    """Values of each configuration, (configurations,); decoded from the latent mean unless named sample."""

    mse: jax.Array
    """Mean over the entries of the representation, in its units squared."""
    sample_mse: jax.Array
    """The same of the posterior sample."""
    distance_mse: jax.Array
    """Mean over all N x N distances, in sigma squared."""
    rmsd: jax.Array
    """In sigma; unaligned where the representation has coordinates in the box, else after rigid alignment."""
    sample_rmsd: jax.Array
    """The same of the posterior sample."""
    kl_nats: jax.Array
    triangle_violations: jax.Array
    """Fraction of triples of decoded distances that violate the triangle inequality."""
    rank_two_fraction: jax.Array
    """Of the decoded distances' Gram matrix: 1 for points in a plane."""
    mean: jax.Array
    """(configurations, latent) of the posterior."""
    log_variance: jax.Array


@takes_arrays
def errors_of_model(trained: TrainedModel[Representation], ordered: Configurations2D, key: PRNGKey) -> ModelErrors:
    """Errors and rate of a model on every configuration.

    Args:
        ordered: (configurations, particles, 2), in sigma, in the model's particle order.
        key: of the posterior samples.
    """

    def of_batch(batch: Configurations2D, batch_key: PRNGKey) -> ModelErrors:
        return _errors_of_batch(
            trained.model, trained.representation, trained.variables, batch, batch_key, trained.noise
        )

    return in_batches_with_keys(of_batch, ordered, key, trained.batch_size)


@functools.partial(jax.jit, static_argnames=("model", "representation"))
def _errors_of_batch(
    model: VAE,
    representation: Representation,
    variables: Variables,
    ordered: Configurations2D,
    key: PRNGKey,
    noise: Scalar | float,
) -> ModelErrors:
    samples = representation.represent(ordered)
    output = autoencode(model, variables, samples, key, noise)
    posterior: Posterior = output.posterior
    means = decode(model, variables, posterior.mean)
    distances = representation.distances(means)
    deviation = functools.partial(_deviation, model, representation, variables, ordered)
    return ModelErrors(
        mse=_mean_square(means - samples),
        sample_mse=_mean_square(output.reconstruction - samples),
        distance_mse=distance_mse(representation.distances(samples), distances),
        rmsd=deviation(posterior.mean, means),
        sample_rmsd=deviation(output.latent, output.reconstruction),
        kl_nats=output.kl_nats,
        triangle_violations=fraction_of_triangle_violations(distances),
        rank_two_fraction=rank_two_fraction(distances),
        mean=posterior.mean,
        log_variance=posterior.log_variance,
    )


def _deviation(
    model: VAE,
    representation: Representation,
    variables: Variables,
    ordered: Configurations2D,
    latent: jax.Array,
    outputs: Samples,
) -> jax.Array:
    decoded = decoded_coordinates(model, representation, variables, latent, outputs)
    return rmsd(ordered, decoded) if representation.has_coordinates else aligned_rmsd(ordered, decoded)


def _mean_square(errors: Samples) -> jax.Array:
    return jnp.mean(errors.reshape(errors.shape[0], -1) ** 2, axis=1)
