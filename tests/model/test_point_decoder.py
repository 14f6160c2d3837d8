"""Point decoders give distances of points in the plane, whatever their parameters."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lcpjax.model import NetworkSizes, SampleLayout, build_decoder
from lcpjax.model.point_decoder import rows_of_places
from lcpjax.representation import REPRESENTATIONS
from tests.model.random_parameters import random_parameters

NUM_PARTICLES, BOX_SIDE = 9, 6.0
SIZES = NetworkSizes(channels=(4, 8), kernel_size=3, width=16, depth=1, num_heads=2, num_queries=2)
POINT_DECODERS = ("point_perceptron", "point_residual_perceptron", "point_set_transformer")


def decoder_of(name, representation="distance_matrix"):
    return build_decoder(name, SampleLayout(representation, NUM_PARTICLES, BOX_SIDE), SIZES)


def latents():
    return jax.random.normal(jax.random.key(2), (4, 5))


def distances_of(name):
    decoder = decoder_of(name)
    # Compiled, as in use: fused arithmetic rounds otherwise than one operation after another.
    return np.asarray(jax.jit(decoder.apply)(random_parameters(decoder, latents()), latents()), np.float64)


def third_eigenvalue(distances):
    """Of the Gram matrix, in absolute value, as a fraction of the largest: 0 for points in the plane."""
    centring = np.eye(distances.shape[-1]) - 1.0 / distances.shape[-1]
    eigenvalues = np.sort(np.abs(np.linalg.eigvalsh(-0.5 * centring @ distances**2 @ centring)), axis=-1)
    return eigenvalues[:, -3] / eigenvalues[:, -1]


def largest_excess(distances):
    """By how much a side of a triangle is longer than the other two together, in sigma."""
    # Axes i, j, k: from i by way of j to k.
    detours = distances[:, :, :, None] + distances[:, None, :, :]
    return float((distances[:, :, None, :] - detours).max())


@pytest.mark.parametrize("name", POINT_DECODERS)
def test_distances_are_those_of_points_in_the_plane(name):
    distances = distances_of(name)
    np.testing.assert_array_equal(distances, distances.transpose(0, 2, 1))
    assert (np.diagonal(distances, axis1=1, axis2=2) == 0).all()
    # Distances of order 10 in single precision: 1e-6 each, squared and summed.
    assert third_eigenvalue(distances).max() < 1e-5
    assert largest_excess(distances) < 1e-5


def test_those_of_a_perceptron_are_not():
    distances = distances_of("perceptron")
    assert np.abs(distances - distances.transpose(0, 2, 1)).max() > 0.1
    assert third_eigenvalue(distances).min() > 1e-2
    assert largest_excess(distances) > 0.1


@pytest.mark.parametrize("representation", REPRESENTATIONS)
def test_a_sample_is_the_representation_of_the_coordinates(representation):
    decoder = decoder_of("point_perceptron", representation)
    variables = random_parameters(decoder, latents())
    coordinates = decoder.apply(variables, latents(), method="coordinates")
    assert coordinates.shape == (4, NUM_PARTICLES, 2)
    expected = REPRESENTATIONS[representation].represent(coordinates, BOX_SIDE)
    np.testing.assert_allclose(decoder.apply(variables, latents()), expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("representation", REPRESENTATIONS)
def test_gradients_are_finite_where_particles_coincide(representation):
    decoder = decoder_of("point_perceptron", representation)
    together = jax.tree.map(jnp.zeros_like, random_parameters(decoder, latents()))
    coordinates = decoder.apply(together, latents(), method="coordinates")
    np.testing.assert_array_equal(coordinates, jnp.zeros((4, NUM_PARTICLES, 2)))
    gradient = jax.jit(jax.grad(lambda params: jnp.sum((decoder.apply(params, latents()) - 1.0) ** 2)))(together)
    assert all(np.isfinite(leaf).all() for leaf in jax.tree.leaves(gradient))


@pytest.mark.parametrize("name", ["point_perceptron", "point_residual_perceptron"])
def test_particles_begin_spread_over_the_box_from_the_lowest_up(name):
    layout = SampleLayout("coordinates", 30, BOX_SIDE)
    decoder = build_decoder(name, layout, SIZES)
    samples, _ = jax.jit(decoder.init_with_output)(jax.random.key(0), latents())
    mean = samples.mean(axis=0)
    assert float(jnp.corrcoef(mean[:, 1], jnp.arange(30.0))[0, 1]) > 0.7
    np.testing.assert_allclose(mean.mean(axis=0), BOX_SIDE / 2, atol=0.2 * BOX_SIDE)
    assert float(jnp.std(mean, axis=0).min()) > 0.2 * BOX_SIDE


@pytest.mark.parametrize("num_particles", [1, 2, 7, 30])
def test_places_are_inside_the_box_and_apart(num_particles):
    places = np.asarray(rows_of_places(num_particles, BOX_SIDE))
    assert places.shape == (num_particles, 2)
    assert ((places > 0) & (places < BOX_SIDE)).all()
    assert len({tuple(place) for place in places.tolist()}) == num_particles
