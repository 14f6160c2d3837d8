"""A model whose answers are known: particle tokens decoded as they are."""

import dataclasses

import jax
import numpy as np
import pytest

from lcpjax.evaluation.reconstruction.model_errors import errors_of_model
from lcpjax.model import VAE, Likelihood, StandardNormal, initial_variables
from lcpjax.model.particle_tokens import ParticleTokenDecoder, ParticleTokenEncoder
from lcpjax.representation import Representation, learn_normalisation
from lcpjax.system import System
from lcpjax.trained_model import TrainedModel
from lcpjax.training import ModelSetting

NOISE, NUM_PARTICLES = 0.02, 6
REPRESENTATION = Representation("coordinates", "height")


@pytest.fixture(scope="module")
def ordered():
    return REPRESENTATION.order(jax.random.uniform(jax.random.key(0), (100, NUM_PARTICLES, 2)) * 10.0)


@pytest.fixture(scope="module")
def model():
    encoder, decoder = ParticleTokenEncoder(2 * NUM_PARTICLES, NOISE), ParticleTokenDecoder(8)
    likelihood = Likelihood("shared", initial_scale=NOISE, min_scale=1e-3)
    return VAE(encoder, decoder, StandardNormal(2 * NUM_PARTICLES), (NUM_PARTICLES, 2), likelihood)


@pytest.fixture(scope="module")
def trained(model, ordered):
    variables = initial_variables(model, jax.random.key(1), learn_normalisation(ordered))
    setting = ModelSetting(kl_weight=1.0, latent_dim=2 * NUM_PARTICLES, seed=0)
    return TrainedModel("tokens", model, REPRESENTATION, variables, setting, System(NUM_PARTICLES), batch_size=64)


def errors(trained, ordered, **changes):
    return errors_of_model(dataclasses.replace(trained, **changes), ordered, jax.random.key(2))


def test_tokens_are_decoded_as_they_are_at_first(trained, ordered):
    found = errors(trained, ordered)
    # Rounding of coordinates up to 10 through the normalisation and back.
    assert float(found.rmsd.max()) < 1e-5
    squared = np.asarray(found.sample_rmsd, np.float64) ** 2
    expected, error = 2 * NOISE**2, squared.std(ddof=1) / len(squared) ** 0.5
    assert abs(squared.mean() - expected) < 4.3 * error
    assert float(found.triangle_violations.max()) == 0.0
    np.testing.assert_allclose(found.rank_two_fraction, 1.0, atol=1e-5)


def test_an_autoencoder_is_evaluated_without_noise(trained, ordered):
    found = errors(trained, ordered, setting=trained.setting._replace(kl_weight=0.0))
    assert (found.sample_mse == found.mse).all()


def test_every_configuration_counts_once_however_many_go_at_a_time(trained, ordered):
    for batch_size in (7, 100, 1000):
        found = errors(trained, ordered, batch_size=batch_size)
        assert all(len(leaf) == 100 for leaf in found)
        np.testing.assert_allclose(found.kl_nats, errors(trained, ordered).kl_nats, rtol=1e-5)
