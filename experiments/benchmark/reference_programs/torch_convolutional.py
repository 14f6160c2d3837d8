"""The study's convolutional autoencoder in PyTorch, with the parameters of ours."""

from typing import Any, no_type_check

import jax
import numpy as np

from lcpjax.model import VAE, StandardNormal, Variables
from lcpjax.model.convolutional import ConvolutionalDecoder, ConvolutionalEncoder, padded_side

from .torch_layers import Params, convolution, dense


def is_written_for_torch(model: VAE) -> bool:
    """Whether this model has a PyTorch program: strided convolutions and their mirror image."""
    encoder, decoder = model.encoder, model.decoder
    return (
        isinstance(encoder, ConvolutionalEncoder)
        and isinstance(decoder, ConvolutionalDecoder)
        and isinstance(model.prior, StandardNormal)
        and not (encoder.num_blocks or decoder.num_blocks or model.likelihood.is_learned)
        and encoder.channels == decoder.channels
    )


@no_type_check
def torch_model(torch: Any, model: VAE, variables: Variables, kl_weight: float) -> Any:
    """The module: from samples and standard normal deviations to the means of loss, squared error and KL.

    Args:
        model: one that ``is_written_for_torch``.
        variables: of Flax; copied.
    """
    functional, side = torch.nn.functional, model.sample_shape[0]
    params, normalisation = (jax.tree.map(np.array, variables[name]) for name in ("params", "normalisation"))

    class Convolutional(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.encoder = _encoder(torch, model.encoder, side, params["encoder"])
            self.decoder = _decoder(torch, model.decoder, side, params["decoder"])
            self.register_buffer("sample_mean", torch.tensor(normalisation["mean"]))
            self.register_buffer("scale", torch.tensor(normalisation["scale"]))

        def forward(self, samples, deviations):
            mean, log_variance = self.encoder((samples - self.sample_mean) / self.scale)
            decoded = self.decoder(mean + torch.exp(0.5 * log_variance) * deviations)
            mse = functional.mse_loss(decoded * self.scale + self.sample_mean, samples)
            kl_nats = 0.5 * (torch.exp(log_variance) + mean**2 - 1 - log_variance).sum(1).mean()
            return mse + kl_weight * kl_nats, mse, kl_nats

    return Convolutional()


@no_type_check
def _encoder(torch: Any, encoder: ConvolutionalEncoder, side: int, params: Params) -> Any:
    """From normalised matrices, (batch, side, side), to means and log variances."""
    functional, size = torch.nn.functional, encoder.kernel_size
    before, after = _padding(encoder, side)
    # XLA's "SAME" for a stride of 2 and an even side, and an odd kernel: the odd one comes last.
    outside = ((size - 2) // 2, size - 2 - (size - 2) // 2) * 2

    class Encoder(torch.nn.Module):
        def __init__(self):
            super().__init__()
            levels = range(len(encoder.channels))
            self.down = torch.nn.ModuleList(convolution(torch, params[f"Conv_{i}"], stride=2) for i in levels)
            self.mean, self.log_variance = (dense(torch, params[name]) for name in ("mean", "log_variance"))

        def forward(self, matrices):
            images = functional.pad(matrices[:, None], (before, after, before, after), mode="replicate")
            for layer in self.down:
                images = functional.silu(layer(functional.pad(images, outside)))
            # Channels last, as ours: free in that memory format.
            features = images.permute(0, 2, 3, 1).flatten(1)
            return self.mean(features), self.log_variance(features)

    return Encoder()


@no_type_check
def _decoder(torch: Any, decoder: ConvolutionalDecoder, side: int, params: Params) -> Any:
    """From latents to normalised matrices, (batch, side, side)."""
    functional, (before, after) = torch.nn.functional, _padding(decoder, side)
    levels, padding = range(len(decoder.channels)), decoder.kernel_size // 2
    coarsest, inside = (before + side + after) // 2 ** len(levels), slice(before, before + side)

    class Decoder(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.dense = dense(torch, params["Dense_0"])
            shuffled = (_for_pixel_shuffle(params[f"Conv_{i}"]) for i in levels)
            self.up = torch.nn.ModuleList(convolution(torch, layer, padding=padding) for layer in shuffled)

        def forward(self, latent):
            images = self.dense(latent).reshape(-1, coarsest, coarsest, self.up[0].in_channels).permute(0, 3, 1, 2)
            for layer in self.up:
                images = functional.pixel_shuffle(layer(functional.silu(images)), 2)
            return images[:, 0, inside, inside]

    return Decoder()


def _padding(network: ConvolutionalEncoder | ConvolutionalDecoder, side: int) -> tuple[int, int]:
    """Pixels before and after a side, so that every level halves it."""
    padding = padded_side(side, len(network.channels)) - side
    return padding // 2, padding - padding // 2


def _for_pixel_shuffle(layer: Params) -> Params:
    """The same layer with its channels in the order of PyTorch's pixel shuffle: the place comes last."""
    return {
        name: values.reshape(*values.shape[:-1], 4, -1).swapaxes(-1, -2).reshape(values.shape)
        for name, values in layer.items()
    }
