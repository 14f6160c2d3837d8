"""Encoders and decoders by name; any pair whose networks can work on the representation makes a model."""

from collections.abc import Callable
from typing import NamedTuple

import flax.linen as nn

from lcpjax.errors import OneLineError, did_you_mean
from lcpjax.model.convolutional import ConvolutionalDecoder, ConvolutionalEncoder
from lcpjax.model.perceptron import Perceptron, PerceptronDecoder, PerceptronEncoder, ResidualPerceptron
from lcpjax.model.sample_kinds import is_of_kind

Shape = tuple[int, ...]


class NetworkError(OneLineError):
    """A network that does not exist or does not fit its representation."""


class NetworkSizes(NamedTuple):
    """How large networks are; each takes what concerns it."""

    channels: tuple[int, ...]
    """Of each level of convolutions, finest first."""
    kernel_size: int
    """Of convolutions, odd."""
    width: int
    """Of dense layers."""
    depth: int
    """How many of them, or how many blocks."""


ENCODERS: dict[str, Callable[[Shape, int, NetworkSizes], nn.Module]] = {
    "convolutional": lambda shape, latent_dim, sizes: ConvolutionalEncoder(
        latent_dim, sizes.channels, sizes.kernel_size
    ),
    "perceptron": lambda shape, latent_dim, sizes: PerceptronEncoder(latent_dim, Perceptron(sizes.width, sizes.depth)),
    "residual_perceptron": lambda shape, latent_dim, sizes: PerceptronEncoder(
        latent_dim, ResidualPerceptron(sizes.width, sizes.depth)
    ),
}
DECODERS: dict[str, Callable[[Shape, NetworkSizes], nn.Module]] = {
    "convolutional": lambda shape, sizes: ConvolutionalDecoder(shape, sizes.channels, sizes.kernel_size),
    "perceptron": lambda shape, sizes: PerceptronDecoder(shape, Perceptron(sizes.width, sizes.depth)),
    "residual_perceptron": lambda shape, sizes: PerceptronDecoder(shape, ResidualPerceptron(sizes.width, sizes.depth)),
}


def build_encoder(name: str, sample_shape: Shape, latent_dim: int, sizes: NetworkSizes) -> nn.Module:
    """The encoder of that name for samples of that shape.

    Raises:
        NetworkError: an unknown name, or samples that it cannot read.
    """
    if name not in ENCODERS:
        raise NetworkError(f"encoder = {name}: {did_you_mean(name, ENCODERS)}")
    return _fitting(f"encoder = {name}", ENCODERS[name](sample_shape, latent_dim, sizes), sample_shape)


def build_decoder(name: str, sample_shape: Shape, sizes: NetworkSizes) -> nn.Module:
    """The decoder of that name for samples of that shape.

    Raises:
        NetworkError: an unknown name, or samples that it cannot write.
    """
    if name not in DECODERS:
        raise NetworkError(f"decoder = {name}: {did_you_mean(name, DECODERS)}")
    return _fitting(f"decoder = {name}", DECODERS[name](sample_shape, sizes), sample_shape)


def _fitting(what: str, network: nn.Module, sample_shape: Shape) -> nn.Module:
    kind = network.works_on
    if not is_of_kind(kind, sample_shape):
        raise NetworkError(f"{what}: works on {kind}, the representation's samples have shape {sample_shape}")
    return network
