"""Energies of one configuration."""

import jax.numpy as jnp

from lcpjax.array_arguments import takes_arrays
from lcpjax.array_types import Energy, Positions
from lcpjax.system.pair_potentials import PairPotential, lennard_jones


@takes_arrays
def pair_energy(positions: Positions, pair_potential: PairPotential = lennard_jones) -> Energy:
    """Sum of the pair potential over all distinct pairs, in epsilon.

    Args:
        positions: (particles, 2), in sigma.
        pair_potential: squared distances -> pair energies.

    >>> round(float(pair_energy(jnp.array([[0.0, 0.0], [2 ** (1 / 6), 0.0]]))), 5)
    -1.0
    """
    first, second = jnp.triu_indices(positions.shape[0], k=1)
    displacements = positions[first] - positions[second]
    return jnp.sum(pair_potential(jnp.sum(displacements**2, axis=-1)))


@takes_arrays
def gravity_energy(positions: Positions, gamma: Energy | float) -> Energy:
    """Gravity in epsilon: gamma times the sum of the heights; gamma = m g sigma / epsilon."""
    return gamma * jnp.sum(positions[:, 1])


@takes_arrays
def total_energy(positions: Positions, gamma: Energy | float, pair_potential: PairPotential = lennard_jones) -> Energy:
    """Pair energy plus gravity of one configuration, in epsilon.

    U(x) = sum over pairs of V(r_ij) + gamma * sum of y_i. The walls are not in
    it: a configuration outside the box has no weight at all, whatever its energy.

    Args:
        positions: (particles, 2), in sigma.
        gamma: m g sigma / epsilon.
        pair_potential: squared distances -> pair energies.

    >>> float(total_energy(jnp.array([[0.0, 2.0]]), 0.5))
    1.0
    """
    return pair_energy(positions, pair_potential) + gravity_energy(positions, gamma)
