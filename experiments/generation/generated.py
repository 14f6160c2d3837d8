"""Generated configurations, and where they come from."""

import time
from collections.abc import Sequence
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from lcpjax.array_types import PRNGKey
from lcpjax.model import sample_prior
from lcpjax.trained_model import TrainedModel

REAL_CODES, POSTERIOR_SAMPLES = "codes", "posterior samples"
"""Of the test part: what the decoder alone costs, and what the noise of the posterior costs besides."""
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
"""What stands in place of the prior; mixtures: of as many components as held-out codes like best; own: the model's
learned prior, which knows no gamma and is told it by physics; corrected: by rejection, of all that leaves the box, and
until pair energies and heights are as common as in the training part."""

# Latents drawn at once.
_BATCH = 512


class Generated(NamedTuple):
    """Configurations from one source, decoded and in no way repaired."""

    model: TrainedModel
    source: str
    positions: jax.Array
    """(configurations, particles, 2), in sigma."""
    gamma_index: np.ndarray
    """Of each, counted from the smallest gamma."""
    wall_seconds: float
    """To draw and decode them; compiling is not in it."""
    fitting_wall_seconds: float = 0.0
    """To fit what they were drawn from, beside training the model."""

    @property
    def case(self) -> str:
        """The model's name."""
        return self.model.name

    @property
    def is_from_prior(self) -> bool:
        """Whether no configuration of the test part went into it."""
        return self.source not in (REAL_CODES, POSTERIOR_SAMPLES)


def draw_latents(model: TrainedModel, key: PRNGKey, number: int) -> np.ndarray:
    """Latents from the model's own prior, (number, latent), in whole batches of which the first ones are kept."""
    batches = [
        sample_prior(model.model, model.variables, jax.random.fold_in(key, first), _BATCH)
        for first in range(0, number, _BATCH)
    ]
    return np.concatenate([np.asarray(batch) for batch in batches])[:number]


def decode_timed(model: TrainedModel, source: str, latents: np.ndarray, gamma_index: np.ndarray) -> Generated:
    """What latents decode to, and how long that took without compiling."""
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
    """Those that no configuration of the test part went into."""
    return [each for each in generated if each.is_from_prior]
