"""Encoders, decoders and the variational autoencoder they make."""

from lcpjax.model.convolutional import ConvolutionalDecoder, ConvolutionalEncoder
from lcpjax.model.coordinate_network import (
    CoordinateNetwork,
    coordinates_of,
    initial_coordinate_variables,
    predicted_coordinates,
)
from lcpjax.model.likelihood import VARIANCES, Likelihood, gaussian_log_likelihood
from lcpjax.model.linear_skip import begins_linear, principal_parameters, skipping
from lcpjax.model.networks import DECODERS, ENCODERS, NetworkSizes, build_decoder, build_encoder, check_latents
from lcpjax.model.padding import cut_variables
from lcpjax.model.pixel_likelihood import BERNOULLI, CELL_LAWS, EXACTLY, MULTINOMIAL, PixelLikelihood
from lcpjax.model.posterior import (
    ALL_LATENTS,
    Posterior,
    entropy,
    kl_divergence,
    kl_per_latent,
    log_density,
    mask_latents,
    sample_posterior,
)
from lcpjax.model.priors import PRIORS, PriorSizes, StandardNormal, build_prior
from lcpjax.model.sample_kinds import ImageLayout, SampleLayout
from lcpjax.model.vae import (
    VAE,
    VAEOutput,
    Variables,
    autoencode,
    decode,
    decode_coordinates,
    encode,
    initial_variables,
    log_prior,
    sample_prior,
)

__all__ = [
    "ALL_LATENTS",
    "BERNOULLI",
    "CELL_LAWS",
    "DECODERS",
    "ENCODERS",
    "EXACTLY",
    "MULTINOMIAL",
    "PRIORS",
    "VAE",
    "VARIANCES",
    "ConvolutionalDecoder",
    "ConvolutionalEncoder",
    "CoordinateNetwork",
    "ImageLayout",
    "Likelihood",
    "NetworkSizes",
    "PixelLikelihood",
    "Posterior",
    "PriorSizes",
    "SampleLayout",
    "StandardNormal",
    "VAEOutput",
    "Variables",
    "autoencode",
    "begins_linear",
    "build_decoder",
    "build_encoder",
    "build_prior",
    "check_latents",
    "coordinates_of",
    "cut_variables",
    "decode",
    "decode_coordinates",
    "encode",
    "entropy",
    "gaussian_log_likelihood",
    "initial_coordinate_variables",
    "initial_variables",
    "kl_divergence",
    "kl_per_latent",
    "log_density",
    "log_prior",
    "mask_latents",
    "predicted_coordinates",
    "principal_parameters",
    "sample_posterior",
    "sample_prior",
    "skipping",
]
