"""Encoders and decoders by name; any pair whose networks can work on the representation makes a model."""

from collections.abc import Callable
from typing import NamedTuple

import flax.linen as nn

from lcpjax.errors import InputError, did_you_mean
from lcpjax.model.convolutional import ConvolutionalDecoder, ConvolutionalEncoder
from lcpjax.model.latent_grid import LatentGridDecoder, LatentGridEncoder, num_sites
from lcpjax.model.neighbour_decoder import NeighbourDecoder
from lcpjax.model.particle_tokens import HalfForcesDecoder, ParticleTokenDecoder, ParticleTokenEncoder
from lcpjax.model.perceptron import Perceptron, PerceptronDecoder, PerceptronEncoder, ResidualPerceptron
from lcpjax.model.point_decoder import PointDecoder
from lcpjax.model.sample_kinds import SQUARE_IMAGES, VECTOR, ImageLayout, Layout, SampleLayout, is_of_kind
from lcpjax.model.set_decoder import SetDecoder
from lcpjax.model.set_encoder import CoordinatesSetEncoder, DistancesSetEncoder, SetTransformer, diagonal

# Each level halves the matrix, so more only pad it.
_MOST_LEVELS = 8


class NetworkSizes(NamedTuple):
    """Sizes of networks; each takes those that concern it."""

    channels: tuple[int, ...]
    """Of each level of convolutions, finest first."""
    kernel_size: int
    """Of convolutions, odd."""
    width: int
    """Of dense layers and tokens."""
    depth: int
    """Number of layers, or blocks; of convolutions, blocks per level."""
    num_heads: int = 4
    """Of attention."""
    num_queries: int = 8
    """Tokens that a set is pooled into, and that a latent is split into."""
    knows_order: bool = False
    """Whether set transformers know the particles' order; if not, their output is invariant under permutations."""
    token_scale: float = 0.01
    """Noise of particle tokens, in sigma."""

    def checked(self) -> "NetworkSizes":
        """These sizes, checked.

        Raises:
            InputError: an even kernel, or too many levels.
        """
        if self.kernel_size % 2 == 0:
            raise InputError(f"kernel_size = {self.kernel_size}: must be odd")
        if len(self.channels) > _MOST_LEVELS:
            raise InputError(f"channels = {list(self.channels)}: at most {_MOST_LEVELS} levels")
        return self


def _perceptron(sizes: NetworkSizes) -> nn.Module:
    return Perceptron(sizes.width, sizes.depth)


def _residual_perceptron(sizes: NetworkSizes) -> nn.Module:
    return ResidualPerceptron(sizes.width, sizes.depth)


def _set_encoder(layout: Layout, latent_dim: int, sizes: NetworkSizes) -> nn.Module:
    body = SetTransformer(
        sizes.width, sizes.depth, _heads(sizes), sizes.num_queries, sizes.knows_order, diagonal(layout.box_side)
    )
    if layout.is_coordinates:
        return CoordinatesSetEncoder(latent_dim, body, layout.box_side)
    return DistancesSetEncoder(latent_dim, body, layout.num_anchors)


def _set_decoder(layout: Layout, sizes: NetworkSizes) -> nn.Module:
    return SetDecoder(layout.num_particles, sizes.width, sizes.depth, _heads(sizes), sizes.num_queries)


def _heads(sizes: NetworkSizes) -> int:
    if sizes.width % sizes.num_heads:
        raise InputError(f"num_heads = {sizes.num_heads}: must divide width = {sizes.width}")
    return sizes.num_heads


def _of_particles(layout: Layout) -> SampleLayout:
    if isinstance(layout, ImageLayout):
        raise InputError(
            "decoder: makes particles, and these samples are images, for which there are perceptron, convolutional "
            "and latent_grid decoders"
        )
    return layout


def _neighbour_decoder(layout: Layout, sizes: NetworkSizes) -> nn.Module:
    return NeighbourDecoder(_of_particles(layout), sizes.width, sizes.depth, _heads(sizes))


def _points(layout: Layout, body: nn.Module) -> nn.Module:
    return PointDecoder(_of_particles(layout), PerceptronDecoder((layout.num_particles, 2), body))


def _token_encoder(layout: Layout, latent_dim: int, sizes: NetworkSizes) -> nn.Module:
    if layout.is_coordinates and latent_dim != 2 * layout.num_particles:
        raise InputError(
            f"latent_dim = {latent_dim}: particle tokens have two latents a particle, {2 * layout.num_particles} in all"
        )
    return ParticleTokenEncoder(latent_dim, sizes.token_scale)


