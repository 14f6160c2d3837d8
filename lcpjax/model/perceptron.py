"""Perceptrons: samples as vectors, without knowledge of their shape."""

import math
from typing import ClassVar

import flax.linen as nn
import jax.numpy as jnp
from jaxtyping import Array, Float

from lcpjax.array_types import Latent, Samples
from lcpjax.model.posterior import Features, Posterior, posterior_of
from lcpjax.model.sample_kinds import ANYTHING, NORMALISED, VECTOR

Vectors = Float[Array, "batch entries"]


class Perceptron(nn.Module):
    """Features of vectors, after ``depth`` dense layers of ``width`` each."""

    width: int
    depth: int

    @nn.compact
    def __call__(self, vectors: Vectors) -> Features:
        """(batch, width)."""
        features = nn.silu(nn.Dense(self.width)(vectors))
        for _ in range(self.depth - 1):
            features = nn.silu(nn.Dense(self.width)(features))
        return features


class ResidualPerceptron(nn.Module):
    """Features of vectors, after ``depth`` residual blocks.

    He et al., "Identity mappings in deep residual networks" (2016): normalised
    first, so that the way past all blocks is never touched.
    """

    width: int
    depth: int

    @nn.compact
    def __call__(self, vectors: Vectors) -> Features:
        """(batch, width)."""
        features = nn.Dense(self.width)(vectors)
        for _ in range(self.depth):
            inner = nn.silu(nn.Dense(self.width)(nn.LayerNorm()(features)))
            # Blocks begin as the identity: however many there are, training starts from a linear map.
            features = features + nn.Dense(self.width, kernel_init=nn.initializers.zeros)(inner)
        return nn.silu(nn.LayerNorm()(features))


class PerceptronEncoder(nn.Module):
    """Posterior of samples of any shape.

    Args:
        body: turns vectors into features.
    """

    works_on: ClassVar[str] = ANYTHING
    latents: ClassVar[str] = VECTOR
    takes: ClassVar[str] = NORMALISED
    latent_dim: int
    body: nn.Module

    @nn.compact
    def __call__(self, samples: Samples) -> Posterior:
        """q(z | x) of normalised samples."""
        features = self.body(samples.reshape(samples.shape[0], -1))
        return posterior_of(features, self.latent_dim)


class PerceptronDecoder(nn.Module):
    """Samples of any shape from latents.

    Args:
        sample_shape: of one sample.
        body: turns vectors into features.
    """

    works_on: ClassVar[str] = ANYTHING
    latents: ClassVar[str] = VECTOR
    gives: ClassVar[str] = NORMALISED
    sample_shape: tuple[int, ...]
    body: nn.Module

    @nn.compact
    def __call__(self, latent: Latent) -> Samples:
        """Normalised samples."""
        entries = nn.Dense(math.prod(self.sample_shape))(self.body(latent))
        return jnp.reshape(entries, (-1, *self.sample_shape))
