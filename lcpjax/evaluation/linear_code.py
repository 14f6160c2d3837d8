"""The linear row: what principal components give on the same data."""

import functools
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from lcpjax.array_types import Configurations2D, Count, HeldOutConfigurations, Scalar
from lcpjax.representation import Representation

# Configurations represented at once, so that a million matrices never exist together.
_CHUNK = 1024


class LinearCode(NamedTuple):
    """The best linear autoencoder of every size, of samples taken entry by entry."""

    mean: Float[Array, " entries"]
    components: Float[Array, "entries entries"]
    """One a column, by falling variance."""
    variances: Float[Array, " entries"]
    """In the samples' units squared, falling."""


@functools.partial(jax.jit, static_argnames="representation")
def learn_linear_code(representation: Representation, positions: Configurations2D) -> LinearCode:
    """Principal components of what a representation says about configurations.

    Args:
        positions: (configurations, particles, 2), in sigma, in any order.
    """
    chunks, counted = _chunks(positions)
    num_entries = _rows(representation, positions[:1]).shape[1]

    def add_to_mean(total: jax.Array, chunk: tuple[jax.Array, jax.Array]) -> tuple[jax.Array, None]:
        return total + jnp.sum(_rows(representation, chunk[0]) * chunk[1][:, None], axis=0), None

    total, _ = jax.lax.scan(add_to_mean, jnp.zeros(num_entries), (chunks, counted))
    mean = total / positions.shape[0]

    def add_to_covariance(total: jax.Array, chunk: tuple[jax.Array, jax.Array]) -> tuple[jax.Array, None]:
        deviations = (_rows(representation, chunk[0]) - mean[None]) * chunk[1][:, None]
        # In full float32: some GPUs would otherwise multiply with ten bits.
        return total + jnp.matmul(deviations.T, deviations, precision="highest"), None

    covariance, _ = jax.lax.scan(add_to_covariance, jnp.zeros((num_entries, num_entries)), (chunks, counted))
    variances, vectors = jnp.linalg.eigh(covariance / positions.shape[0])
    return LinearCode(mean, vectors[:, ::-1], variances[::-1])


@functools.partial(jax.jit, static_argnames="representation")
def linear_code_error(
    code: LinearCode, representation: Representation, positions: HeldOutConfigurations, num_components: Count | int
) -> Scalar:
    """Mean squared error over all entries of held-out configurations, in the samples' units squared.

    Args:
        num_components: d, the number of latents it is compared with; 0: the mean answers everything.
    """
    kept = jnp.arange(code.mean.shape[0]) < num_components
    components = code.components * kept[None].astype(jnp.float32)
    chunks, counted = _chunks(positions)

    def add(total: jax.Array, chunk: tuple[jax.Array, jax.Array]) -> tuple[jax.Array, None]:
        deviations = _rows(representation, chunk[0]) - code.mean[None]
        latents = jnp.matmul(deviations, components, precision="highest")
        residuals = deviations - jnp.matmul(latents, components.T, precision="highest")
        return total + jnp.sum(jnp.mean(residuals**2, axis=1) * chunk[1]), None

    total, _ = jax.lax.scan(add, jnp.float32(0), (chunks, counted))
    return total / positions.shape[0]


def _rows(representation: Representation, positions: jax.Array) -> jax.Array:
    """One row of entries for each configuration."""
    return representation.of(positions).reshape(positions.shape[0], -1)


def _chunks(positions: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Configurations in equal chunks, the last filled up with copies that count 0, and what each counts."""
    number = positions.shape[0]
    size = min(_CHUNK, number)
    missing = -number % size
    padded = jnp.concatenate([positions, jnp.broadcast_to(positions[:1], (missing, *positions.shape[1:]))])
    counted = (jnp.arange(number + missing) < number).astype(jnp.float32)
    return padded.reshape(-1, size, *positions.shape[1:]), counted.reshape(-1, size)
