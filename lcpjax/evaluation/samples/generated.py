"""Generated configurations relative to equilibrium: distributions, structure, novelty and coverage."""

from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float
from scipy import stats

from lcpjax.array_arguments import takes_arrays
from lcpjax.array_types import Configurations2D, HeldOutConfigurations, ManyPositions
from lcpjax.errors import InputError
from lcpjax.evaluation.samples.neighbours import distances_to_nearest
from lcpjax.evaluation.samples.structure import height_profile, pair_correlation
from lcpjax.representation import order_particles

Values = Float[np.ndarray, " configurations"]
OtherValues = Float[np.ndarray, " others"]
Features = Float[np.ndarray, "generated features"]
OtherFeatures = Float[np.ndarray, "tested features"]
GeneratedPositions = Float[Array, "generated particles 2"]

# In sigma: beyond it g(r) of so small a fluid is 1, or the box.
_LONGEST, _NUM_BINS = 4.0, 80


@takes_arrays
def distance_in_deviations(values: OtherValues, reference: Values, weights: OtherValues | None = None) -> float:
    """W1 between two samples in standard deviations of the reference.

    Args:
        weights: of the values; None: all alike.

    Raises:
        InputError: a sample without values, a reference without scatter, or weights below 0 or without a sum.

    >>> distance_in_deviations(np.array([1.0, 3.0]), np.array([0.0, 2.0]))
    1.0
    """
    if not (len(values) and len(reference)) or not np.std(reference) > 0:
        raise InputError(
            f"{len(values)} values against {len(reference)}: needed are 1 of those, and 2 unequal ones of these"
        )
    if weights is not None and not ((weights >= 0).all() and 0 < weights.sum() < np.inf):
        raise InputError("weights: must be at least 0, and their sum above it and finite")
    return float(stats.wasserstein_distance(values, reference, weights)) / float(np.std(reference))


class Structure(NamedTuple):
    """Structure of configurations at one gamma."""

    correlation: np.ndarray
    """g(r) in bins."""
    profile: np.ndarray
    """n(y) in bins, in 1 / sigma."""


@takes_arrays
def structure_of(positions: GeneratedPositions, box_side: float) -> Structure:
    """g(r) and n(y) of configurations at one gamma.

    Args:
        positions: (configurations, particles, 2), in sigma; what lies outside the box is at no height, so that the
            profile has fewer particles.
        box_side: in sigma.
    """
    correlation = pair_correlation(positions, _LONGEST, _NUM_BINS).ratio
    return Structure(correlation, height_profile(positions, box_side).density)


@takes_arrays
def outside_fraction(positions: GeneratedPositions, box_side: float) -> float:
    """Fraction of configurations with a particle outside the box, which have probability 0.

    >>> outside_fraction(jnp.array([[[0.5, 1.0]], [[0.5, 1.1]], [[-0.1, 0.0]], [[0.0, 0.0]]]), box_side=1.0)
    0.5
    """
    return float(jnp.mean(~are_inside(positions, box_side)))


@takes_arrays
def are_inside(positions: GeneratedPositions, box_side: float) -> Bool[Array, " generated"]:
    """Whether all particles of each configuration are inside the box."""
    return jnp.all((positions >= 0) & (positions <= box_side), axis=(1, 2))


@takes_arrays
def structure_distances(structure: Structure, reference: Structure) -> tuple[float, float]:
    """Differences of g(r) and n(y) from a reference: integral of the difference over that of the reference."""
    distances = [_relative(*curves) for curves in zip(structure, reference, strict=True)]
    return distances[0], distances[1]


def _relative(values: np.ndarray, reference: np.ndarray) -> float:
    is_finite = np.isfinite(values) & np.isfinite(reference)
    return float(np.abs(values - reference)[is_finite].sum() / np.abs(reference)[is_finite].sum())


@takes_arrays
def novelty(generated: GeneratedPositions, train: Configurations2D, test: HeldOutConfigurations) -> float:
    """Median distance to the nearest training configuration, over that of test configurations.

    Near 0: copies. 1 means no more than that there are none: in so many coordinates any configuration is about as far
    from all others. Distances are over all coordinates in height order.
    """
    rows, test_rows, data = (_rows(each) for each in (generated, test, train))
    return float(jnp.median(distances_to_nearest(rows, data)) / jnp.median(distances_to_nearest(test_rows, data)))


@takes_arrays
def coverage(generated: Features, test: OtherFeatures, num_neighbours: int = 5) -> float:
    """Fraction of test configurations with a generated one nearer than their own fifth neighbour in the test set.

    Naeem et al., "Reliable fidelity and diversity metrics for generative models", ICML (2020). Grows with the
    number generated: compare with that of as many configurations of the fluid.

    Args:
        generated: a few observables of each, (configurations, features): in as many dimensions as there are
            coordinates all points are about as far from each other.
        test: the same; distances are in standard deviations of these.

    Raises:
        InputError: no more test configurations than neighbours, none generated, or a feature without scatter.
    """
    if not len(generated):
        raise InputError("generated: no configurations; coverage needs at least one")
    if len(test) <= num_neighbours:
        raise InputError(f"{len(test)} test configurations: coverage needs more than {num_neighbours}")
    scale = np.std(test, axis=0)
    if not (np.isfinite(scale) & (scale > 0)).all():
        raise InputError("test: a feature is not finite, or the same in all configurations")
    rows, data = (np.asarray(each, np.float64) / scale for each in (generated, test))
    radii = np.sort(_distances(data, data), axis=1)[:, num_neighbours]
    return float(np.mean(_distances(data, rows).min(axis=1) <= radii))


def _distances(first: Float[np.ndarray, "first entries"], second: Float[np.ndarray, "second entries"]) -> np.ndarray:
    return np.sqrt(((first[:, None] - second[None]) ** 2).sum(axis=-1))


def _rows(positions: ManyPositions) -> Float[Array, "rows entries"]:
    return order_particles(positions, "height").reshape(positions.shape[0], -1)
