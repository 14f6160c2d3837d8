"""Networks with local latents: several for each site of a coarse grid, computed from what is near it."""

from typing import ClassVar

import flax.linen as nn
import jax.numpy as jnp
from jaxtyping import Array, Float

from lcpjax.array_types import Latent
from lcpjax.errors import InputError
from lcpjax.model.convolutional import Images, ResidualBlock, depth_to_space, initial_kernel
from lcpjax.model.posterior import Posterior
from lcpjax.model.sample_kinds import NORMALISED, SQUARE_IMAGES, VECTOR

Image = Float[Array, "batch side side"] | Float[Array, "batch side side channels"]


def num_sites(side: int, num_levels: int, latent_dim: int) -> int:
    """Number of sites of the latents; every level halves the image.

    Raises:
        InputError: an image that does not halve so often, or latents that no number for each site makes up.

    >>> num_sites(16, 1, 512)
    64
    """
    step = 2**num_levels
    if side % step:
        raise InputError(f"channels: {num_levels} level(s) need images whose side {step} divides, not {side}")
    sites = (side // step) ** 2
    if latent_dim % sites:
        raise InputError(f"latent_dim = {latent_dim}: must be a multiple of the {sites} sites")
    return sites


def space_to_depth(images: Images) -> Float[Array, "batch height//2 width//2 4*channels"]:
    """The inverse of ``depth_to_space``: every 2 x 2 square of pixels becomes one pixel's channels."""
    batch, height, width, channels = images.shape
    squares = images.reshape(batch, height // 2, 2, width // 2, 2, channels)
    return squares.transpose(0, 1, 3, 2, 4, 5).reshape(batch, height // 2, width // 2, 4 * channels)


class LatentGridEncoder(nn.Module):
    """Posterior of square images: convolutions alone, so that all sites share weights.

    Args:
        latent_dim: d, a multiple of the number of sites.
        channels: of each level, finest first; every level halves the image.
        kernel_size: odd; of the convolution of a level. Blocks see their own site alone.
        num_blocks: residual ones, after each level.
    """

    works_on: ClassVar[str] = SQUARE_IMAGES
    latents: ClassVar[str] = VECTOR
    takes: ClassVar[str] = NORMALISED
    latent_dim: int
    channels: tuple[int, ...]
    kernel_size: int
    num_blocks: int

    @nn.compact
    def __call__(self, images: Image) -> Posterior:
        """q(z | x) of normalised images."""
        features = images if images.ndim == 4 else images[..., None]
        for width in self.channels:
            features = _convolution(width, self.kernel_size)(space_to_depth(features))
            features = nn.silu(_with_blocks(features, self.num_blocks))
        per_site = self.latent_dim // (features.shape[1] * features.shape[2])
        moments = [nn.Dense(per_site, name=name)(features) for name in ("mean", "log_variance")]
        return Posterior(*(each.reshape(each.shape[0], -1) for each in moments))


class LatentGridDecoder(nn.Module):
    """Square images from latents of sites: the encoder's levels in reverse.

    Args:
        sample_shape: (side, side), or (side, side, channels).
        channels: the encoder's, finest first.
        kernel_size: odd; of the convolution of a level.
        num_blocks: the encoder's, before each level.
    """

    works_on: ClassVar[str] = SQUARE_IMAGES
    latents: ClassVar[str] = VECTOR
    gives: ClassVar[str] = NORMALISED
    sample_shape: tuple[int, ...]
    channels: tuple[int, ...]
    kernel_size: int
    num_blocks: int

    @nn.compact
    def __call__(self, latent: Latent) -> Image:
        """Normalised images."""
        has_channels = len(self.sample_shape) == 3
        side = self.sample_shape[0] // 2 ** len(self.channels)
        grid = latent.reshape(latent.shape[0], side, side, -1)
        features = _convolution(self.channels[-1], self.kernel_size)(grid)
        # Where a site is, which convolutions do not know: heights and walls.
        features = features + self.param("places", nn.initializers.zeros, (side, side, self.channels[-1]))[None]
        for width in (*reversed(self.channels[:-1]), self.sample_shape[2] if has_channels else 1):
            features = nn.silu(_with_blocks(features, self.num_blocks))
            features = depth_to_space(_convolution(4 * width, self.kernel_size)(features))
        return features if has_channels else jnp.squeeze(features, axis=-1)


def _convolution(width: int, kernel_size: int) -> nn.Conv:
    return nn.Conv(width, (kernel_size, kernel_size), kernel_init=initial_kernel)


def _with_blocks(features: Images, number: int) -> Images:
    for _ in range(number):
        features = ResidualBlock(kernel_size=1)(features)
    return features
