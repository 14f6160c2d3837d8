"""Imputations by a model of which everything is known: distances that move together along one Gaussian latent."""

import jax
import jax.numpy as jnp
import numpy as np
from flax import linen as nn

from lcpjax.evaluation.imputation import importance_imputations, passed_through, pseudo_gibbs
from lcpjax.model import VAE, Posterior, StandardNormal
from lcpjax.model.sample_kinds import NORMALISED, REDUCED_UNITS, VECTOR
from lcpjax.representation import Representation
from lcpjax.system import System
from lcpjax.trained_model import TrainedModel
from lcpjax.training import ModelSetting

MIDDLE = jnp.array([[0.0, 3.0, 5.0], [3.0, 0.0, 4.0], [5.0, 4.0, 0.0]])
ALONG = jnp.array([[0.0, 0.5, 0.8], [0.5, 0.0, 0.3], [0.8, 0.3, 0.0]])
SCALE = jnp.float32(0.2)
DISTANCES = (MIDDLE + 1.2 * ALONG)[None]
OBSERVED = jnp.ones((1, 3, 3), bool).at[0, 0, 2].set(False).at[0, 2, 0].set(False)


class PriorEncoder(nn.Module):
    """Q(z | x) = N(0, 1), whatever it sees: importance has all to do."""

    latents, takes = VECTOR, NORMALISED

    @nn.compact
    def __call__(self, matrices):
        return Posterior(jnp.zeros((len(matrices), 1)), jnp.zeros((len(matrices), 1)))


class ExactEncoder(nn.Module):
    """The posterior of z given a whole matrix of this model, each distance once."""

    latents, takes = VECTOR, REDUCED_UNITS

    @nn.compact
    def __call__(self, matrices):
        precision = 1 + jnp.sum(jnp.triu(ALONG) ** 2) / SCALE**2
        fit = jnp.sum(jnp.triu(ALONG)[None] * (matrices - MIDDLE[None]), axis=(1, 2)) / SCALE**2
        return Posterior((fit / precision)[:, None], jnp.full((len(matrices), 1), -jnp.log(precision)))


class LineDecoder(nn.Module):
    gives, latents = REDUCED_UNITS, VECTOR

    @nn.compact
    def __call__(self, latent):
        return MIDDLE[None] + latent[:, :, None] * ALONG[None]


def _model(encoder):
    model = VAE(encoder, LineDecoder(), StandardNormal(1), (3, 3))
    variables = {"params": {}, "normalisation": {"mean": MIDDLE, "scale": jnp.float32(1.0)}}
    # The lambda that stands for this scale.
    setting = ModelSetting(kl_weight=2 * float(SCALE) ** 2 / 9, latent_dim=1, seed=0)
    return TrainedModel("line", model, Representation("distance_matrix"), variables, setting, System(3), batch_size=64)


def _exact():
    """Mean and standard deviation of the missing distance given the other two."""
    slopes, values = np.array([0.5, 0.3]), np.array([1.2 * 0.5, 1.2 * 0.3])
    precision = 1 + np.sum(slopes**2) / 0.2**2
    mean = np.sum(slopes * values) / 0.2**2 / precision
    return 5.0 + 0.8 * mean, np.sqrt(0.8**2 / precision + 0.2**2)


def _agrees(draws, effective):
    mean, deviation = _exact()
    # Of the mean and of the standard deviation, in standard errors.
    return (
        abs(draws.mean() - mean) < 4 * deviation / np.sqrt(effective),
        abs(draws.std() - deviation) < 4 * deviation / np.sqrt(2 * effective),
    )


def test_importance_draws_follow_the_exact_conditional_whatever_the_encoder():
    many = jnp.repeat(DISTANCES, 50, axis=0), jnp.repeat(OBSERVED, 50, axis=0)
    found = importance_imputations(_model(PriorEncoder()), *many, jax.random.key(1), 20, 60)
    draws = np.asarray(found.distances).reshape(-1, 3, 3)
    fraction = float(found.effective_fraction.mean())
    assert 0.05 < fraction < 0.9
    assert all(_agrees(draws[:, 0, 2], min(50 * 20, 50 * 60 * fraction)))
    np.testing.assert_array_equal(draws[:, 0, 1], DISTANCES[0, 0, 1])
    # A rounding of 6 sigma: the two halves may be compiled in different ways.
    np.testing.assert_allclose(draws[:, 0, 2], draws[:, 2, 0], atol=1e-6)


def test_without_weights_they_do_not():
    many = jnp.repeat(DISTANCES, 500, axis=0), jnp.repeat(OBSERVED, 500, axis=0)
    found = importance_imputations(_model(PriorEncoder()), *many, jax.random.key(1), 2, 1)
    assert not all(_agrees(np.asarray(found.distances)[:, :, 0, 2], 500))


def test_pseudo_gibbs_forgets_where_it_began_where_the_encoder_is_exact():
    first = jnp.full((1, 3, 3), 9.0)
    given = _model(ExactEncoder()), DISTANCES, OBSERVED, first, jax.random.key(2), 1000
    assert all(_agrees(np.asarray(pseudo_gibbs(*given, 30).distances)[:, 0, 0, 2], 1000))
    assert not all(_agrees(np.asarray(pseudo_gibbs(*given, 1).distances)[:, 0, 0, 2], 1000))


def test_one_pass_sees_nothing_of_what_is_missing_and_keeps_what_is_observed():
    model = _model(ExactEncoder())
    found = passed_through(model, DISTANCES, OBSERVED)
    other = passed_through(model, DISTANCES.at[0, 0, 2].set(7.0).at[0, 2, 0].set(7.0), OBSERVED)
    np.testing.assert_array_equal(found, other)
    np.testing.assert_array_equal(np.where(OBSERVED, found, 0.0), np.where(OBSERVED, DISTANCES, 0.0))
