"""Energies and residuals of single particles, and the fraction of a change that is theirs."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int

from lcpjax.array_types import Configurations2D, Samples
from lcpjax.system import System

OfParticles = Float[Array, "configurations particles"]
Ordered = Float[Array, "configurations particles 2"]
Matrices = Float[np.ndarray, "configurations particles particles"]

# In epsilon; overlaps of more count as this much.
_HIGHEST = 1e6


@functools.partial(jax.jit, static_argnames="system")
def energies_of_particles(positions: Configurations2D, system: System) -> OfParticles:
    """Energy of each particle's pairs, in epsilon, (configurations, particles); at most 1e6."""
    squares = jnp.sum((positions[:, :, None] - positions[:, None]) ** 2, axis=-1)
    # At 1e6 sigma a particle has no energy with itself.
    away = jnp.where(jnp.eye(positions.shape[1], dtype=bool)[None], 1e12, squares)
    return jnp.minimum(jnp.sum(system.pair_energy_fn(away), axis=-1), _HIGHEST)


@functools.partial(jax.jit, static_argnames="num_particles")
def residuals_of_particles(samples: Samples, outputs: Samples, num_particles: int) -> OfParticles:
    """Mean squared error of each particle's entries, its coordinates or its row of distances; +inf where it overflows.

    Args:
        samples: in a model's particle order; matrices may have anchors after the particles.
        outputs: what they were decoded to, in the same units.
    """
    residuals = jnp.mean((outputs - samples)[:, :num_particles] ** 2, axis=2)
    return jnp.where(jnp.isnan(residuals), jnp.inf, residuals)


@jax.jit
def places_in_order(positions: Configurations2D, ordered: Ordered) -> Int[Array, "configurations particles"]:
    """Row of each particle in the same configuration put in order, (configurations, particles)."""
    squares = jnp.sum((positions[:, :, None] - ordered[:, None]) ** 2, axis=-1)
    return jnp.argmin(squares, axis=2)


def fraction_in_rows(changes: Matrices, is_displaced: Bool[np.ndarray, "configurations particles"]) -> float:
    """Fraction of the squared change of matrices in rows or columns of displaced particles.

    >>> changes = np.ones((1, 2, 2))
    >>> fraction_in_rows(changes, np.array([[True, False]]))
    0.75
    """
    squares = np.asarray(changes, np.float64) ** 2
    of_displaced = is_displaced[:, :, None] | is_displaced[:, None]
    return float(squares[of_displaced].sum() / squares.sum())
