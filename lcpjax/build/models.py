"""System, representation and networks of a config."""

from typing import Protocol, runtime_checkable

from lcpjax.build.with_key import with_key
from lcpjax.config import ModelConfig, RepresentationConfig, SystemConfig
from lcpjax.config.check import ConfigError
from lcpjax.model import (
    VAE,
    CoordinateNetwork,
    Layout,
    Likelihood,
    NetworkSizes,
    PixelLikelihood,
    PriorSizes,
    SampleLayout,
    build_decoder,
    build_encoder,
    build_prior,
    check_latents,
    skipping,
)
from lcpjax.representation import Representation
from lcpjax.system import System


@runtime_checkable
class ModelConfigView(Protocol):
    """The groups of a config that a trained model depends on."""

    system: SystemConfig
    representation: RepresentationConfig
    model: ModelConfig


@runtime_checkable
class SystemConfigView(Protocol):
    """The group of a config that a system depends on."""

    system: SystemConfig


def build_system(config: SystemConfigView) -> System:
    """System of a config.

    Raises:
        ConfigError: one that cannot exist.
    """
    with with_key("system"):
        return System(
            num_particles=config.system.num_particles,
            box_side=config.system.box_side,
            temperature=config.system.temperature,
            pair_potential=config.system.pair_potential,
        )


def build_representation(config: ModelConfigView, template: tuple[tuple[float, float], ...] = ()) -> Representation:
    """Representation of a config.

    Args:
        template: learned by a run before, if its ordering has one.

    Raises:
        ConfigError: an unknown name.
    """
    with with_key("representation"):
        about = config.representation
        return Representation(about.name, about.ordering, template, config.system.box_side, about.mirror)


def build_model(config: ModelConfigView) -> VAE:
    """Autoencoder of a config, without parameters.

    Raises:
        ConfigError: an unknown network, or one that does not fit the representation.
    """
    representation = build_representation(config)
    if config.model.prior == "autoregressive" and representation.ordering != "height":
        raise ConfigError(
            "model.prior = autoregressive: particles come by height; representation.ordering must be height"
        )
    system = build_system(config)
    about = system.num_particles, system.box_side, system.temperature, system.pair_potential
    return build_vae(config, SampleLayout(representation.name, *about))


def build_coordinate_network(config: ModelConfigView) -> CoordinateNetwork:
    """A network from distance matrices to coordinates, of the config's encoder.

    Raises:
        ConfigError: an unknown network, or one that does not read distance matrices.
    """
    number, side = config.system.num_particles, build_system(config).box_side
    with with_key("model"):
        layout = SampleLayout("distance_matrix", number, side)
        encoder = build_encoder(config.model.encoder, layout, 2 * number, _network_sizes(config.model))
    return CoordinateNetwork(encoder, number, scale=0.25 * side)


def build_vae(config: ModelConfigView, layout: Layout, pixels: PixelLikelihood | None = None) -> VAE:
    """Autoencoder of samples of a layout, without parameters.

    Args:
        pixels: the likelihood of images, in place of the Gaussian that the config describes.

    Raises:
        ConfigError: an unknown network, or one that does not work on such samples.
    """
    with with_key("model"):
        sizes = _network_sizes(config.model)
        encoder = build_encoder(config.model.encoder, layout, config.model.latent_dim, sizes)
        decoder = build_decoder(config.model.decoder, layout, sizes)
        if config.model.linear_skip:
            encoder, decoder = skipping(encoder, decoder)
        prior_sizes = PriorSizes(
            config.model.resolution, config.model.prior_width, config.model.prior_depth, config.model.knows_energies
        )
        prior = build_prior(config.model.prior, config.model.latent_dim, build_system(config), prior_sizes)
        check_latents(encoder, decoder, prior)
        likelihood = Likelihood(config.model.variance, config.model.initial_scale, config.model.min_scale)
    return VAE(encoder, decoder, prior, layout.shape, likelihood if pixels is None else pixels)


def _network_sizes(model: ModelConfig) -> NetworkSizes:
    return NetworkSizes(
        channels=tuple(model.channels),
        kernel_size=model.kernel_size,
        width=model.width,
        depth=model.depth,
        num_heads=model.num_heads,
        num_queries=model.num_queries,
        knows_order=model.knows_order,
        token_scale=model.resolution,
    ).checked()
