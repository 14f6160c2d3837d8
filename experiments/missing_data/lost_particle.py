"""Place of one lost particle given all others, weighed by any density of configurations."""

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float

from lcpjax.array_arguments import takes_arrays
from lcpjax.array_types import Configurations2D, Positions, PRNGKey
from lcpjax.errors import InputError
from lcpjax.representation import distance_matrix
from lcpjax.system import System

# In sigma, of a height in single precision.
_ROUNDING = 1e-5
# Candidates that are weighed at once.
_BATCH = 1024

LogDensity = Callable[[Configurations2D], Float[np.ndarray | Array, " candidates"]]


class LostParticle(NamedTuple):
    """Imputations of one configuration."""

    distances: Float[np.ndarray, "draws particles particles"]
    """In sigma, with the particle at places drawn by their weight; nan where no candidate is possible."""
    effective_number: float
    """Of candidates; 0 where none is possible."""


@takes_arrays
def place_lost_particle(
    key: PRNGKey,
    log_density: LogDensity,
    system: System,
    positions: Positions,
    observed: Bool[np.ndarray, "particles particles"],
    num_candidates: int,
    num_draws: int,
) -> LostParticle:
    """Draws of all distances given those observed, the places of all others, and the order of heights.

    Candidates are uniform where the particle can be: between the heights of its neighbours in the order, on the circle
    around the one that it is linked to, or at both places that two links allow. Each is drawn by its density.

    Args:
        log_density: ln p in nats of (candidates, particles, 2), up to a constant.
        positions: (particles, 2), in sigma, in rising height order; of the lost one only observed distances are used.
        observed: of a single lost particle with at most two links.

    Raises:
        InputError: a density that is not a number somewhere.
    """
    links = observed & ~np.eye(len(observed), dtype=bool)
    lost = int(np.argmin(links.sum(axis=1)))
    place_key, draw_key = jax.random.split(key)
    places, kept = _candidates(
        place_key, system, np.asarray(positions), lost, np.flatnonzero(links[lost]), num_candidates
    )
    many = jnp.broadcast_to(positions[None], (len(places), *positions.shape)).at[:, lost].set(jnp.asarray(places))
    batches = [log_density(many[first : first + _BATCH]) for first in range(0, len(places), _BATCH)]
    log_weights = np.where(kept, np.concatenate([np.asarray(each, np.float64) for each in batches]), -np.inf)
    if np.isnan(log_weights).any():
        raise InputError("log_density: not a number at some places of the lost particle")
    if np.isneginf(log_weights.max()):
        return LostParticle(np.full((num_draws, *observed.shape), np.nan), 0.0)
    weights = np.exp(log_weights - log_weights.max())
    weights /= weights.sum()
    random = np.random.default_rng(np.asarray(jax.random.bits(draw_key, (2,))))
    chosen = random.choice(len(places), num_draws, p=weights)
    return LostParticle(np.asarray(distance_matrix(many[chosen])), float(1.0 / np.sum(weights**2)))


def _candidates(
    key: PRNGKey, system: System, positions: np.ndarray, lost: int, links: np.ndarray, number: int
) -> tuple[Float[np.ndarray, "candidates 2"], Bool[np.ndarray, " candidates"]]:
    """Places of the lost particle, each as likely without a density, and whether they are in the box and in order."""
    low = positions[lost - 1, 1] if lost else 0.0
    high = positions[lost + 1, 1] if lost + 1 < len(positions) else system.box_side
    levels = np.asarray(jax.random.uniform(key, (number, 2)), np.float64)
    lengths = np.linalg.norm(positions[links] - positions[lost], axis=1)
    if len(links) == 0:
        places = np.stack([system.box_side * levels[:, 0], low + (high - low) * levels[:, 1]], axis=1)
    elif len(links) == 1:
        (centre,), (length,) = positions[links], lengths
        # Of the circle only the two arcs between the neighbours' heights.
        first, last = np.arcsin(np.clip((np.array([low, high]) - centre[1]) / length, -1.0, 1.0))
        angles = first + (last - first) * levels[:, 1]
        side = np.where(levels[:, 0] < 0.5, -1.0, 1.0)
        places = centre + length * np.stack([side * np.cos(angles), np.sin(angles)], axis=1)
    else:
        line = positions[links[1]] - positions[links[0]]
        mirrored = 2 * np.outer(line, line) / np.sum(line**2) - np.eye(2)
        # Two distances leave the side of their line underdetermined.
        places = positions[links[0]] + np.stack([np.eye(2), mirrored]) @ (positions[lost] - positions[links[0]])
    inside = np.all((places >= 0) & (places <= system.box_side), axis=1)
    # Rounded places at the very end of an arc are still in order.
    return places, inside & (places[:, 1] >= low - _ROUNDING) & (places[:, 1] <= high + _ROUNDING)
