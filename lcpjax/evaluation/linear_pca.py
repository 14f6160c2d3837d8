"""The linear row: what as many principal components give on the same data."""

import functools

import jax
import jax.numpy as jnp

from lcpjax.array_types import HeldOutSamples, Samples, Scalar


@functools.partial(jax.jit, static_argnames="num_components")
def linear_pca_error(train: Samples, test: HeldOutSamples, num_components: int) -> Scalar:
    """Mean squared error on the test part of a linear autoencoder, in the samples' units squared.

    Principal components of the training part, the best linear code of that many
    numbers; with as many components as entries the error is zero.

    Args:
        train: (configurations, ...entries), to learn mean and components from.
        test: the same entries of other configurations.
        num_components: d, the number of latents it is compared with.

    >>> line = jnp.array([[0.0, 0.0], [1.0, 1.0], [2.0, 2.0]])
    >>> float(linear_pca_error(line, line, 1).round(5))
    0.0
    """
    rows, held_out = train.reshape(train.shape[0], -1), test.reshape(test.shape[0], -1)
    mean = jnp.mean(rows, axis=0, keepdims=True)
    rows, held_out = rows - mean, held_out - mean
    # Eigenvectors of the covariance: entries x entries, however many configurations there are.
    _, vectors = jnp.linalg.eigh(rows.T @ rows / rows.shape[0])
    components = vectors[:, max(vectors.shape[1] - num_components, 0) :]
    return jnp.mean((held_out - (held_out @ components) @ components.T) ** 2)


@jax.jit
def mean_error(train: Samples, test: HeldOutSamples) -> Scalar:
    """Mean squared error of answering the training part's mean to everything: no latent at all."""
    return jnp.mean((test - jnp.mean(train, axis=0, keepdims=True)) ** 2)
