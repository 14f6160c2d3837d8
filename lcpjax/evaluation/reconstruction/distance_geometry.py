"""Tests of matrices as distances of points in a plane: triangles and the rank of the Gram matrix."""

import functools

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from lcpjax.array_arguments import takes_arrays
from lcpjax.array_types import PerConfiguration, Scalar
from lcpjax.reconstruction import eigen_decomposition, gram_matrix, rank_two_fraction_of, symmetrised

Matrices = Float[Array, "configurations particles particles"]

# Numbers held at once, a row of triples of each configuration being N^2.
_MOST_NUMBERS = 2**22
# Gram matrices decomposed at once.
_BATCH = 256


@takes_arrays
@jax.jit
def fraction_of_triangle_violations(distances: Matrices, tolerance: float | Scalar | None = None) -> PerConfiguration:
    """Fraction of triples of particles, (configurations,), of which one side is longer than both others together.

    Of the symmetric part; a negative entry counts as it stands. 0 below three particles; nan where an entry is.

    Args:
        distances: (configurations, particles, particles), in sigma.
        tolerance: in sigma, by how much a side may exceed the others; None: 16 units in the last place
            of the longest distance, above what rounding does to three distances in a flat triangle.
    """
    number = distances.shape[-1]
    num_triples = max(number * (number - 1) * (number - 2) // 6, 1)

    def of_one(matrix: jax.Array) -> jax.Array:
        sides = 0.5 * (matrix + matrix.T)
        longest = jnp.max(jnp.abs(sides), initial=0.0)
        allowed = 16 * jnp.finfo(sides.dtype).eps * longest if tolerance is None else tolerance
        add = functools.partial(_add_triples, sides, allowed)
        violations = jax.lax.fori_loop(0, number, add, jnp.int32(0))
        return jnp.where(jnp.isnan(longest), jnp.nan, violations.astype(sides.dtype) / num_triples)

    return jax.lax.map(of_one, distances, batch_size=max(_MOST_NUMBERS // max(number, 1) ** 2, 1))


def _add_triples(sides: jax.Array, allowed: jax.Array | float, first: jax.Array, violations: jax.Array) -> jax.Array:
    """To the number of triples that violate the inequality those whose first particle is ``first``."""
    particles = jnp.arange(len(sides), dtype=jnp.int32)
    is_triple = (particles[:, None] > first) & (particles[None, :] > particles[:, None])
    to_second, to_third = sides[first][:, None], sides[first][None, :]
    longest = jnp.maximum(jnp.maximum(to_second, to_third), sides)
    violates = 2 * longest - (to_second + to_third + sides) > allowed
    return violations + jnp.sum(is_triple & violates, dtype=jnp.int32)


@takes_arrays
@jax.jit
def rank_two_fraction(distances: Matrices) -> PerConfiguration:
    """The two largest eigenvalues of the Gram matrix over the sum of the sizes of all, (configurations,).

    1 for distances of points in a plane. Negative eigenvalues, which no
    coordinates can have, count against it however large they are. Of the nearest
    symmetric matrix with a zero diagonal.

    Args:
        distances: (configurations, particles, particles), in sigma.
    """
    values, _ = eigen_decomposition(gram_matrix(symmetrised(distances)))
    return rank_two_fraction_of(values)
