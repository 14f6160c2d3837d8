"""The wall sum rule: n(0) - n(L) = N gamma / T, whatever the interaction.

n(y) is the number of particles per unit of height. The momentum that the fluid
hands to the lower and the upper wall in equilibrium differs by its weight, and at a
hard wall the pressure is T times the density in contact.

Contact densities are conditional ones: each particle's distribution along its own
vertical line given all the others is known from the Boltzmann factor, so every
configuration gives a number without noise of its own and without bins, which are
biased (the density is steepest at the walls).
"""

import functools
import math

import jax
import jax.numpy as jnp
import numpy as np

from lcpjax.array_types import Configurations2D, Energy, PerConfiguration, Positions
from lcpjax.sampler.verification.check import Check, check_mean
from lcpjax.sampler.verification.sampled_chains import SampledChains, sensitivity_of
from lcpjax.sampler.verification.two_particle_distribution import gauss_legendre
from lcpjax.system import System

_NODES_PER_SIGMA = 40
_CONFIGURATIONS_AT_ONCE = 16


def check_wall_sum_rule(chains: SampledChains) -> list[Check]:
    """Difference of both contact densities against the weight, at every gamma."""
    system, checks = chains.subject.system, []
    for gamma, positions in chains.positions.items():
        # Where a sampler went wrong there may be no density to speak of; then its check fails.
        per_chain = jnp.full(positions.shape[0], gamma, jnp.float32)
        bottom, top = contact_densities(system, jnp.asarray(positions, jnp.float32), per_chain)
        difference = np.asarray(bottom - top, np.float64)
        exact = system.num_particles * gamma / system.temperature
        check = check_mean(chains.subject, "n(0) - n(L) (1/sigma)", f"{gamma:g}", difference, exact)
        checks.append(check._replace(sensitivity=sensitivity_of(chains, gamma, difference)))
    return checks


@functools.partial(jax.jit, static_argnames=("system", "nodes_per_sigma"))
def contact_densities(
    system: System, positions: Configurations2D, gamma: PerConfiguration, nodes_per_sigma: int = _NODES_PER_SIGMA
) -> tuple[PerConfiguration, PerConfiguration]:
    """Particles per unit of height at the lower and the upper wall, in 1 / sigma, from each configuration.

    Args:
        nodes_per_sigma: of the quadrature along each line; doubled, nothing changes (tested).
    """
    return jax.lax.map(
        lambda one: _contact_densities(system, *one, nodes_per_sigma),
        (positions, gamma),
        batch_size=_CONFIGURATIONS_AT_ONCE,
    )


def _contact_densities(
    system: System, positions: Positions, gamma: Energy, nodes_per_sigma: int
) -> tuple[jax.Array, jax.Array]:
    """Contact densities of one configuration, summed over particles."""
    edges = np.linspace(0.0, system.box_side, math.ceil(system.box_side * nodes_per_sigma / 4) + 1)
    nodes, weights = (grid.reshape(-1) for grid in gauss_legendre(edges[:-1], edges[1:], 4))
    heights = jnp.asarray(np.concatenate([[0.0, system.box_side], nodes]), jnp.float32)
    x, y = positions[:, 0], positions[:, 1]

    def log_weights(particle: jax.Array) -> jax.Array:
        """Log Boltzmann weights of one particle, at every height of its own vertical line."""
        squared = (x[particle] - x)[None, :] ** 2 + (heights[:, None] - y[None, :]) ** 2
        others = jnp.arange(system.num_particles) != particle
        energies = jnp.where(others[None, :], system.pair_energy_fn(squared), 0.0)
        return -(jnp.sum(energies, axis=1) + gamma * heights) / system.temperature

    logs = jax.vmap(log_weights)(jnp.arange(system.num_particles))
    relative = jnp.exp(logs - jnp.max(logs, axis=1, keepdims=True))
    normalisation = relative[:, 2:] @ jnp.asarray(weights, jnp.float32)
    return jnp.sum(relative[:, 0] / normalisation), jnp.sum(relative[:, 1] / normalisation)
