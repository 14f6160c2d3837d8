"""Encoders, decoders and the variational autoencoder they make."""

from lcpjax.model.convolutional import ConvolutionalDecoder, ConvolutionalEncoder
from lcpjax.model.networks import (
    DECODERS,
    ENCODERS,
    NetworkError,
    NetworkSizes,
    build_decoder,
    build_encoder,
)
from lcpjax.model.posterior import Posterior, kl_divergence, log_density_ratio, sample_posterior
from lcpjax.model.sample_kinds import SampleLayout
from lcpjax.model.vae import VAE, VAEOutput, Variables, autoencode, decode, encode, initial_variables

__all__ = [
    "DECODERS",
    "ENCODERS",
    "VAE",
    "ConvolutionalDecoder",
    "ConvolutionalEncoder",
    "NetworkError",
    "NetworkSizes",
    "Posterior",
    "SampleLayout",
    "VAEOutput",
    "Variables",
    "autoencode",
    "build_decoder",
    "build_encoder",
    "decode",
    "encode",
    "initial_variables",
    "kl_divergence",
    "log_density_ratio",
    "sample_posterior",
]
