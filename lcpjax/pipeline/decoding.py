"""What latents decode to, as a physicist would look at it."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from lcpjax.evaluation.reconstruction.energies import HIGHEST, smallest_distances
from lcpjax.evaluation.reconstruction.model_reconstructions import decoded_coordinates
from lcpjax.evaluation.samples.observables import observables
from lcpjax.model import decode
from lcpjax.pipeline.model_zoo import CaseModel
from lcpjax.system import System


class Decoded(NamedTuple):
    """Of each latent."""

    outputs: np.ndarray
    """In the representation, (latents, ...)."""
    positions: np.ndarray
    """(latents, particles, 2), in sigma; in a frame of their own where the model knows none."""
    columns: dict[str, np.ndarray]
    """pair_energy, clipped at 100 epsilon, and far_pair_energy, at 1e12; mean_height, in sigma, nan without a frame;
    radius_of_gyration, in sigma; smallest_distance, in sigma."""


# In epsilon: two particles a hundredth of sigma from each other have 4e24.
_FARTHEST = 1e12


def decode_all(model: CaseModel, latents: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Outputs in the representation and positions in sigma of latents (latents, latent), a batch at a time."""
    size, rows = model.plan.evaluation_batch_size, jnp.asarray(latents, jnp.float32)
    parts = [_of_batch(model, rows[first : first + size]) for first in range(0, len(rows), size)]
    outputs, positions = (np.concatenate(part) for part in zip(*parts, strict=True))
    return outputs, positions


def decoded(model: CaseModel, latents: np.ndarray, system: System) -> Decoded:
    """What latents (latents, latent) decode to, and the observables of it."""
    outputs, positions = decode_all(model, latents)
    return Decoded(outputs, positions, columns_of(jnp.asarray(positions), system, knows_frame=model.knows_frame))


def columns_of(positions: jax.Array, system: System, *, knows_frame: bool) -> dict[str, np.ndarray]:
    """The observables of configurations by name of a column."""
    found = jax.device_get(observables(positions, system))
    energies = np.where(np.isnan(found.pair_energy), np.inf, found.pair_energy)
    return {
        "pair_energy": np.minimum(energies, HIGHEST),
        "far_pair_energy": np.minimum(energies, _FARTHEST),
        "mean_height": found.mean_height if knows_frame else np.full_like(found.mean_height, np.nan),
        "radius_of_gyration": found.radius_of_gyration,
        "smallest_distance": np.asarray(smallest_distances(positions)),
    }


def _of_batch(model: CaseModel, latents: jax.Array) -> tuple[np.ndarray, np.ndarray]:
    plan = model.plan
    outputs = decode(plan.model, model.variables, latents)
    positions = decoded_coordinates(plan.model, plan.representation, model.variables, latents, outputs)
    return np.asarray(outputs), np.asarray(positions)
