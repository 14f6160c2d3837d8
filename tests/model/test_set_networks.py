"""Set transformers: which orders of particles change what they say."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lcpjax.model import NetworkSizes, SampleLayout, build_decoder, build_encoder
from lcpjax.model.radial_basis import radial_basis
from lcpjax.representation import Representation
from tests.model.random_parameters import random_parameters

NUM_PARTICLES, BOX_SIDE = 7, 6.0
SIZES = NetworkSizes(channels=(4,), kernel_size=3, width=16, depth=1, num_heads=2, num_queries=3)
REPRESENTATIONS = ("coordinates", "distance_matrix", "anchored_distances")
# Sums over particles in another order: some hundred roundings of numbers of order 1.
ROUNDING = 2e-5
# Far above that.
SEEN = 1e-3


def positions(batch=3):
    return jax.random.uniform(jax.random.key(0), (batch, NUM_PARTICLES, 2)) * BOX_SIDE


@functools.cache
def posterior_mean(representation, name, **choices):
    """From positions to the posterior mean of one encoder, compiled."""
    about = Representation(representation, box_side=BOX_SIDE)
    layout = SampleLayout(representation, NUM_PARTICLES, BOX_SIDE)
    encoder = build_encoder(name, layout, 4, SIZES._replace(**choices))
    variables = random_parameters(encoder, about.represent(positions()))
    return jax.jit(lambda points: encoder.apply(variables, about.represent(points)).mean)


def change_of_the_mean(representation, move, name="set_transformer", **choices):
    """The largest change of a posterior mean when the positions are moved before they are represented."""
    mean = posterior_mean(representation, name, **choices)
    return float(jnp.max(jnp.abs(mean(move(positions())) - mean(positions()))))


def relabel(points):
    return points[:, jnp.array([3, 1, 6, 0, 5, 2, 4])]


def mirror(points):
    return points.at[..., 0].set(BOX_SIDE - points[..., 0])


@pytest.mark.parametrize("representation", REPRESENTATIONS)
def test_relabelling_particles_leaves_the_posterior_as_it_is(representation):
    assert change_of_the_mean(representation, relabel) < ROUNDING


def test_an_encoder_that_knows_the_order_sees_a_relabelling():
    assert change_of_the_mean("distance_matrix", relabel, knows_order=True) > SEEN


def test_so_does_a_perceptron():
    assert change_of_the_mean("coordinates", relabel, name="perceptron") > SEEN


@pytest.mark.parametrize(("representation", "sees_it"), [*zip(REPRESENTATIONS, (True, False, True), strict=True)])
def test_a_mirror_image_is_seen_wherever_the_frame_is_kept(representation, sees_it):
    change = change_of_the_mean(representation, mirror)
    assert (change > SEEN) if sees_it else (change < ROUNDING)


def test_every_particle_counts():
    nudged = [change_of_the_mean("coordinates", lambda p, i=i: p.at[:, i].add(0.3)) for i in range(NUM_PARTICLES)]
    assert min(nudged) > SEEN


def decoded_after(permute):
    """Two decodings of one latent: of the decoder with permuted queries, and of the decoder as it was."""
    decoder = build_decoder("set_transformer", SampleLayout("coordinates", NUM_PARTICLES, BOX_SIDE), SIZES)
    latent = jax.random.normal(jax.random.key(2), (3, 4))
    params = random_parameters(decoder, latent)["params"]
    permuted = params | {"queries": permute(params["queries"])}
    decode = jax.jit(decoder.apply)
    return decode({"params": permuted}, latent), decode({"params": params}, latent)


def test_queries_in_another_order_give_the_same_particles_in_that_order():
    permuted, plain = decoded_after(lambda queries: queries[::-1])
    np.testing.assert_allclose(permuted, plain[:, ::-1], atol=ROUNDING)
    assert float(jnp.max(jnp.abs(permuted - plain))) > SEEN


def test_particles_of_equal_queries_are_in_one_place_and_of_others_are_not():
    equal, plain = decoded_after(lambda queries: queries.at[1].set(queries[0]))
    np.testing.assert_allclose(equal[:, 0], equal[:, 1], atol=ROUNDING)
    assert float(jnp.max(jnp.abs(plain[:, 0] - plain[:, 1]))) > SEEN


def test_radial_functions_peak_one_after_another_from_zero_to_the_furthest_distance():
    basis = radial_basis(jnp.array([0.0, 12.0]), 12.0)
    assert basis.argmax(axis=-1).tolist() == [0, 15]
    np.testing.assert_allclose([basis[0, 0], basis[1, 15]], 1.0, rtol=1e-5)
