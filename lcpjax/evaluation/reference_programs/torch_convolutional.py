"""The study's convolutional autoencoder written for PyTorch, with the parameters of ours."""

from typing import Any, no_type_check

import numpy as np

from lcpjax.model import VAE, StandardNormal, Variables
from lcpjax.model.convolutional import ConvolutionalDecoder, ConvolutionalEncoder, padded_side


def is_convolutional(model: VAE) -> bool:
    """Whether a model is one of strided convolutions and their mirror image, under the study's objective."""
    encoder, decoder = model.encoder, model.decoder
    return (
        isinstance(encoder, ConvolutionalEncoder)
        and isinstance(decoder, ConvolutionalDecoder)
        and isinstance(model.prior, StandardNormal)
        and not (encoder.num_blocks or decoder.num_blocks or model.likelihood.is_learned)
        and encoder.channels == decoder.channels
    )


@no_type_check
def torch_convolutional(torch: Any, model: VAE, variables: Variables, kl_weight: float) -> Any:
    """The module: from samples and standard normal deviations to the means of loss, squared error and KL.

    Args:
        torch: the package.
        model: one that ``is_convolutional``.
        variables: of Flax; copied.
        kl_weight: lambda.
    """
    nn, functional = torch.nn, torch.nn.functional
    side = model.sample_shape[0]
    padded, size = padded_side(side, len(model.encoder.channels)), model.encoder.kernel_size
    coarsest = padded // 2 ** len(model.encoder.channels)
    before, after = (padded - side) // 2, (padded - side) - (padded - side) // 2
    # XLA's "SAME" for a stride of 2 and an even side, and an odd kernel: the odd one comes last.
    outside = ((size - 2) // 2, size - 2 - (size - 2) // 2) * 2

    class Convolutional(nn.Module):
        def __init__(self):
            super().__init__()
            params = _as_arrays(variables["params"])
            levels = range(len(model.encoder.channels))
            encoder, decoder = params["encoder"], params["decoder"]
            self.down = nn.ModuleList(self.convolution(encoder[f"Conv_{level}"], stride=2) for level in levels)
            self.mean, self.log_variance = (self.dense(encoder[name]) for name in ("mean", "log_variance"))
            self.dense_up = self.dense(decoder["Dense_0"])
            self.up = nn.ModuleList(
                self.convolution(_for_pixel_shuffle(decoder[f"Conv_{level}"]), padding=size // 2) for level in levels
            )
            normalisation = _as_arrays(variables["normalisation"])
            self.register_buffer("sample_mean", torch.tensor(normalisation["mean"]))
            self.register_buffer("scale", torch.tensor(normalisation["scale"]))

        @staticmethod
        def convolution(layer, **options):
            kernel = torch.tensor(layer["kernel"].transpose(3, 2, 0, 1).copy())
            return _filled(torch, nn.Conv2d(kernel.shape[1], kernel.shape[0], size, **options), kernel, layer["bias"])

        @staticmethod
        def dense(layer):
            kernel = torch.tensor(layer["kernel"].T.copy())
            return _filled(torch, nn.Linear(kernel.shape[1], kernel.shape[0]), kernel, layer["bias"])

        def encode(self, samples):
            images = ((samples - self.sample_mean) / self.scale)[:, None]
            images = functional.pad(images, (before, after, before, after), mode="replicate")
            for convolution in self.down:
                images = functional.silu(convolution(functional.pad(images, outside)))
            # Channels last, as ours: free in that memory format.
            features = images.permute(0, 2, 3, 1).flatten(1)
            return self.mean(features), self.log_variance(features)

        def decode(self, latent):
            images = self.dense_up(latent).reshape(-1, coarsest, coarsest, self.up[0].in_channels).permute(0, 3, 1, 2)
            for convolution in self.up:
                images = functional.pixel_shuffle(convolution(functional.silu(images)), 2)
            inside = slice(before, before + side)
            return images[:, 0, inside, inside] * self.scale + self.sample_mean

        def forward(self, samples, deviations):
            mean, log_variance = self.encode(samples)
            reconstruction = self.decode(mean + torch.exp(0.5 * log_variance) * deviations)
            mse = functional.mse_loss(reconstruction, samples)
            kl_nats = 0.5 * (torch.exp(log_variance) + mean**2 - 1 - log_variance).sum(1).mean()
            return mse + kl_weight * kl_nats, mse, kl_nats

    return Convolutional()


def _as_arrays(tree: Any) -> Any:
    if isinstance(tree, dict):
        return {name: _as_arrays(branch) for name, branch in tree.items()}
    return np.array(tree)


def _for_pixel_shuffle(layer: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The same layer with its channels in the order in which PyTorch makes squares of them: the place comes last."""
    return {
        name: values.reshape(*values.shape[:-1], 4, -1).swapaxes(-1, -2).reshape(values.shape)
        for name, values in layer.items()
    }


@no_type_check
def _filled(torch: Any, layer: Any, weight: Any, bias: np.ndarray) -> Any:
    with torch.no_grad():
        layer.weight.copy_(weight)
        layer.bias.copy_(torch.tensor(bias))
    return layer
