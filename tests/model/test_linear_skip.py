import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lcpjax.errors import InputError
from lcpjax.evaluation.reconstruction.linear_code import learn_linear_code, linear_code_errors
from lcpjax.model import VAE, NetworkSizes, SampleLayout, StandardNormal, build_decoder, build_encoder, skipping
from lcpjax.representation import Representation
from lcpjax.training import evaluate, initial_state
from tests.training.small_models import model_of, plan

LATENT_DIM, REPRESENTATION = 3, Representation("coordinates", "height")
LAYOUT, SIZES = SampleLayout("coordinates", 6, 10.0), NetworkSizes((4,), 3, 8, 1, knows_order=True)


@pytest.fixture(scope="module")
def ordered():
    return REPRESENTATION.order(jax.random.uniform(jax.random.key(0), (200, 6, 2)) * 10.0)


def model(latent_dim=LATENT_DIM, encoder="perceptron", decoder="perceptron"):
    networks = build_encoder(encoder, LAYOUT, latent_dim, SIZES), build_decoder(decoder, LAYOUT, SIZES)
    return VAE(*skipping(*networks), StandardNormal(latent_dim), LAYOUT.shape)


@pytest.mark.parametrize(
    "networks", [("perceptron", "perceptron"), ("set_transformer", "neighbours"), ("set_transformer", "perceptron")]
)
def test_training_begins_at_principal_components(ordered, networks):
    fit = plan(model(LATENT_DIM, *networks), representation=REPRESENTATION, num_normalisation_configurations=200)
    terms = evaluate(fit, initial_state(fit, model_of(), ordered).variables, jnp.float32(0.0), ordered)
    linear = linear_code_errors(learn_linear_code(REPRESENTATION, ordered), REPRESENTATION, ordered, LATENT_DIM)
    np.testing.assert_allclose(terms.mse, linear.mse, rtol=1e-4)


def test_latents_have_variance_one_at_first_and_those_beyond_the_entries_are_silent(ordered):
    wide = model(latent_dim=15)
    fit = plan(wide, representation=REPRESENTATION)
    variables = initial_state(fit, model_of(), ordered).variables
    means = wide.apply(variables, ordered, method=VAE.encode).mean
    np.testing.assert_allclose(jnp.var(means, axis=0)[:12], 1.0, rtol=1e-3)
    assert float(jnp.abs(means[:, 12:]).max()) == 0.0


@pytest.mark.parametrize("networks", [("perceptron", "point_perceptron"), ("particle_tokens", "particle_tokens")])
def test_points_first_and_particle_tokens_have_no_linear_code_added(networks):
    with pytest.raises(InputError, match="linear_skip = true: not for particle tokens or decoders that make"):
        model(12, *networks)


def test_a_linear_code_knows_the_order_and_so_must_the_network_added_to_it():
    encoder = build_encoder("set_transformer", LAYOUT, LATENT_DIM, SIZES._replace(knows_order=False))
    with pytest.raises(InputError, match="knows_order must be true"):
        skipping(encoder, build_decoder("neighbours", LAYOUT, SIZES))
