"""Codes refined for decoders whose best codes are known."""

import flax.linen as nn
import jax
import numpy as np
import pytest

from lcpjax.errors import InputError
from lcpjax.evaluation.reconstruction.refined_codes import refine_codes
from lcpjax.model import VAE, Likelihood, StandardNormal, initial_variables
from lcpjax.model.particle_tokens import ParticleTokenDecoder, ParticleTokenEncoder
from lcpjax.model.perceptron import Perceptron, PerceptronDecoder, PerceptronEncoder
from lcpjax.model.sample_kinds import ANYTHING, REDUCED_UNITS, VECTOR
from lcpjax.representation import Representation, learn_normalisation
from lcpjax.system import System
from lcpjax.trained_model import TrainedModel
from lcpjax.training import ModelSetting

NUM_PARTICLES, LATENTS = 4, 3
REPRESENTATION = Representation("coordinates", "height")
ORDERED = REPRESENTATION.order(jax.random.uniform(jax.random.key(0), (70, NUM_PARTICLES, 2)) * 10.0)


def model_of(encoder, decoder, latent_dim=LATENTS):
    likelihood = Likelihood("shared", initial_scale=0.1, min_scale=1e-3)
    model = VAE(encoder, decoder, StandardNormal(latent_dim), (NUM_PARTICLES, 2), likelihood)
    variables = initial_variables(model, jax.random.key(1), learn_normalisation(ORDERED))
    setting = ModelSetting(kl_weight=1.0, latent_dim=latent_dim, seed=0)
    return TrainedModel("by hand", model, REPRESENTATION, variables, setting, System(NUM_PARTICLES), batch_size=64)


class LinearDecoder(nn.Module):
    """Samples that are linear in the latents."""

    works_on = ANYTHING
    latents = VECTOR
    gives = REDUCED_UNITS

    @nn.compact
    def __call__(self, latent):
        return nn.Dense(2 * NUM_PARTICLES)(latent).reshape(-1, NUM_PARTICLES, 2)


def untrained(decoder):
    """An encoder that knows nothing of its decoder."""
    return model_of(PerceptronEncoder(LATENTS, Perceptron(16, depth=1)), decoder)


def squared_errors(model, latent):
    difference = np.asarray(model.decode(latent), np.float64) - np.asarray(ORDERED, np.float64)
    return (difference**2).reshape(len(difference), -1).sum(axis=1)


def test_codes_of_a_linear_decoder_become_those_of_least_squares():
    model = untrained(LinearDecoder())
    zero = np.asarray(model.decode(np.zeros((1, LATENTS), np.float32)), np.float64).reshape(-1)
    slopes = np.asarray(model.decode(np.eye(LATENTS, dtype=np.float32)), np.float64).reshape(LATENTS, -1) - zero
    wanted = np.asarray(ORDERED, np.float64).reshape(len(ORDERED), -1) - zero
    exact = np.linalg.lstsq(slopes.T, wanted.T, rcond=None)[0].T
    # A step leaves its damping, 1e-3 and then a third each time, of what is missing; single precision the rest.
    found = refine_codes(model, ORDERED, 12)
    np.testing.assert_allclose(found, exact, atol=1e-4 * np.abs(exact).max())
    start = np.asarray(model.posterior(ORDERED).mean)
    assert np.abs(start - exact).max() > 0.1 * np.abs(exact).max()


def test_no_step_raises_an_error_and_some_of_many_lower_it():
    model = untrained(PerceptronDecoder((NUM_PARTICLES, 2), Perceptron(16, depth=2)))
    before, *after = (squared_errors(model, refine_codes(model, ORDERED, steps)) for steps in (0, 4, 16))
    np.testing.assert_array_equal(before, squared_errors(model, model.posterior(ORDERED).mean))
    for earlier, later in zip([before, *after], after, strict=False):
        # Errors are decoded in other batches here, and round differently.
        assert (later <= earlier * (1 + 1e-5)).all()
    # A step that is too long is tried again, shorter, by the next one.
    assert (after[-1] < 0.99 * before).mean() > 0.9


def test_codes_that_are_no_vector_and_steps_backwards_are_refused():
    tokens = model_of(ParticleTokenEncoder(2 * NUM_PARTICLES, 0.02), ParticleTokenDecoder(8), 2 * NUM_PARTICLES)
    with pytest.raises(InputError, match="by hand: its code is no vector of latents"):
        refine_codes(tokens, ORDERED, 1)
    with pytest.raises(InputError, match="num_steps = -1: must be at least 0"):
        refine_codes(untrained(LinearDecoder()), ORDERED, -1)
