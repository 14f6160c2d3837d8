"""Which encoders and decoders work on which representation: all pairs, one table."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lcpjax.errors import InputError
from lcpjax.model import DECODERS, ENCODERS, NetworkSizes, SampleLayout, build_decoder, build_encoder
from lcpjax.model.sample_kinds import (
    NORMALISED,
    PARTICLE_MATRICES,
    PARTICLES,
    REDUCED_UNITS,
    SQUARE_MATRICES,
    is_of_kind,
)
from lcpjax.representation import REPRESENTATIONS, Representation

SIZES = NetworkSizes(channels=(4, 8), kernel_size=3, width=8, depth=1, num_heads=2, num_queries=2)
BOX_SIDE = 6.0
EVERYWHERE = set(REPRESENTATIONS)
MATRICES = {"distance_matrix", "anchored_distances"}
ENCODERS_WORK_ON = {
    "perceptron": EVERYWHERE,
    "residual_perceptron": EVERYWHERE,
    "convolutional": MATRICES,
    "residual_convolutional": MATRICES,
    "latent_grid": set(),  # images alone
    "set_transformer": EVERYWHERE,
    "particle_tokens": {"coordinates"},
}
DECODERS_WORK_ON = {
    "perceptron": EVERYWHERE,
    "residual_perceptron": EVERYWHERE,
    "convolutional": MATRICES,
    "residual_convolutional": MATRICES,
    "latent_grid": set(),
    "set_transformer": {"coordinates"},
    "neighbours": {"coordinates"},
    "particle_tokens": {"coordinates"},
    "half_forces": {"coordinates"},
    "point_perceptron": EVERYWHERE,
    "point_residual_perceptron": EVERYWHERE,
    "point_set_transformer": EVERYWHERE,
}


def layout_of(representation, num_particles=5):
    return SampleLayout(representation, num_particles, BOX_SIDE)


def samples_of(representation, batch=3, num_particles=5):
    positions = jax.random.uniform(jax.random.key(0), (batch, num_particles, 2)) * BOX_SIDE
    return Representation(representation, box_side=BOX_SIDE).represent(positions)


def legal(table):
    return [(name, where) for name, places in table.items() for where in sorted(places)]


def illegal(table):
    return [(name, where) for name, places in table.items() for where in sorted(EVERYWHERE - places)]


def test_the_tables_know_every_network():
    assert set(ENCODERS_WORK_ON) == set(ENCODERS)
    assert set(DECODERS_WORK_ON) == set(DECODERS)


@pytest.mark.parametrize(("name", "representation"), legal(ENCODERS_WORK_ON))
def test_an_encoder_reads_what_it_works_on(name, representation):
    encoder = build_encoder(name, layout_of(representation), 10, SIZES)
    (mean, log_variance), _ = jax.eval_shape(encoder.init_with_output, jax.random.key(1), samples_of(representation))
    assert encoder.takes == (REDUCED_UNITS if name in ("set_transformer", "particle_tokens") else NORMALISED)
    assert mean.shape == log_variance.shape == ((3, 5, 2) if encoder.latents == PARTICLES else (3, 10))


@pytest.mark.parametrize(("name", "representation"), legal(DECODERS_WORK_ON))
def test_a_decoder_gives_samples_of_the_representation(name, representation):
    decoder = build_decoder(name, layout_of(representation), SIZES)
    latents = jnp.ones((3, 5, 2) if decoder.latents == PARTICLES else (3, 10))
    samples, _ = jax.eval_shape(decoder.init_with_output, jax.random.key(1), latents)
    assert decoder.gives == (
        REDUCED_UNITS if name.startswith(("point_", "particle_", "neighbours", "half_")) else NORMALISED
    )
    assert samples.shape == samples_of(representation).shape


@pytest.mark.parametrize(("name", "representation"), illegal(ENCODERS_WORK_ON))
def test_an_encoder_that_cannot_read_is_refused_in_one_line(name, representation):
    with pytest.raises(InputError, match=f"^encoder = {name}: works on [a-z ]*, .* have shape [^\n]*$"):
        build_encoder(name, layout_of(representation), 10, SIZES)


@pytest.mark.parametrize(("name", "representation"), illegal(DECODERS_WORK_ON))
def test_a_decoder_that_cannot_write_is_refused_in_one_line(name, representation):
    with pytest.raises(InputError, match=f"^decoder = {name}: works on [a-z ]*, .* have shape [^\n]*$"):
        build_decoder(name, layout_of(representation), SIZES)


@pytest.mark.parametrize(
    ("build", "complaint"),
    [
        (lambda layout: build_encoder("convolutionl", layout, 4, SIZES), "encoder = convolutionl: did you mean 'conv"),
        (lambda layout: build_decoder("point_perceptrn", layout, SIZES), "decoder = point_perceptrn: did you mean 'po"),
        (
            lambda layout: build_encoder("set_transformer", layout, 4, SIZES._replace(num_heads=3)),
            "num_heads = 3: must divide width = 8",
        ),
        (
            lambda layout: build_encoder("particle_tokens", layout, 4, SIZES),
            "latent_dim = 4: particle tokens have two latents a particle, 10 in all",
        ),
    ],
)
def test_a_network_that_cannot_be_is_refused(build, complaint):
    with pytest.raises(InputError, match=complaint):
        build(layout_of("coordinates"))


def test_two_particles_have_coordinates_and_distances_of_one_shape_and_they_are_told_apart():
    coordinates, distances = (layout_of(name, num_particles=2) for name in ("coordinates", "distance_matrix"))
    assert coordinates.shape == distances.shape == (2, 2)
    assert not is_of_kind(SQUARE_MATRICES, coordinates)
    assert is_of_kind(PARTICLE_MATRICES, distances)
    with pytest.raises(InputError, match="works on particle coordinates"):
        build_decoder("set_transformer", distances, SIZES)


def test_residual_convolutions_begin_as_the_identity():
    """Every parameter that the plain network has stands in the deep one too; the blocks change nothing at first."""
    layout, samples = layout_of("distance_matrix"), samples_of("distance_matrix")
    sizes = SIZES._replace(channels=(2,), depth=2)
    plain, deep = (build_encoder(name, layout, 4, sizes) for name in ("convolutional", "residual_convolutional"))
    variables = jax.jit(deep.init)(jax.random.key(1), samples)["params"]
    blocks = {name for name in variables if name.startswith("ResidualBlock")}
    assert len(blocks) == sizes.depth
    without = {name: value for name, value in variables.items() if name not in blocks}
    np.testing.assert_allclose(
        jax.jit(deep.apply)({"params": variables}, samples).mean,
        jax.jit(plain.apply)({"params": without}, samples).mean,
        rtol=1e-5,
    )
