"""Generated configurations and their sources."""

import time
from collections.abc import Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from lcpjax.array_types import PRNGKey
from lcpjax.model import sample_prior
from lcpjax.trained_model import TrainedModel

REAL_CODES, POSTERIOR_SAMPLES = "codes", "posterior samples"
"""Of the test set: the error of the decoder alone, and with the noise of the posterior."""
STANDARD, GAUSSIAN, OF_MEANS, MIXTURE, FOUR, FLOW, OWN, CORRECTED = (
    "N(0, I)",
    "Gaussian of each gamma",
    "Gaussian of each gamma's means",
    "mixtures of each gamma",
    "four Gaussians of each gamma",
    "flow",
    "own prior",
    "own prior, corrected",
)
"""Replacements of the prior; mixtures: of as many components as held-out codes favour; own: the model's learned prior,
which does not depend on gamma and is labelled by the exact posterior; corrected: by rejection of configurations outside
the box, and of too common pair energies and heights."""
FITTED_TO = {CORRECTED: ("pair_energy", "sum_of_heights")}
"""By source: observables of the training set that it was fitted to directly. Agreement in them is by construction."""

# Latents drawn at once.
_BATCH = 512


class Generated(NamedTuple):
    """Configurations from one source, as decoded."""

    model: TrainedModel
    source: str
    positions: jax.Array
    """(configurations, particles, 2), in sigma."""
    gamma_index: np.ndarray
    """Of each, counted from the smallest gamma."""
    wall_seconds: float
    """To draw and decode them, without compiling."""
    fitting_wall_seconds: float = 0.0
    """To fit the density they were drawn from, without training the model."""

    @property
    def ids(self) -> dict[str, Any]:
        """Columns that identify it in a table: variant and seed of the model, and source."""
        return {**self.model.ids, "source": self.source}

    @property
    def is_from_prior(self) -> bool:
        """Whether it is independent of the test set."""
        return self.source not in (REAL_CODES, POSTERIOR_SAMPLES)


def draw_latents(model: TrainedModel, key: PRNGKey, number: int) -> np.ndarray:
    """Latents from the model's own prior, (number, latent), drawn in whole batches."""
    batches = [
        sample_prior(model.model, model.variables, jax.random.fold_in(key, first), _BATCH)
        for first in range(0, number, _BATCH)
    ]
    return np.concatenate([np.asarray(batch) for batch in batches])[:number]


def decode_timed(model: TrainedModel, source: str, latents: np.ndarray, gamma_index: np.ndarray) -> Generated:
    """The configurations decoded from latents, timed without compiling."""
    filled = np.repeat(latents[:1], -len(latents) % model.batch_size, axis=0)
    padded = jnp.asarray(np.concatenate([latents, filled]), jnp.float32)
    jax.block_until_ready(model.decode_with_coordinates(padded))  # Compiles.
    started = time.perf_counter()
    positions = jax.block_until_ready(model.decode_with_coordinates(padded)[1])[: len(latents)]
    return Generated(model, source, positions, gamma_index, time.perf_counter() - started)


def of_gamma(generated: Generated, index: int) -> jax.Array:
    """The configurations of one gamma."""
    return generated.positions[np.flatnonzero(generated.gamma_index == index)]


def from_priors(generated: Sequence[Generated]) -> list[Generated]:
    """Those independent of the test set."""
    return [each for each in generated if each.is_from_prior]
