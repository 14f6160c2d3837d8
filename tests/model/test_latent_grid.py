"""Latents of sites: local both ways, and refused where they do not fit."""

import jax
import jax.numpy as jnp
import pytest

from lcpjax.errors import InputError
from lcpjax.model import ImageLayout, NetworkSizes, SampleLayout, build_decoder, build_encoder
from lcpjax.model.convolutional import depth_to_space
from lcpjax.model.latent_grid import space_to_depth

SIZES = NetworkSizes(channels=(8,), kernel_size=3, width=8, depth=1)
LAYOUT = ImageLayout((8, 8, 3))
LATENTS = 64


def test_squares_of_pixels_come_back_from_channels():
    images = jax.random.normal(jax.random.key(0), (2, 4, 6, 3))
    assert bool((depth_to_space(space_to_depth(images)) == images).all())


def test_a_changed_pixel_changes_only_the_latents_of_sites_near_it():
    encoder = build_encoder("latent_grid", LAYOUT, LATENTS, SIZES)
    images = jax.random.normal(jax.random.key(0), (1, 8, 8, 3))
    variables = encoder.init(jax.random.key(1), images)
    moved = encoder.apply(variables, images.at[0, 0, 0].add(1.0))
    changes = jnp.abs(moved.mean - encoder.apply(variables, images).mean).reshape(4, 4, 4).sum(axis=-1)
    assert bool((changes[:2, :2] > 0).all())
    assert float(changes[2:].sum() + changes[:, 2:].sum()) == 0.0


def test_a_changed_latent_changes_only_pixels_near_its_site():
    decoder = build_decoder("latent_grid", LAYOUT, SIZES)
    latent = jax.random.normal(jax.random.key(0), (1, LATENTS))
    variables = decoder.init(jax.random.key(1), latent)
    change = jnp.abs(decoder.apply(variables, latent.at[0, 0].add(1.0)) - decoder.apply(variables, latent))[0]
    assert change.shape == (8, 8, 3)
    assert float(change[:2, :2].min()) > 0
    assert float(change[6:].sum() + change[:, 6:].sum()) == 0.0


@pytest.mark.parametrize("name", ["latent_grid", "convolutional"])
@pytest.mark.parametrize("shape", [(8, 8), (8, 8, 3)])
def test_images_with_and_without_channels_are_read_and_written(name, shape):
    layout = ImageLayout(shape)
    encoder, decoder = build_encoder(name, layout, LATENTS, SIZES), build_decoder(name, layout, SIZES)
    posterior, _ = encoder.init_with_output(jax.random.key(0), jnp.zeros((2, *shape)))
    images, _ = decoder.init_with_output(jax.random.key(0), jnp.zeros((2, LATENTS)))
    assert (posterior.mean.shape, images.shape) == ((2, LATENTS), (2, *shape))


def test_images_that_do_not_halve_and_latents_that_no_site_shares_are_refused():
    with pytest.raises(InputError, match=r"1 level.* need images whose side 2 divides, not 7"):
        build_encoder("latent_grid", ImageLayout((7, 7)), LATENTS, SIZES)
    with pytest.raises(InputError, match="latent_dim = 60: must be a multiple of the 16 sites"):
        build_encoder("latent_grid", LAYOUT, 60, SIZES)
    with pytest.raises(InputError, match="works on square images"):
        build_encoder("latent_grid", SampleLayout("distance_matrix", 8, 10.0), LATENTS, SIZES)
