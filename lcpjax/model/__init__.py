"""Encoders, decoders and the variational autoencoder they make."""

from lcpjax.model.batches import in_batches, in_batches_with_keys
from lcpjax.model.convolutional import ConvolutionalDecoder, ConvolutionalEncoder
from lcpjax.model.coordinate_network import (
    CoordinateNetwork,
    coordinates_of,
    initial_coordinate_variables,
    predicted_coordinates,
)
from lcpjax.model.decoded_coordinates import decoded_coordinates
from lcpjax.model.likelihood import VARIANCES, Likelihood, LikelihoodError, Scale, gaussian_log_likelihood
from lcpjax.model.likelihood_bound import BoundTerms, bound_terms, log_likelihood_bound
from lcpjax.model.linear_skip import begins_linear, principal_parameters, skipping
from lcpjax.model.networks import (
    DECODERS,
    ENCODERS,
    NetworkError,
    NetworkSizes,
    build_decoder,
    build_encoder,
    check_latents,
)
from lcpjax.model.padding import PaddingError, cut_variables
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
from lcpjax.model.priors import PRIORS, PriorError, PriorSizes, StandardNormal, build_prior
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
    "BoundTerms",
    "ConvolutionalDecoder",
    "ConvolutionalEncoder",
    "CoordinateNetwork",
    "ImageLayout",
    "Likelihood",
    "LikelihoodError",
    "NetworkError",
    "NetworkSizes",
    "PaddingError",
    "PixelLikelihood",
    "Posterior",
    "PriorError",
    "PriorSizes",
    "SampleLayout",
    "Scale",
    "StandardNormal",
    "VAEOutput",
    "Variables",
    "autoencode",
    "begins_linear",
    "bound_terms",
    "build_decoder",
    "build_encoder",
    "build_prior",
    "check_latents",
    "coordinates_of",
    "cut_variables",
    "decode",
    "decode_coordinates",
    "decoded_coordinates",
    "encode",
    "entropy",
    "gaussian_log_likelihood",
    "in_batches",
    "in_batches_with_keys",
    "initial_coordinate_variables",
    "initial_variables",
    "kl_divergence",
    "kl_per_latent",
    "log_density",
    "log_likelihood_bound",
    "log_prior",
    "mask_latents",
    "predicted_coordinates",
    "principal_parameters",
    "sample_posterior",
    "sample_prior",
    "skipping",
]
