"""Physical observables of decoded latents."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from lcpjax.evaluation.reconstruction.energies import HIGHEST
from lcpjax.evaluation.samples.observables import observables
from lcpjax.system import smallest_distances
from lcpjax.trained_model import TrainedModel


class Decoded(NamedTuple):
    """Outputs of each latent."""

    outputs: np.ndarray
    """In the representation, (latents, ...)."""
    positions: np.ndarray
    """(latents, particles, 2), in sigma; in a frame of their own where the model knows none."""
    columns: dict[str, np.ndarray]
    """pair_energy, clipped at 100 epsilon, and far_pair_energy, at 1e12; mean_height, in sigma, nan without a frame;
    radius_of_gyration, in sigma; smallest_distance, in sigma."""


# In epsilon: two particles a hundredth of sigma from each other have 4e24.
_FARTHEST = 1e12


def decoded(model: TrainedModel, latents: np.ndarray) -> Decoded:
    """Outputs decoded from latents (latents, latent), and their observables."""
    outputs, positions = model.decode_with_coordinates(jnp.asarray(latents, jnp.float32))
    return Decoded(np.asarray(outputs), np.asarray(positions), columns_of(positions, model))


def columns_of(positions: jax.Array, model: TrainedModel) -> dict[str, np.ndarray]:
    """Observables of configurations by name of a column, as far as the model's output has them."""
    values = jax.device_get(observables(positions, model.system))
    energies = np.where(np.isnan(values.pair_energy), np.inf, values.pair_energy)
    return {
        "pair_energy": np.minimum(energies, HIGHEST),
        "far_pair_energy": np.minimum(energies, _FARTHEST),
        "mean_height": values.mean_height if model.knows_frame else np.full_like(values.mean_height, np.nan),
        "radius_of_gyration": values.radius_of_gyration,
        "smallest_distance": np.asarray(smallest_distances(positions)),
    }
