"""Coordinates behind what a model decodes, whatever it decodes to."""

import jax

from lcpjax.array_arguments import takes_arrays
from lcpjax.array_types import ManyPositions, Samples
from lcpjax.model.vae import VAE, Variables, decode_coordinates
from lcpjax.reconstruction import coordinates_from_distances, symmetrised
from lcpjax.representation import Representation


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