def _grid_encoder(layout: Layout, latent_dim: int, sizes: NetworkSizes) -> nn.Module:
    if is_of_kind(SQUARE_IMAGES, layout):
        num_sites(layout.shape[0], len(sizes.channels), latent_dim)
    return LatentGridEncoder(latent_dim, sizes.channels, sizes.kernel_size, sizes.depth)


def _half_forces(layout: Layout, sizes: NetworkSizes) -> nn.Module:
    particles = _of_particles(layout)
    return HalfForcesDecoder(particles.pair_potential, particles.temperature, sizes.token_scale)


ENCODERS: dict[str, Callable[[Layout, int, NetworkSizes], nn.Module]] = {
    "perceptron": lambda layout, latent_dim, sizes: PerceptronEncoder(latent_dim, _perceptron(sizes)),
    "residual_perceptron": lambda layout, latent_dim, sizes: PerceptronEncoder(latent_dim, _residual_perceptron(sizes)),
    "convolutional": lambda layout, latent_dim, sizes: ConvolutionalEncoder(
        latent_dim, sizes.channels, sizes.kernel_size
    ),
    "residual_convolutional": lambda layout, latent_dim, sizes: ConvolutionalEncoder(
        latent_dim, sizes.channels, sizes.kernel_size, sizes.depth
    ),
    "latent_grid": _grid_encoder,
    "set_transformer": _set_encoder,
    "particle_tokens": _token_encoder,
}
DECODERS: dict[str, Callable[[Layout, NetworkSizes], nn.Module]] = {
    "perceptron": lambda layout, sizes: PerceptronDecoder(layout.shape, _perceptron(sizes)),
    "residual_perceptron": lambda layout, sizes: PerceptronDecoder(layout.shape, _residual_perceptron(sizes)),
    "convolutional": lambda layout, sizes: ConvolutionalDecoder(layout.shape, sizes.channels, sizes.kernel_size),
    "residual_convolutional": lambda layout, sizes: ConvolutionalDecoder(
        layout.shape, sizes.channels, sizes.kernel_size, sizes.depth
    ),
    "latent_grid": lambda layout, sizes: LatentGridDecoder(
        layout.shape, sizes.channels, sizes.kernel_size, sizes.depth
    ),
    "set_transformer": _set_decoder,
    "neighbours": _neighbour_decoder,
    "particle_tokens": lambda layout, sizes: ParticleTokenDecoder(sizes.width),
    "half_forces": _half_forces,
    "point_perceptron": lambda layout, sizes: _points(layout, _perceptron(sizes)),
    "point_residual_perceptron": lambda layout, sizes: _points(layout, _residual_perceptron(sizes)),
    "point_set_transformer": lambda layout, sizes: PointDecoder(_of_particles(layout), _set_decoder(layout, sizes)),
}


def build_encoder(name: str, layout: Layout, latent_dim: int, sizes: NetworkSizes) -> nn.Module:
    """Encoder of that name for samples of that layout.

    Raises:
        InputError: an unknown name, samples that it cannot read, or sizes that do not fit each other.
    """
    if name not in ENCODERS:
        raise InputError(f"encoder = {name}: {did_you_mean(name, ENCODERS)}")
    return _fitting(f"encoder = {name}", ENCODERS[name](layout, latent_dim, sizes), layout)


def build_decoder(name: str, layout: Layout, sizes: NetworkSizes) -> nn.Module:
    """Decoder of that name for samples of that layout.

    Raises:
        InputError: an unknown name, samples that it cannot write, or sizes that do not fit each other.
    """
    if name not in DECODERS:
        raise InputError(f"decoder = {name}: {did_you_mean(name, DECODERS)}")
    return _fitting(f"decoder = {name}", DECODERS[name](layout, sizes), layout)


def check_latents(encoder: nn.Module, decoder: nn.Module, prior: nn.Module) -> None:
    """Refuse an encoder and a decoder with different kinds of latents.

    Raises:
        InputError: a decoder or a prior that asks for other latents than the encoder gives.
    """
    if decoder.latents != encoder.latents:
        raise InputError(f"decoder: decodes {decoder.latents}, the encoder's latents are {encoder.latents}")
    if prior.latents not in (VECTOR, encoder.latents):
        raise InputError(f"prior: is one of {prior.latents}, the encoder's latents are {encoder.latents}")


def _fitting(what: str, network: nn.Module, layout: Layout) -> nn.Module:
    kind = network.works_on
    if not is_of_kind(kind, layout):
        raise InputError(f"{what}: works on {kind}, the representation's samples have shape {layout.shape}")
    return network
