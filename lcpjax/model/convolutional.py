"""A convolutional encoder and its mirror image: strided convolutions down, depth-to-space up, blocks between."""

import math
from typing import Any, ClassVar

import flax.linen as nn
import jax.numpy as jnp
from jaxtyping import Array, Float

from lcpjax.array_types import Latent, PRNGKey
from lcpjax.model.few_channels import ConvOfSquares, convolve_one_channel
from lcpjax.model.posterior import Posterior, posterior_of
from lcpjax.model.sample_kinds import NORMALISED, SQUARE_MATRICES, VECTOR

Matrices = Float[Array, "batch side side"] | Float[Array, "batch side side channels"]
Kernel = Float[Array, "height width inputs outputs"]
Images = Float[Array, "batch height width channels"]
Enlarged = Float[Array, "batch side side outputs"]


def padded_side(side: int, num_levels: int) -> int:
    """Smallest side that halves ``num_levels`` times without remainder.

    >>> padded_side(30, 3)
    32
    """
    step = 2**num_levels
    return -(-side // step) * step


def depth_to_space(images: Images) -> Float[Array, "batch 2*height 2*width channels//4"]:
    """Images twice as high and wide, with a quarter of the channels.

    Each pixel's channels become a 2 x 2 square. Followed by a convolution this is
    a transposed one without its uneven overlaps, and fast on a CPU, where
    ConvTranspose takes seconds.
    """
    batch, height, width, channels = images.shape
    squares = images.reshape(batch, height, width, 2, 2, channels // 4)
    return squares.transpose(0, 1, 3, 2, 4, 5).reshape(batch, 2 * height, 2 * width, channels // 4)


def initial_kernel(key: PRNGKey, shape: tuple[int, ...], dtype: Any = jnp.float32) -> Kernel:
    """LeCun's normal initialisation of a convolution kernel, drawn as a matrix.

    The same distribution, variance 1 / (height width inputs), as drawing it in its own
    four axes, which XLA takes 15 times as long to compile on a CPU (measured).
    """
    matrix = (math.prod(shape[:-1]), shape[-1])
    return nn.initializers.lecun_normal()(key, matrix, dtype).reshape(shape)


class ResidualBlock(nn.Module):
    """Images with two convolutions of themselves added; the number of channels stays."""

    kernel_size: int

    @nn.compact
    def __call__(self, images: Images) -> Images:
        """The same shape."""
        channels, kernel = images.shape[-1], (self.kernel_size, self.kernel_size)
        inner = nn.silu(nn.Conv(channels, kernel, kernel_init=initial_kernel)(nn.silu(images)))
        # Blocks begin as the identity: however many there are, training starts from the network without them.
        return images + nn.Conv(channels, kernel, kernel_init=nn.initializers.zeros)(inner)


class ConvolutionalEncoder(nn.Module):
    """Posterior of square matrices: one strided convolution per level, then a dense layer.

    Args:
        channels: of each level, finest first.
        kernel_size: odd.
        num_blocks: residual ones, after the convolution of each level.
    """

    works_on: ClassVar[str] = SQUARE_MATRICES
    latents: ClassVar[str] = VECTOR
    takes: ClassVar[str] = NORMALISED
    latent_dim: int
    channels: tuple[int, ...]
    kernel_size: int
    num_blocks: int = 0

    @nn.compact
    def __call__(self, matrices: Matrices) -> Posterior:
        """q(z | x) of normalised matrices."""
        side = matrices.shape[1]
        missing = padded_side(side, len(self.channels)) - side
        # Edge values, not zeros: a zero distance would say that particles coincide.
        before, after = missing // 2, missing - missing // 2
        images = matrices if matrices.ndim == 4 else matrices[..., None]
        images = jnp.pad(images, ((0, 0), (before, after), (before, after), (0, 0)), mode="edge")
        kernel = (self.kernel_size, self.kernel_size)
        for width in self.channels:
            convolution = nn.Conv(
                width, kernel, (2, 2), kernel_init=initial_kernel, conv_general_dilated=convolve_one_channel
            )
            images = convolution(images)
            for _ in range(self.num_blocks):
                images = ResidualBlock(self.kernel_size)(images)
            images = nn.silu(images)
        return posterior_of(images.reshape(images.shape[0], -1), self.latent_dim)


class ConvolutionalDecoder(nn.Module):
    """Square matrices from latents: the encoder's levels in reverse.

    Args:
        sample_shape: (side, side) of one matrix, or (side, side, channels) of one image.
        channels: the encoder's, finest first.
        kernel_size: odd.
        num_blocks: the encoder's, before the convolution of each level.
    """

    works_on: ClassVar[str] = SQUARE_MATRICES
    latents: ClassVar[str] = VECTOR
    gives: ClassVar[str] = NORMALISED
    sample_shape: tuple[int, ...]
    channels: tuple[int, ...]
    kernel_size: int
    num_blocks: int = 0

    @nn.compact
    def __call__(self, latent: Latent) -> Matrices:
        """Normalised matrices."""
        side = self.sample_shape[0]
        padded = padded_side(side, len(self.channels))
        coarsest = padded // 2 ** len(self.channels)
        features = nn.Dense(coarsest**2 * self.channels[-1])(latent)
        images = features.reshape(-1, coarsest, coarsest, self.channels[-1])
        images = self._with_blocks(images) if self.num_blocks else self._without_blocks(images)
        before = (padded - side) // 2
        inner = images[:, before : before + side, before : before + side]
        return inner if len(self.sample_shape) == 3 else inner[..., 0]

    @property
    def _outputs(self) -> int:
        return self.sample_shape[2] if len(self.sample_shape) == 3 else 1

    def _with_blocks(self, images: Images) -> Enlarged:
        for width in (*reversed(self.channels[:-1]), self._outputs):
            for _ in range(self.num_blocks):
                images = ResidualBlock(self.kernel_size)(images)
            images = depth_to_space(self._convolution(width)(nn.silu(images)))
        return images

    def _without_blocks(self, images: Images) -> Enlarged:
        """The same, with every silu where its entries still lie in the order in which they were computed."""
        images = squares = nn.silu(images)
        for width in reversed(self.channels[:-1]):
            squares = nn.silu(self._convolution(width)(images))
            images = depth_to_space(squares)
        if len(self.channels) == 1:
            return depth_to_space(self._convolution(self._outputs)(images))
        # The name that the layer would have as any other.
        last = ConvOfSquares(4 * self._outputs, self.kernel_size, initial_kernel, name=f"Conv_{len(self.channels) - 1}")
        return depth_to_space(depth_to_space(last(squares)))

    def _convolution(self, width: int) -> nn.Conv:
        return nn.Conv(4 * width, (self.kernel_size, self.kernel_size), kernel_init=initial_kernel)
