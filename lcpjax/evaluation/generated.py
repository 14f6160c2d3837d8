"""Generated configurations beside those of equilibrium: distributions, structure, novelty and coverage."""

from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from scipy import stats

from lcpjax.array_types import Configurations2D, HeldOutConfigurations, ManyPositions
from lcpjax.errors import OneLineError
from lcpjax.evaluation.neighbours import distances_to_nearest
from lcpjax.evaluation.structure import height_profile, pair_correlation
from lcpjax.representation import order_particles

Values = Float[np.ndarray, " configurations"]
OtherValues = Float[np.ndarray, " others"]
GeneratedPositions = Float[Array, "generated particles 2"]

# In sigma: beyond it g(r) of so small a fluid is 1, or the box.
_LONGEST, _NUM_BINS = 4.0, 80


class GeneratedError(OneLineError):
    """Too few configurations to compare."""


def distance_in_deviations(values: OtherValues, reference: Values, weights: OtherValues | None = None) -> float:
    """W1 between two samples in standard deviations of the reference.

    Args:
        weights: of the values; None: all alike.

    Raises:
        GeneratedError: a sample without values, or a reference without scatter.

    >>> distance_in_deviations(np.array([1.0, 3.0]), np.array([0.0, 2.0]))
    1.0
    """
    if not (len(values) and len(reference)) or not np.std(reference) > 0:
        raise GeneratedError(
            f"{len(values)} values against {len(reference)}: needed are 1 of those, and 2 unequal ones of these"
        )
    return float(stats.wasserstein_distance(values, reference, weights)) / float(np.std(reference))


class Structure(NamedTuple):
    """How particles of configurations at one gamma are arranged."""

    correlation: np.ndarray
    """g(r) in bins."""
    profile: np.ndarray
    """n(y) in bins, in 1 / sigma."""


def structure_of(positions: GeneratedPositions, box_side: float) -> Structure:
    """g(r) and n(y) of configurations at one gamma.

    Args:
        positions: (configurations, particles, 2), in sigma; what lies outside the box counts as on its wall.
        box_side: in sigma.
    """
    inside = jnp.clip(positions, 0.0, box_side)
    correlation = pair_correlation(inside, _LONGEST, _NUM_BINS).ratio
    return Structure(correlation, height_profile(inside, box_side).density)


def structure_distances(structure: Structure, reference: Structure) -> tuple[float, float]:
    """How far g(r) and n(y) are from those of a reference: integral of the difference over that of the latter."""
    distances = [_relative(*curves) for curves in zip(structure, reference, strict=True)]
    return distances[0], distances[1]


def _relative(values: np.ndarray, reference: np.ndarray) -> float:
    told = np.isfinite(values) & np.isfinite(reference)
    return float(np.abs(values - reference)[told].sum() / np.abs(reference)[told].sum())


def novelty(generated: GeneratedPositions, train: Configurations2D, test: HeldOutConfigurations) -> float:
    """Distance to the nearest training configuration, the median, over that of test configurations.

    1: as far from what was learnt as the fluid itself is; near 0: copies. Distances are over all
    coordinates in height order.
    """
    own, other, data = (_rows(each) for each in (generated, test, train))
    return float(jnp.median(distances_to_nearest(own, data)) / jnp.median(distances_to_nearest(other, data)))


def coverage(generated: GeneratedPositions, test: HeldOutConfigurations, num_neighbours: int = 5) -> float:
    """The share of test configurations with a generated one nearer than their own fifth neighbour in the test part.

    Naeem et al., "Reliable fidelity and diversity metrics for generative models", ICML (2020). Grows with the
    number generated: compare with that of as many configurations of the fluid.

    Raises:
        GeneratedError: no more test configurations than neighbours.
    """
    if len(test) <= num_neighbours:
        raise GeneratedError(f"{len(test)} test configurations: coverage needs more than {num_neighbours}")
    own, data = np.asarray(_rows(generated), np.float64), np.asarray(_rows(test), np.float64)
    radii = np.sort(_distances(data, data), axis=1)[:, num_neighbours]
    return float(np.mean(_distances(data, own).min(axis=1) <= radii))


def _distances(first: Float[np.ndarray, "first entries"], second: Float[np.ndarray, "second entries"]) -> np.ndarray:
    squares = (first**2).sum(axis=1)[:, None] + (second**2).sum(axis=1)[None] - 2.0 * first @ second.T
    return np.sqrt(np.maximum(squares, 0.0))


def _rows(positions: ManyPositions) -> Float[Array, "rows entries"]:
    return order_particles(positions, "height").reshape(positions.shape[0], -1)
