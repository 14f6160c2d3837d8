"""What a model makes of held-out configurations: coordinates and distances, from the latent mean and from a sample."""

import functools
from collections.abc import Callable
from typing import NamedTuple, TypeAlias, TypeVar

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from lcpjax.array_arguments import takes_arrays
from lcpjax.array_types import (
    Configurations2D,
    DistanceMatrix,
    ManyPositions,
    PerConfiguration,
    PRNGKey,
    Samples,
    Scalar,
)
from lcpjax.model import VAE, Variables, autoencode, decode, decode_coordinates
from lcpjax.reconstruction import coordinates_from_distances, symmetrised
from lcpjax.representation import Representation

OfChunk = TypeVar("OfChunk")

Rows: TypeAlias = Float[Array, "rows ..."]


class ModelReconstructions(NamedTuple):
    """Of each configuration, in the model's particle order."""

    of_mean: Configurations2D
    """Coordinates decoded from the latent mean, in sigma; in a frame of their own where distances are all there is."""
    of_sample: Configurations2D
    """The same of a posterior sample."""
    distances: DistanceMatrix
    """Decoded from the latent mean, (configurations, particles, particles), in sigma, as the decoder gives them."""
    kl_nats: PerConfiguration


@takes_arrays
def reconstructions_of_model(
    model: VAE,
    representation: Representation,
    variables: Variables,
    ordered: Configurations2D,
    key: PRNGKey,
    batch_size: int,
    noise: float = 1.0,
) -> ModelReconstructions:
    """What a model makes of every configuration.

    Args:
        ordered: (configurations, particles, 2), in sigma, in the model's particle order.
        key: of the posterior samples.
        batch_size: configurations at once.
        noise: of the samples in posterior standard deviations; 0 for a plain autoencoder.
    """

    def of_chunk(chunk: Configurations2D, chunk_key: PRNGKey) -> ModelReconstructions:
        return _reconstructed(model, representation, variables, chunk, chunk_key, noise)

    return in_chunks(of_chunk, ordered, key, batch_size)


@takes_arrays
def decoded_coordinates(
    model: VAE, representation: Representation, variables: Variables, latent: jax.Array, outputs: Samples
) -> ManyPositions:
    """Coordinates that latents decode to, (batch, particles, 2): the representation's, the point decoder's, or Gram's.

    Args:
        outputs: what the latents decode to, in the representation.
    """
    if representation.has_coordinates:
        return representation.coordinates(outputs)
    if model.decodes_coordinates:
        return decode_coordinates(model, variables, latent)
    return coordinates_from_distances(symmetrised(outputs))


@takes_arrays
def in_chunks(of_chunk: Callable[[Rows, PRNGKey], OfChunk], rows: Rows, key: PRNGKey, batch_size: int) -> OfChunk:
    """What a function gives for all rows, asked for at most ``batch_size`` at once, each chunk with its own key."""
    number = rows.shape[0]
    size = min(batch_size, number)
    chunks = []
    for first in range(0, number, size):
        # The last chunk reaches back instead of being shorter, so that one program serves all.
        start = min(first, number - size)
        chunk = of_chunk(rows[start : start + size], jax.random.fold_in(key, first))
        chunks.append(jax.tree.map(lambda leaf, skipped=first - start: leaf[skipped:], chunk))
    return jax.tree.map(lambda *leaves: jnp.concatenate(leaves), *chunks)


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
