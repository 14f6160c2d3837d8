"""Pair potentials: functions of the squared distance, and the registry that names them."""

from collections.abc import Callable

from lcpjax.array_arguments import takes_arrays
from lcpjax.array_types import PairEnergies, SquaredDistances

PairPotential = Callable[[SquaredDistances], PairEnergies]


@takes_arrays
def lennard_jones(squared_distances: SquaredDistances) -> PairEnergies:
    """Lennard-Jones pair energies, in epsilon.

    V(r) = 4 (r^-12 - r^-6): zero at r = 1, lowest (-1) at r = 2^(1/6).
    Two particles on the same point give +inf, which a Metropolis step rejects;
    nothing is clipped.

    Args:
        squared_distances: r squared, any shape, in sigma squared.

    >>> import jax.numpy as jnp
    >>> lennard_jones(jnp.array([0.0, 1.0, 2 ** (1 / 3)])).round(4).tolist()
    [inf, 0.0, -1.0]
    """
    # Factored: on overlap r^-12 - r^-6 would be inf - inf = NaN. As (2 s)(2 s - 2), s = r^-6, the 4 is
    # free and exact; as 4 s (s - 1) XLA divides twice on a CPU, for half the sampler's speed (measured).
    doubled = 2.0 / (squared_distances * squared_distances * squared_distances)
    return doubled * (doubled - 2.0)


@takes_arrays
def soft_power(squared_distances: SquaredDistances) -> PairEnergies:
    """Pair energies of the study's "fake" Lennard-Jones fluid, in epsilon.

    V(r) = 4 (r^-4 - r^-2): zero at r = 1, lowest (-1) at r = sqrt(2), and much
    longer in range. +inf at r = 0.

    Args:
        squared_distances: r squared, any shape, in sigma squared.

    >>> import jax.numpy as jnp
    >>> soft_power(jnp.array([0.0, 1.0, 2.0])).tolist()
    [inf, 0.0, -1.0]
    """
    doubled = 2.0 / squared_distances
    return doubled * (doubled - 2.0)


PAIR_POTENTIALS: dict[str, PairPotential] = {
    "lennard_jones": lennard_jones,
    "soft_power": soft_power,
}
