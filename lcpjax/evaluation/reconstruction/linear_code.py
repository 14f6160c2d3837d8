"""Linear reference: reconstruction by principal components of the same data."""

import functools
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from lcpjax.array_arguments import takes_arrays
from lcpjax.array_types import Configurations2D, Count, HeldOutConfigurations, Scalar
from lcpjax.errors import InputError
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


class LinearErrors(NamedTuple):
    """Errors of a linear code of some size on held-out configurations."""

    mse: Scalar
    """Over all entries of the representation, in the samples' units squared."""
    distance_mse: Scalar
    """Over all N x N distances between particles, in sigma squared."""
    rmsd: Scalar
    """Of particles over all configurations, unaligned, in sigma; nan where the representation has no coordinates."""


@takes_arrays
@functools.partial(jax.jit, static_argnames="representation")
def learn_linear_code(representation: Representation, positions: Configurations2D) -> LinearCode:
    """Principal components of configurations in a representation.

    Args:
        positions: (configurations, particles, 2), in sigma, in any order.

    Raises:
        InputError: no configurations.
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


@takes_arrays
@functools.partial(jax.jit, static_argnames="representation")
def linear_code_errors(
    code: LinearCode, representation: Representation, positions: HeldOutConfigurations, num_components: Count | int
) -> LinearErrors:
    """Mean squared errors of held-out configurations from the first components, and the RMSD.

    Args:
        num_components: d, the number of latents it is compared with; 0: the mean alone.

    Raises:
        InputError: no configurations.
    """
    kept = jnp.arange(code.mean.shape[0]) < num_components
    components = code.components * kept[None].astype(jnp.float32)
    chunks, counted = _chunks(positions)

    def add(totals: jax.Array, chunk: tuple[jax.Array, jax.Array]) -> tuple[jax.Array, None]:
        ordered = representation.order(chunk[0])
        samples = representation.represent(ordered)
        deviations = samples.reshape(len(samples), -1) - code.mean[None]
        latents = jnp.matmul(deviations, components, precision="highest")
        restored = code.mean[None] + jnp.matmul(latents, components.T, precision="highest")
        errors = _squared_errors(representation, ordered, samples, restored.reshape(samples.shape))
        return totals + jnp.sum(jnp.where(chunk[1][None] > 0, errors, 0.0), axis=1), None

    totals, _ = jax.lax.scan(add, jnp.zeros(3), (chunks, counted))
    mse, distance_mse, squared_distance = totals / positions.shape[0]
    return LinearErrors(mse, distance_mse, jnp.sqrt(squared_distance))


def _squared_errors(
    representation: Representation, ordered: jax.Array, samples: jax.Array, restored: jax.Array
) -> Float[Array, "3 chunk"]:
    """Of each configuration: per entry, per distance, and per particle (nan where there are no coordinates)."""
    of_distances = representation.distances(restored) - representation.distances(samples)
    per_particle = jnp.full(len(samples), jnp.nan)
    if representation.has_coordinates:
        moved = representation.coordinates(restored) - ordered
        per_particle = jnp.mean(jnp.sum(moved**2, axis=-1), axis=-1)
    return jnp.stack([_mean_square(restored - samples), _mean_square(of_distances), per_particle])


def _mean_square(errors: jax.Array) -> jax.Array:
    return jnp.mean(errors.reshape(len(errors), -1) ** 2, axis=1)


def _rows(representation: Representation, positions: jax.Array) -> jax.Array:
    """One row of entries for each configuration."""
    return representation.of(positions).reshape(positions.shape[0], -1)


def _chunks(positions: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Configurations in equal chunks, the last filled up with copies that count 0, and what each counts."""
    number = positions.shape[0]
    if number == 0:
        raise InputError("a linear code needs at least one configuration; this split is empty")
    size = min(_CHUNK, number)
    missing = -number % size
    padded = jnp.concatenate([positions, jnp.broadcast_to(positions[:1], (missing, *positions.shape[1:]))])
    counted = (jnp.arange(number + missing) < number).astype(jnp.float32)
    return padded.reshape(-1, size, *positions.shape[1:]), counted.reshape(-1, size)
