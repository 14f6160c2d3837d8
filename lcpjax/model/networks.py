"""Encoders and decoders by name; any pair that agrees on the representation makes a model."""

from typing import Any

import flax.linen as nn

from lcpjax.errors import OneLineError, did_you_mean
from lcpjax.model.convolutional import ConvolutionalDecoder, ConvolutionalEncoder

# Classes of Linen modules; each says by ``sample_rank`` how many axes one of its samples has.
ENCODERS: dict[str, type[Any]] = {"convolutional": ConvolutionalEncoder}
DECODERS: dict[str, type[Any]] = {"convolutional": ConvolutionalDecoder}


class NetworkError(OneLineError):
    """A network that does not exist or does not fit its representation."""


def build_encoder(
    name: str, sample_shape: tuple[int, ...], latent_dim: int, channels: tuple[int, ...], kernel_size: int
) -> nn.Module:
    """The encoder of that name for samples of that shape.

    Raises:
        NetworkError: an unknown name, or samples of another rank than it reads.
    """
    encoder = _look_up(ENCODERS, "encoder", name, sample_shape)
    return encoder(latent_dim=latent_dim, channels=channels, kernel_size=kernel_size)


def build_decoder(name: str, sample_shape: tuple[int, ...], channels: tuple[int, ...], kernel_size: int) -> nn.Module:
    """The decoder of that name for samples of that shape.

    Raises:
        NetworkError: an unknown name, or samples of another rank than it writes.
    """
    decoder = _look_up(DECODERS, "decoder", name, sample_shape)
    return decoder(sample_shape=sample_shape, channels=channels, kernel_size=kernel_size)


def _look_up(registry: dict[str, type[Any]], role: str, name: str, sample_shape: tuple[int, ...]) -> type[Any]:
    if name not in registry:
        raise NetworkError(f"{role} = {name}: {did_you_mean(name, registry)}")
    network = registry[name]
    if network.sample_rank != len(sample_shape):
        raise NetworkError(
            f"{role} = {name}: works on samples of {network.sample_rank} axes, "
            f"the representation's have shape {sample_shape}"
        )
    return network
