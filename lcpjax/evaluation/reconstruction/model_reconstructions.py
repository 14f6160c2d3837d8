"""Reconstructions by a model: coordinates and distances, from the latent mean and from a posterior sample."""

import functools
from typing import NamedTuple

import jax

from lcpjax.array_arguments import takes_arrays
from lcpjax.array_types import Configurations2D, DistanceMatrix, PerConfiguration, PRNGKey, Scalar
from lcpjax.model import VAE, Variables, autoencode, decode, decoded_coordinates, in_batches_with_keys
from lcpjax.representation import Representation
from lcpjax.trained_model import TrainedModel


class ModelReconstructions(NamedTuple):
    """Reconstructions of each configuration, in the model's particle order."""

    of_mean: Configurations2D
    """Coordinates decoded from the latent mean, in sigma; in a frame of their own where it knows distances alone."""
    of_sample: Configurations2D
    """The same of a posterior sample."""
    distances: DistanceMatrix
    """Decoded from the latent mean, (configurations, particles, particles), in sigma, as the decoder gives them."""
    kl_nats: PerConfiguration


@takes_arrays
def reconstructions_of_model(
    trained: TrainedModel[Representation], ordered: Configurations2D, key: PRNGKey
) -> ModelReconstructions:
    """Reconstructions of every configuration by a model.

    Args:
        ordered: (configurations, particles, 2), in sigma, in the model's particle order.
        key: of the posterior samples.
    """

    def of_batch(batch: Configurations2D, batch_key: PRNGKey) -> ModelReconstructions:
        return _reconstructed(trained.model, trained.representation, trained.variables, batch, batch_key, trained.noise)

    return in_batches_with_keys(of_batch, ordered, key, trained.batch_size)


@functools.partial(jax.jit, static_argnames=("model", "representation"))
def _reconstructed(
    model: VAE,
    representation: Representation,
    variables: Variables,
    ordered: Configurations2D,
    key: PRNGKey,
    noise: Scalar | float,
) -> ModelReconstructions:
    output = autoencode(model, variables, representation.represent(ordered), key, noise)
    means = decode(model, variables, output.posterior.mean)
    return ModelReconstructions(
        decoded_coordinates(model, representation, variables, output.posterior.mean, means),
        decoded_coordinates(model, representation, variables, output.latent, output.reconstruction),
        representation.distances(means),
        output.kl_nats,
    )
